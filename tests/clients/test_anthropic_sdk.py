"""Anthropic's Python SDK, unchanged but for its base URL: every test for each of the four providers, both base URLs, sync and async."""
import base64

import anthropic
import pytest
from both_ways import drained, opened, settled
from conftest import MODELS, NAMES, STRUCTURED, THINKING, kept
from material import LONG_TEXT, MEETING_SCHEMA, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRICT, WEATHER_TOOL, Meeting, png

CLIENT = "Anthropic Python, {flavour}"
WEATHER = {"name": "get_weather", "description": "The weather in a city", "input_schema": WEATHER_TOOL["function"]["parameters"]}
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png()).decode()}}


class Sdk:
    def __init__(self, flavour, url, max_retries=0):
        make = anthropic.Anthropic if flavour == "sync" else anthropic.AsyncAnthropic
        self.client = make(base_url=url, api_key="unused", max_retries=max_retries, timeout=30)
        self.messages = self.client.messages

    async def create(self, **arguments):
        return await settled(self.messages.create(**{"max_tokens": 1000, **arguments}))

    async def events(self, **arguments):
        return await drained(self.messages.create(**{"max_tokens": 1000, "stream": True, **arguments}))

    async def final(self, **arguments):
        """What the SDK makes of a stream."""
        async with opened(self.messages.stream(**{"max_tokens": 1000, **arguments})) as stream:
            return await settled(stream.get_final_message())

    async def aclose_here(self):
        await settled(self.client.close())


@pytest.fixture
def sdk(demo, flavour, base):
    return kept(Sdk, flavour, demo.url + base)


def user(content):
    return {"role": "user", "content": content}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def kinds(message):
    return [block.type for block in message.content]


def without_thinking(message):
    return [kind for kind in kinds(message) if kind != "thinking"]


@pytest.mark.feature("chat")
async def test_message(sdk, provider, model):
    raw = await settled(sdk.messages.with_raw_response.create(model=model, max_tokens=1000, messages=[user(PROMPT)]))
    message = await settled(raw.parse())
    assert raw.headers["x-smg-provider"] == provider
    assert message._request_id == raw.headers["request-id"] != ""
    assert (message.type, message.role, message.stop_reason, message.stop_sequence) == ("message", "assistant", "end_turn", None)
    assert message.id and message.model.startswith(model)
    assert text_of(message) == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0


@pytest.mark.feature("conversation")
@pytest.mark.parametrize("system", ["Answer briefly.", [
    {"type": "text", "text": "Answer"}, {"type": "text", "text": "briefly.", "cache_control": {"type": "ephemeral"}}]], ids=["text", "blocks"])
async def test_conversation_with_a_system_prompt(sdk, provider, model, system):
    asked = user([{"type": "text", "text": "How are "}, {"type": "text", "text": "you?"}])
    messages = [user("Hello"), {"role": "assistant", "content": "Hello!"}, asked]
    message = await sdk.create(model=model, messages=messages, system=system, metadata={"user_id": "user-1"})
    assert "you?" in text_of(message)
    assert message.stop_reason == "end_turn"


@pytest.mark.feature("limits")
async def test_limit_of_tokens(sdk, provider, model):
    message = await sdk.create(model=model, messages=[user("simulate:tokens=400")], max_tokens=20)
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens >= 1


@pytest.mark.feature("stream")
async def test_stream_says_what_the_whole_answer_says(sdk, provider, model):
    whole = await sdk.create(model=model, messages=[user(PROMPT)])
    events = await sdk.events(model=model, messages=[user(PROMPT)])
    types = [event.type for event in events if event.type != "ping"]
    assert types[0] == "message_start" and types[-2:] == ["message_delta", "message_stop"]
    assert types.count("message_start") == types.count("message_delta") == 1
    assert types.count("content_block_start") == types.count("content_block_stop") == len(whole.content)
    text = "".join(event.delta.text for event in events if event.type == "content_block_delta" and event.delta.type == "text_delta")
    assert text == text_of(whole)
    assert events[-2].delta.stop_reason == "end_turn"
    assert events[-2].usage.output_tokens == whole.usage.output_tokens


@pytest.mark.feature("stream")
async def test_stream_helper(sdk, provider, model):
    pieces = []
    async with opened(sdk.messages.stream(model=model, max_tokens=1000, messages=[user(PROMPT)])) as stream:
        pieces = await drained(stream.text_stream)
        final = await settled(stream.get_final_message())
    assert len(pieces) > 2 and "".join(pieces) == text_of(final)
    assert text_of(final).endswith(PROMPT)
    assert final.stop_reason == "end_turn"
    assert final.usage.input_tokens > 0 and final.usage.output_tokens > 0


def check_calls(message):
    calls = [block for block in message.content if block.type == "tool_use"]
    assert message.stop_reason == "tool_use"
    assert [call.name for call in calls] == ["get_weather", "get_weather"]
    assert [call.input["city"] for call in calls] == ["Oslo", "Rome"]
    assert calls[0].id and calls[1].id and calls[0].id != calls[1].id
    return calls


def as_sent(message):
    """An answer as the next request of its conversation holds it."""
    return {"role": "assistant", "content": [block.model_dump(exclude_none=True, exclude={"parsed_output"}) for block in message.content]}


def results_of(calls, more=()):
    told = [{"type": "text", "text": f"18 degrees in {call.input['city']}"} for call in calls]
    return user([{"type": "tool_result", "tool_use_id": call.id, "content": [text, *more]} for call, text in zip(calls, told, strict=True)])


def check_results_are_told(message):
    assert message.stop_reason == "end_turn"
    assert "18 degrees in Oslo" in text_of(message) and "18 degrees in Rome" in text_of(message)


@pytest.mark.feature("tools")
async def test_tool_round_trip(sdk, provider, model):
    asked = {"model": model, "tools": [WEATHER]}
    first = await sdk.create(messages=[user(PARALLEL_PROMPT)], **asked)
    calls = check_calls(first)
    check_results_are_told(await sdk.create(messages=[user(PARALLEL_PROMPT), as_sent(first), results_of(calls)], **asked))


@pytest.mark.feature("stream tools")
async def test_streamed_tool_round_trip(sdk, provider, model):
    asked = {"model": model, "tools": [WEATHER]}
    first = await sdk.final(messages=[user(PARALLEL_PROMPT)], **asked)
    calls = check_calls(first)
    check_results_are_told(await sdk.final(messages=[user(PARALLEL_PROMPT), as_sent(first), results_of(calls)], **asked))


@pytest.mark.feature("tools")
async def test_failed_tool_and_more_to_say(sdk, provider, model):
    asked = {"model": model, "tools": [WEATHER]}
    first = await sdk.create(messages=[user(PARALLEL_PROMPT)], **asked)
    [one, other] = check_calls(first)
    results = user([
        {"type": "tool_result", "tool_use_id": one.id, "content": "no such city", "is_error": True},
        {"type": "tool_result", "tool_use_id": other.id},
        {"type": "text", "text": "Go on without it."},
    ])
    answer = await sdk.create(messages=[user(PARALLEL_PROMPT), as_sent(first), results], **asked)
    assert answer.stop_reason == "end_turn" and text_of(answer)


@pytest.mark.feature("tool choice")
@pytest.mark.parametrize("choice", [{"type": "none"}, {"type": "any"}, {"type": "tool", "name": "get_weather"},
                                    {"type": "auto", "disable_parallel_tool_use": True}], ids=["none", "any", "named", "one"])
async def test_tool_choice(sdk, provider, model, choice):
    asked = user(PROMPT if choice["type"] in ("any", "tool") else PARALLEL_PROMPT)
    raw = await settled(sdk.messages.with_raw_response.create(model=model, max_tokens=1000, messages=[asked], tools=[WEATHER], tool_choice=choice))
    message = await settled(raw.parse())
    calls = [block.name for block in message.content if block.type == "tool_use"]
    if provider == "gemini" and choice.get("disable_parallel_tool_use"):  # it has no such switch, and the client is told
        assert "disable_parallel_tool_use" in raw.headers["x-smg-adjusted-params"]
        return
    assert calls == ([] if choice["type"] == "none" else ["get_weather"])


@pytest.mark.feature("image")
async def test_image(sdk, provider, model):
    message = await sdk.create(model=model, messages=[user([{"type": "text", "text": "What is this?"}, PICTURE])])
    assert f"an image (image/png, {len(png())} bytes)" in text_of(message)


@pytest.mark.feature("tool result image")
async def test_image_in_a_tool_result(sdk, provider, model):
    asked = {"model": model, "tools": [WEATHER]}
    first = await sdk.create(messages=[user(PARALLEL_PROMPT)], **asked)
    calls = check_calls(first)
    answer = await sdk.create(messages=[user(PARALLEL_PROMPT), as_sent(first), results_of(calls, [PICTURE])], **asked)
    assert answer.stop_reason == "end_turn"
    assert text_of(answer).count(f"an image (image/png, {len(png())} bytes)") == 2


@pytest.mark.feature("document")
async def test_document(sdk, provider, model):
    pdf = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
    document = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}}
    message = await sdk.create(model=model, messages=[user([document, {"type": "text", "text": "Sum up."}])])
    assert "I see a file" in text_of(message)


@pytest.mark.feature("structured output")
async def test_structured_output(sdk, provider):
    config = {"format": {"type": "json_schema", "schema": MEETING_SCHEMA}}
    asked = {"model": STRUCTURED[provider], "messages": [user(SCHEMA_PROMPT)], "output_config": config}
    message = await sdk.create(**asked)
    meeting = Meeting.model_validate_json(text_of(message))
    assert message.stop_reason == "end_turn" and without_thinking(message) == ["text"]
    assert Meeting.model_validate_json(text_of(await sdk.final(**asked))) == meeting


@pytest.mark.feature("structured output")
async def test_parse(sdk, provider):
    asked = {"model": STRUCTURED[provider], "max_tokens": 1000, "messages": [user(SCHEMA_PROMPT)], "output_format": Meeting}
    message = await settled(sdk.messages.parse(**asked))
    assert isinstance(message.parsed_output, Meeting)


@pytest.mark.feature("thinking")
async def test_thinking(sdk, provider):
    asked = {"model": THINKING[provider], "max_tokens": 30000, "messages": [user(PROMPT)], "thinking": {"type": "enabled", "budget_tokens": 20000}}
    whole = await sdk.create(**asked)
    streamed = await sdk.final(**asked)
    assert kinds(streamed) == kinds(whole)
    assert text_of(streamed) == text_of(whole) != ""
    if provider != "openai":  # whose Chat API keeps it to itself
        assert kinds(whole) == ["thinking", "text"]
        assert streamed.content[0].thinking == whole.content[0].thinking != ""
        assert streamed.content[0].signature and whole.content[0].signature


@pytest.mark.feature("thinking")
async def test_thinking_with_tools(sdk, provider):
    """The thoughts before a call go back with its result, signatures and all."""
    asked = {"model": THINKING[provider], "max_tokens": 30000, "thinking": {"type": "enabled", "budget_tokens": 20000}, "tools": [WEATHER]}
    messages = [user(PARALLEL_PROMPT)]
    first = await sdk.final(messages=messages, **asked)
    messages += [as_sent(first), results_of(check_calls(first))]
    second = await sdk.final(messages=messages, **asked)
    check_results_are_told(second)
    messages += [as_sent(second), user("Thanks.")]
    assert (await sdk.create(messages=messages, **asked)).stop_reason == "end_turn"


@pytest.mark.feature("prompt cache")
async def test_prompt_cache(sdk, provider, model):
    """A mark is what Anthropic goes by; the others, which keep prompts by themselves, take no offence."""
    system = [{"type": "text", "text": LONG_TEXT, "cache_control": {"type": "ephemeral"}}]
    asked = {"model": model, "system": system, "tools": [{**WEATHER, "cache_control": {"type": "ephemeral"}}]}
    first = await sdk.create(messages=[user("Hello")], **asked)
    assert (first.usage.cache_read_input_tokens or 0) == 0
    assert (first.usage.cache_creation_input_tokens or 0) > 0 or provider != "anthropic"
    messages = [user("Hello"), as_sent(first), user([{"type": "text", "text": PROMPT, "cache_control": {"type": "ephemeral"}}])]
    second = await sdk.create(messages=messages, **asked)
    streamed = await sdk.final(messages=messages, **asked)
    assert second.usage.cache_read_input_tokens == streamed.usage.cache_read_input_tokens > 0
    assert second.usage.input_tokens > 0


@pytest.mark.feature("adjusted parameters")
async def test_adjusted_parameters(sdk, provider, model):
    """What another API does not have is left out and named, and refused when the client asks for that."""
    asked = {"model": model, "max_tokens": 1000, "messages": [user(PROMPT)], "extra_body": {"top_k": 5}, "metadata": {"user_id": "user-1"}}
    left_out = {"anthropic": set(), "gemini": {"metadata.user_id"}}.get(provider, {"top_k"})
    raw = await settled(sdk.messages.with_raw_response.create(**asked))
    assert set(filter(None, raw.headers.get("x-smg-adjusted-params", "").split(","))) == left_out
    if not left_out:
        assert (await sdk.create(extra_headers=STRICT, **asked)).stop_reason == "end_turn"
        return
    with pytest.raises(anthropic.BadRequestError) as caught:
        await sdk.create(extra_headers=STRICT, **asked)
    assert left_out.pop() in caught.value.message


@pytest.mark.feature("agent")
async def test_loop_of_the_sdk(sdk, flavour, provider):
    """It calls the tool, shows what that found, and asks again; a thread, which it would rather have kept, nobody keeps for it here."""
    asked = []

    def look(city: str, unit: str = "celsius") -> list:
        asked.append(city)
        return [{"type": "text", "text": f"18 degrees in {city}"}, PICTURE]

    async def look_async(city: str, unit: str = "celsius") -> list:
        return look(city, unit)

    kind, function = (anthropic.beta_tool, look) if flavour == "sync" else (anthropic.beta_async_tool, look_async)
    tool = kind(function, name="get_weather", description="The weather in a city", input_schema=WEATHER["input_schema"])
    thinking = {"type": "enabled", "budget_tokens": 8000}
    runner = sdk.client.beta.messages.tool_runner(
        model=THINKING[provider], max_tokens=20000, thinking=thinking, messages=[user(PARALLEL_PROMPT)], tools=[tool])
    message = await settled(runner.until_done())
    assert asked == ["Oslo", "Rome"] and message.stop_reason == "end_turn"
    assert text_of(message).count(f"an image (image/png, {len(png())} bytes)") == 2


@pytest.mark.feature("tokens")
async def test_count_of_tokens(sdk, provider, model):
    short = await settled(sdk.messages.count_tokens(model=model, messages=[user("Hi")]))
    more = {"system": "Answer briefly.", "tools": [WEATHER]}
    long = await settled(sdk.messages.count_tokens(model=model, messages=[user(PROMPT * 20)], **more))
    assert 0 < short.input_tokens < long.input_tokens


async def test_unknown_model(sdk):
    with pytest.raises(anthropic.NotFoundError) as caught:
        await sdk.create(model="no-such-model", messages=[user(PROMPT)])
    assert caught.value.body["type"] == "error"
    assert caught.value.body["error"]["type"] == "not_found_error" == caught.value.type
    assert "no-such-model" in caught.value.message
    with pytest.raises(anthropic.NotFoundError):
        await settled(sdk.messages.count_tokens(model="no-such-model", messages=[user(PROMPT)]))


@pytest.mark.parametrize("named", MODELS.values())
async def test_list_of_models(sdk, named):
    models = await drained(sdk.client.models.list(limit=1000))
    assert named in {model.id for model in models}
    assert {model.type for model in models} == {"model"}
    one = await settled(sdk.client.models.retrieve(named))
    assert one.id == named and one.display_name
