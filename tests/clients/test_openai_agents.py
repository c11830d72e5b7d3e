"""OpenAI's Agents SDK through the gateway: both of its models, each in front of each of the four providers."""
import base64
import functools

import pytest
from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, RunConfig, Runner, function_tool
from conftest import NAMES, STRUCTURED, THINKING
from material import PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, Meeting, png
from openai import AsyncOpenAI

CLIENT = "OpenAI Agents, {face}"
FACES = {"Chat Completions": OpenAIChatCompletionsModel, "Responses": OpenAIResponsesModel}
RUN = RunConfig(tracing_disabled=True)


@pytest.fixture(params=FACES)
def face(request):
    return request.param


@functools.cache
def client_of(url):
    return AsyncOpenAI(base_url=url + "/v1", api_key="unused", max_retries=0, timeout=30)


@pytest.fixture
def agent_of(demo, face):
    def make(model, thinks=False, **more):
        # Nothing is kept for it: what a model thinks has to come along, sealed, and go back.
        sealed = ["reasoning.encrypted_content"] if thinks and face == "Responses" else None
        settings = ModelSettings(store=False, include_usage=True, response_include=sealed)
        return Agent(name="tested", model=FACES[face](model=model, openai_client=client_of(demo.url)), model_settings=settings, **more)

    return make


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


@pytest.mark.feature("chat")
async def test_chat(agent_of, face, provider, model):
    agent = agent_of(model, instructions="Answer briefly.")
    first = await Runner.run(agent, PROMPT, run_config=RUN)
    assert first.final_output == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert first.context_wrapper.usage.output_tokens > 0
    second = await Runner.run(agent, [*first.to_input_list(), {"role": "user", "content": "And the hills?"}], run_config=RUN)
    assert second.final_output.endswith("And the hills?")


@pytest.mark.feature("stream")
async def test_stream(agent_of, face, provider, model):
    run = Runner.run_streamed(agent_of(model), PROMPT, run_config=RUN)
    raw = [event.data async for event in run.stream_events() if event.type == "raw_response_event"]
    pieces = [event.delta for event in raw if event.type == "response.output_text.delta"]
    assert len(pieces) > 2
    assert "".join(pieces) == run.final_output == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"


@pytest.mark.feature("tools")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_tool_loop(agent_of, face, provider, streamed):
    """With a model that shows its thoughts, which go back with the results."""
    agent = agent_of(THINKING[provider], thinks=True, tools=[get_weather])
    if streamed:
        run = Runner.run_streamed(agent, PARALLEL_PROMPT, run_config=RUN)
        async for _ in run.stream_events():
            pass
    else:
        run = await Runner.run(agent, PARALLEL_PROMPT, run_config=RUN)
    assert "18 degrees in Oslo" in run.final_output and "18 degrees in Rome" in run.final_output
    more = await Runner.run(agent, [*run.to_input_list(), {"role": "user", "content": PROMPT}], run_config=RUN)
    assert more.final_output.endswith(PROMPT)


@pytest.mark.feature("agent")
async def test_handoff(agent_of, face, provider, model):
    """One agent leaves the conversation to another."""
    expert = agent_of(model, handoff_description="Knows the weather.")
    expert.name = "Weather expert"
    run = await Runner.run(agent_of(THINKING[provider], thinks=True, handoffs=[expert]), "The weather in Oslo?", run_config=RUN)
    assert run.last_agent is expert
    assert run.final_output.startswith(f"This is {NAMES[provider]} (simulated). The tools answered: transfer_to_weather_expert")


@pytest.mark.feature("image")
async def test_image(agent_of, face, provider, model):
    picture = {"type": "input_image", "image_url": "data:image/png;base64," + base64.b64encode(png()).decode(), "detail": "auto"}
    asked = [{"role": "user", "content": [{"type": "input_text", "text": "What is this?"}, picture]}]
    run = await Runner.run(agent_of(model), asked, run_config=RUN)
    assert f"an image (image/png, {len(png())} bytes)" in run.final_output


@pytest.mark.feature("structured output")
async def test_structured_output(agent_of, face, provider):
    run = await Runner.run(agent_of(STRUCTURED[provider], output_type=Meeting), SCHEMA_PROMPT, run_config=RUN)
    assert isinstance(run.final_output, Meeting)
