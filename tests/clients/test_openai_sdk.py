"""OpenAI's Python SDK, unchanged but for its base URL: every test for each of the four providers, both base URLs, sync and async."""
import base64
import json

import openai
import pytest
from both_ways import drained, settled
from conftest import MODELS, NAMES, kept
from material import LONG_TEXT, MEETING_SCHEMA, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRICT, WEATHER_TOOL, Meeting, png

CLIENT = "OpenAI Python, {flavour}"


class Sdk:
    """The sync and the async client behind one face, so that each test is written once."""

    def __init__(self, flavour, url, max_retries=0):
        make = openai.OpenAI if flavour == "sync" else openai.AsyncOpenAI
        self.client = make(base_url=url, api_key="unused", max_retries=max_retries, timeout=30)
        self.chat = self.client.chat.completions

    async def call(self, method, **arguments):
        return await settled(method(**arguments))

    async def create(self, **arguments):
        return await self.call(self.chat.create, **arguments)

    async def chunks(self, **arguments):
        return await drained(self.chat.create(stream=True, **arguments))

    async def listed(self, pages):
        return (await settled(pages)).data

    async def aclose_here(self):
        await settled(self.client.close())


@pytest.fixture
def sdk(demo, flavour, base):
    return kept(Sdk, flavour, demo.url + base)


def user(content):
    return {"role": "user", "content": content}


def text_of(chunks):
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def finish_of(chunks):
    return [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason]


def cached_in(usage):
    return (usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens) or 0


def calls_of(chunks):
    """Tool calls put together from their deltas, as the SDK's documentation says: by index."""
    calls = {}
    for chunk in chunks:
        for delta in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            call = calls.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
            call["id"] += delta.id or ""
            call["name"] += delta.function.name or ""
            call["arguments"] += delta.function.arguments or ""
    return [calls[index] for index in sorted(calls)]


@pytest.mark.feature("chat")
async def test_chat(sdk, provider, model):
    raw = await sdk.call(sdk.chat.with_raw_response.create, model=model, messages=[user(PROMPT)])
    completion = raw.parse()
    assert raw.headers["x-smg-provider"] == provider
    assert raw.headers["x-request-id"]
    assert completion.object == "chat.completion"
    assert completion.model.startswith(model)
    assert completion.choices[0].finish_reason == "stop"
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[0].message.content == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert completion.usage.prompt_tokens > 0
    assert completion.usage.total_tokens >= completion.usage.prompt_tokens + completion.usage.completion_tokens > 0


@pytest.mark.feature("conversation")
async def test_conversation_with_a_system_message(sdk, provider, model):
    messages = [
        {"role": "system", "content": "Answer briefly."},
        user("Hello"),
        {"role": "assistant", "content": "Hello!"},
        user([{"type": "text", "text": "How are "}, {"type": "text", "text": "you?"}]),
    ]
    completion = await sdk.create(model=model, messages=messages, temperature=0.7, max_completion_tokens=500)
    assert "you?" in completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop"


@pytest.mark.feature("limits")
async def test_limit_of_tokens(sdk, provider, model):
    completion = await sdk.create(model=model, messages=[user("simulate:tokens=400")], max_tokens=20)
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens >= 1


@pytest.mark.feature("stream")
async def test_stream_says_what_the_whole_answer_says(sdk, provider, model):
    whole = await sdk.create(model=model, messages=[user(PROMPT)])
    chunks = await sdk.chunks(model=model, messages=[user(PROMPT)])
    assert text_of(chunks) == whole.choices[0].message.content
    assert finish_of(chunks) == ["stop"]
    assert len(chunks) > 3
    assert {c.object for c in chunks} == {"chat.completion.chunk"}
    assert len({c.id for c in chunks}) == 1
    assert all(c.usage is None for c in chunks)
    assert all(c.choices for c in chunks)


@pytest.mark.feature("stream usage")
async def test_stream_ends_with_usage_when_asked(sdk, provider, model):
    whole = await sdk.create(model=model, messages=[user(PROMPT)])
    chunks = await sdk.chunks(model=model, messages=[user(PROMPT)], stream_options={"include_usage": True})
    assert chunks[-1].choices == []
    assert chunks[-1].usage.prompt_tokens > 0
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert all(c.usage is None for c in chunks[:-1])


@pytest.mark.feature("stream")
async def test_stream_helper(sdk, provider, model, flavour):
    manager = sdk.chat.stream(model=model, messages=[user(PROMPT)])
    if flavour == "sync":
        with manager as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_completion()
    else:
        async with manager as stream:
            kinds = [event.type async for event in stream]
            final = await stream.get_final_completion()
    assert "content.delta" in kinds and kinds.count("content.done") == 1
    assert final.choices[0].message.content.endswith(PROMPT)
    assert final.choices[0].finish_reason == "stop"


async def answer_with_results(sdk, model, assistant, calls):
    """The second half of a tool round trip: the weather, sent back for each call."""
    results = [{"role": "tool", "tool_call_id": call["id"], "content": f"18 degrees in {json.loads(call['arguments'])['city']}"}
               for call in calls]
    return [user(PARALLEL_PROMPT), assistant, *results], {"model": model, "tools": [WEATHER_TOOL]}


def check_calls(calls):
    assert [call["name"] for call in calls] == ["get_weather", "get_weather"]
    assert [json.loads(call["arguments"])["city"] for call in calls] == ["Oslo", "Rome"]
    assert calls[0]["id"] and calls[1]["id"] and calls[0]["id"] != calls[1]["id"]


@pytest.mark.feature("tools")
async def test_tool_round_trip(sdk, provider, model):
    completion = await sdk.create(model=model, messages=[user(PARALLEL_PROMPT)], tools=[WEATHER_TOOL])
    message = completion.choices[0].message
    assert completion.choices[0].finish_reason == "tool_calls"
    calls = [{"id": c.id, "name": c.function.name, "arguments": c.function.arguments} for c in message.tool_calls]
    check_calls(calls)
    messages, arguments = await answer_with_results(sdk, model, message.model_dump(exclude_none=True), calls)
    answer = await sdk.create(messages=messages, **arguments)
    assert answer.choices[0].finish_reason == "stop"
    assert "18 degrees in Oslo" in answer.choices[0].message.content
    assert "18 degrees in Rome" in answer.choices[0].message.content


@pytest.mark.feature("stream tools")
async def test_streamed_tool_round_trip(sdk, provider, model):
    chunks = await sdk.chunks(model=model, messages=[user(PARALLEL_PROMPT)], tools=[WEATHER_TOOL])
    assert finish_of(chunks) == ["tool_calls"]
    calls = calls_of(chunks)
    check_calls(calls)
    assistant = {"role": "assistant", "content": text_of(chunks) or None, "tool_calls": [
        {"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"]}} for c in calls]}
    messages, arguments = await answer_with_results(sdk, model, assistant, calls)
    answer = await sdk.chunks(messages=messages, **arguments)
    assert finish_of(answer) == ["stop"]
    assert "18 degrees in Oslo" in text_of(answer) and "18 degrees in Rome" in text_of(answer)


@pytest.mark.feature("tool choice")
@pytest.mark.parametrize("choice", ["none", "required", {"type": "function", "function": {"name": "get_weather"}}], ids=["none", "required", "named"])
async def test_tool_choice(sdk, provider, model, choice):
    asked = user("The weather in Oslo?" if choice == "none" else PROMPT)
    completion = await sdk.create(model=model, messages=[asked], tools=[WEATHER_TOOL], tool_choice=choice)
    calls = completion.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls] == ([] if choice == "none" else ["get_weather"])


@pytest.mark.feature("image")
async def test_image(sdk, provider, model):
    picture = png()
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    completion = await sdk.create(model=model, messages=[user(parts)])
    assert f"an image (image/png, {len(picture)} bytes)" in completion.choices[0].message.content


@pytest.mark.feature("structured output")
async def test_structured_output(sdk, provider, model):
    form = {"type": "json_schema", "json_schema": {"name": "meeting", "strict": True, "schema": MEETING_SCHEMA}}
    completion = await sdk.create(model=model, messages=[user(SCHEMA_PROMPT)], response_format=form)
    assert completion.choices[0].finish_reason == "stop"
    assert not completion.choices[0].message.tool_calls
    meeting = json.loads(completion.choices[0].message.content)
    assert meeting.keys() == {"title", "people", "minutes"} and isinstance(meeting["minutes"], int)
    chunks = await sdk.chunks(model=model, messages=[user(SCHEMA_PROMPT)], response_format=form)
    assert json.loads(text_of(chunks)) == meeting
    assert finish_of(chunks) == ["stop"]


@pytest.mark.feature("structured output")
async def test_parse(sdk, provider, model):
    completion = await sdk.call(sdk.chat.parse, model=model, messages=[user(SCHEMA_PROMPT)], response_format=Meeting)
    assert isinstance(completion.choices[0].message.parsed, Meeting)


@pytest.mark.feature("structured output")
async def test_json_object(sdk, provider, model):
    asked = user("Give me JSON.")
    raw = await sdk.call(sdk.chat.with_raw_response.create, model=model, messages=[asked], response_format={"type": "json_object"})
    # Anthropic has no such mode: the model is told, which a simulated one does not understand, and the client learns of it.
    assert ("response_format" in raw.headers.get("x-smg-adjusted-params", "")) == (provider == "anthropic")
    if provider != "anthropic":
        assert isinstance(json.loads(raw.parse().choices[0].message.content), dict)


@pytest.mark.feature("prompt cache")
async def test_prompt_cache(sdk, provider, model):
    system = {"type": "text", "text": LONG_TEXT}
    if provider == "anthropic":  # which keeps what is marked
        system["cache_control"] = {"type": "ephemeral"}
    messages = [{"role": "system", "content": [system]}, user("Hello")]
    first = await sdk.create(model=model, messages=messages)
    assert cached_in(first.usage) == 0
    if provider == "anthropic":
        assert 0 < first.usage.prompt_tokens_details.cache_write_tokens < first.usage.prompt_tokens
    messages += [{"role": "assistant", "content": first.choices[0].message.content}, user(PROMPT)]
    second = await sdk.create(model=model, messages=messages)
    chunks = await sdk.chunks(model=model, messages=messages, stream_options={"include_usage": True})
    assert 0 < cached_in(second.usage) == cached_in(chunks[-1].usage) < second.usage.prompt_tokens


@pytest.mark.feature("adjusted parameters")
async def test_adjusted_parameters(sdk, provider, model):
    """What another API does not have is left out and named, and refused when the client asks for that."""
    asked = {"model": model, "messages": [user(PROMPT)], "seed": 7, "logit_bias": {"50256": -100}}
    left_out = {"anthropic": {"seed", "logit_bias"}, "gemini": {"logit_bias"}}.get(provider, set())
    raw = await sdk.call(sdk.chat.with_raw_response.create, **asked)
    assert set(filter(None, raw.headers.get("x-smg-adjusted-params", "").split(","))) == left_out
    if not left_out:
        assert (await sdk.create(extra_headers=STRICT, **asked)).choices[0].finish_reason == "stop"
        return
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.create(extra_headers=STRICT, **asked)
    assert caught.value.param in left_out


@pytest.mark.feature("reasoning")
async def test_reasoning(sdk, provider):
    model = {"openai": "o4-mini", "anthropic": MODELS["anthropic"], "xai": "grok-3-mini", "gemini": MODELS["gemini"]}[provider]
    asked = {"model": model, "messages": [user(PROMPT)], "reasoning_effort": "high", "max_completion_tokens": 30000}
    whole = await sdk.create(**asked)
    chunks = await sdk.chunks(stream_options={"include_usage": True}, **asked)
    assert whole.choices[0].finish_reason == "stop"
    assert text_of(chunks) == whole.choices[0].message.content
    if provider != "anthropic":  # the simulated one does not count it apart
        assert whole.usage.completion_tokens_details.reasoning_tokens > 0
        assert chunks[-1].usage.completion_tokens_details.reasoning_tokens > 0
    if provider != "openai":  # OpenAI keeps its text to itself
        thoughts = "".join(getattr(c.choices[0].delta, "reasoning_content", None) or "" for c in chunks if c.choices)
        assert thoughts == whole.choices[0].message.reasoning_content != ""


async def test_unknown_model(sdk):
    with pytest.raises(openai.NotFoundError) as caught:
        await sdk.create(model="no-such-model", messages=[user(PROMPT)])
    assert caught.value.code == "model_not_found"
    assert "no-such-model" in caught.value.message


@pytest.mark.parametrize("named", MODELS.values())
async def test_list_of_models(sdk, named):
    models = await sdk.listed(sdk.client.models.list())
    assert named in {model.id for model in models}
    assert {model.object for model in models} == {"model"}
    one = await sdk.call(sdk.client.models.retrieve, model=named)
    assert one.id == named


async def test_models_of_a_key(demo, flavour):
    """A caller's key sees what its provider lists, not what the gateway knows."""
    sdk = Sdk(flavour, demo.url + "/v1")
    sdk.client.api_key = "sk-ant-a-key-of-the-caller"
    try:
        models = await sdk.listed(sdk.client.models.list())
    finally:
        await sdk.aclose_here()
    assert models and all(model.id.startswith("claude-") for model in models)
