"""Pydantic AI through the gateway: its four models, each in front of each of the four providers."""
import functools

import pytest
from anthropic import AsyncAnthropic
from conftest import EMBEDDING, NAMES, STRUCTURED, THINKING, lacks
from google.genai import Client, types
from material import PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, Meeting, png
from openai import AsyncOpenAI
from pydantic_ai import Agent, BinaryContent, Embedder, ModelHTTPError, NativeOutput
from pydantic_ai.embeddings.google import GoogleEmbeddingModel
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

CLIENT = "Pydantic AI, {face}"


@functools.cache
def openai_provider(url):
    return OpenAIProvider(openai_client=AsyncOpenAI(base_url=url + "/v1", api_key="unused", max_retries=0, timeout=30))


@functools.cache
def anthropic_provider(url):
    return AnthropicProvider(anthropic_client=AsyncAnthropic(base_url=url, api_key="unused", max_retries=0, timeout=30))


@functools.cache
def google_provider(url):
    options = types.HttpOptions(base_url=url, timeout=30_000)
    return GoogleProvider(client=Client(api_key="unused", vertexai=False, http_options=options))


FACES = {
    "OpenAIChatModel": (OpenAIChatModel, openai_provider),
    "OpenAIResponsesModel": (OpenAIResponsesModel, openai_provider),
    "AnthropicModel": (AnthropicModel, anthropic_provider),
    "GoogleModel": (GoogleModel, google_provider),
}


@pytest.fixture(params=FACES)
def face(request):
    return request.param


@pytest.fixture
def agent_of(demo, face):
    kind, provider_of = FACES[face]
    return lambda model, able={}, **more: Agent(kind(model, provider=provider_of(demo.url), **able), **more)


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


@pytest.mark.feature("chat")
async def test_chat(agent_of, face, provider, model):
    first = await agent_of(model, instructions="Answer briefly.").run(PROMPT)
    assert first.output == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert first.usage.input_tokens > 0 and first.usage.output_tokens > 0
    second = await agent_of(model).run("And the hills?", message_history=first.all_messages())
    assert second.output.endswith("And the hills?")


@pytest.mark.feature("stream")
async def test_stream(agent_of, face, provider, model):
    async with agent_of(model).run_stream(PROMPT) as run:
        pieces = [piece async for piece in run.stream_text(delta=True, debounce_by=None)]
    assert len(pieces) > 2
    assert "".join(pieces) == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"


@pytest.mark.feature("tools")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_tool_loop(agent_of, face, provider, streamed):
    """With a model that shows its thoughts, which go back with the results."""
    agent = agent_of(THINKING[provider], tools=[get_weather])
    if streamed:
        async with agent.run_stream(PARALLEL_PROMPT) as run:
            output = await run.get_output()
            history = run.all_messages()
    else:
        run = await agent.run(PARALLEL_PROMPT)
        output, history = run.output, run.all_messages()
    assert "18 degrees in Oslo" in output and "18 degrees in Rome" in output
    assert (await agent.run(PROMPT, message_history=history)).output.endswith(PROMPT)


@pytest.mark.feature("agent")
async def test_agent_that_asks_another(agent_of, face, provider, model):
    """With a model that shows its thoughts, whose tool is an agent of its own."""
    agent, expert = agent_of(THINKING[provider]), agent_of(model)

    @agent.tool_plain
    async def ask_weather_expert(city: str) -> str:
        """The weather in a city, from somebody who knows."""
        return (await expert.run(f"Look out of the window in {city}.")).output

    run = await agent.run("The weather in Oslo?")
    assert "The tools answered: ask_weather_expert: " in run.output
    assert f"This is {NAMES[provider]} (simulated). You said: Look out of the window in Oslo." in run.output


@pytest.mark.feature("image")
async def test_image(agent_of, face, provider, model):
    run = await agent_of(model).run(["What is this?", BinaryContent(png(), media_type="image/png")])
    assert f"an image (image/png, {len(png())} bytes)" in run.output


async def check_embeddings(embedder, provider):
    if lacks(provider, "embeddings"):
        with pytest.raises(ModelHTTPError):
            await embedder.embed_documents(["One", "Two"])
        return
    one, two = (await embedder.embed_documents(["One", "Two"])).embeddings
    assert len(one) == len(two) > 8 and one != two


@pytest.mark.feature("embeddings", client="Pydantic AI, OpenAIEmbeddingModel")
async def test_embeddings(demo, provider, model):
    await check_embeddings(Embedder(OpenAIEmbeddingModel(EMBEDDING.get(provider, model), provider=openai_provider(demo.url))), provider)


@pytest.mark.feature("embeddings", client="Pydantic AI, GoogleEmbeddingModel")
async def test_embeddings_of_google(demo, provider, model):
    await check_embeddings(Embedder(GoogleEmbeddingModel(EMBEDDING.get(provider, model), provider=google_provider(demo.url))), provider)


@pytest.mark.feature("structured output")
@pytest.mark.parametrize("way", [lambda kind: kind, NativeOutput], ids=["tool", "native"])
async def test_structured_output(agent_of, face, provider, way):
    # It knows which of Anthropic's models keep to a schema, and not that behind a gateway others do.
    able = {"profile": ModelProfile(supports_json_schema_output=True)} if face == "AnthropicModel" else {}
    run = await agent_of(STRUCTURED[provider], able, output_type=way(Meeting)).run(SCHEMA_PROMPT)
    assert isinstance(run.output, Meeting)
