"""The Responses API and embeddings of OpenAI's Python SDK: every test for each of the four providers, both base URLs, sync and async."""
import base64
import json
import struct

import openai
import pytest
from both_ways import drained, opened, settled
from conftest import EMBEDDING, MODELS, NAMES, STRUCTURED, THINKING, kept, lacks
from material import MEETING_SCHEMA, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRICT, WEATHER_TOOL, Meeting, png

CLIENT = "OpenAI Python, {flavour}"
WEATHER = {"type": "function", **WEATHER_TOOL["function"], "strict": False}
OPENAI_ITSELF = ("openai", "xai")  # who keep answers, and whose own API this is


class Sdk:
    def __init__(self, flavour, url):
        make = openai.OpenAI if flavour == "sync" else openai.AsyncOpenAI
        self.client = make(base_url=url, api_key="unused", max_retries=0, timeout=30)
        self.responses = self.client.responses

    async def create(self, **arguments):
        return await settled(self.responses.create(**{"store": False, **arguments}))

    async def events(self, **arguments):
        return await drained(self.responses.create(**{"store": False, "stream": True, **arguments}))

    async def final(self, **arguments):
        """What the SDK makes of a stream."""
        async with opened(self.responses.stream(**{"store": False, **arguments})) as stream:
            await drained(stream)
            return await settled(stream.get_final_response())

    async def aclose_here(self):
        await settled(self.client.close())


@pytest.fixture
def sdk(demo, flavour, base):
    return kept(Sdk, flavour, demo.url + base)


def user(content):
    return {"role": "user", "content": content}


def text_of(response):
    return "".join(part.text for item in response.output if item.type == "message" for part in item.content)


def calls_of(response):
    return [item for item in response.output if item.type == "function_call"]


@pytest.mark.feature("Responses: chat")
async def test_response(sdk, provider, model):
    raw = await settled(sdk.responses.with_raw_response.create(model=model, input=PROMPT, store=False))
    response = raw.parse()
    assert raw.headers["x-smg-provider"] == provider
    assert (response.object, response.status, response.error, response.incomplete_details) == ("response", "completed", None, None)
    assert response.id.startswith("resp_") or provider in OPENAI_ITSELF
    assert response.model.startswith(model)
    assert response.output_text == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert response.usage.input_tokens > 0
    assert response.usage.total_tokens >= response.usage.input_tokens + response.usage.output_tokens > 0


@pytest.mark.feature("Responses: conversation")
async def test_conversation_with_instructions(sdk, provider, model):
    turns = [
        {"role": "developer", "content": "Answer briefly."}, user("Hello"),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello!", "annotations": []}]},
        user([{"type": "input_text", "text": "How are "}, {"type": "input_text", "text": "you?"}]),
    ]
    response = await sdk.create(model=model, input=turns, instructions="Be polite.", max_output_tokens=500)
    assert "you?" in response.output_text and response.status == "completed"
    output = [item.model_dump(exclude_none=True) for item in response.output]
    again = await sdk.create(model=model, input=[*turns, *output, user(PROMPT)])
    assert again.output_text.endswith(PROMPT)


@pytest.mark.feature("Responses: limits")
async def test_limit_of_tokens(sdk, provider, model):
    response = await sdk.create(model=model, input="simulate:tokens=400", max_output_tokens=20)
    assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")


@pytest.mark.feature("Responses: stream")
async def test_stream_says_what_the_whole_answer_says(sdk, provider, model):
    whole = await sdk.create(model=model, input=PROMPT)
    events = await sdk.events(model=model, input=PROMPT)
    types = [event.type for event in events]
    assert types[:2] == ["response.created", "response.in_progress"] and types[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert types.count("response.output_item.added") == types.count("response.output_item.done") == len(whole.output)
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == whole.output_text
    last = events[-1].response
    assert last.output_text == whole.output_text and last.id == events[0].response.id
    assert last.usage.output_tokens == whole.usage.output_tokens


@pytest.mark.feature("Responses: stream")
async def test_stream_helper(sdk, provider, model):
    final = await sdk.final(model=model, input=PROMPT)
    assert final.output_text.endswith(PROMPT) and final.status == "completed"


def check_calls(calls):
    assert [call.name for call in calls] == ["get_weather", "get_weather"]
    assert [json.loads(call.arguments)["city"] for call in calls] == ["Oslo", "Rome"]
    assert calls[0].call_id and calls[1].call_id and calls[0].call_id != calls[1].call_id


def results_of(calls):
    cities = [json.loads(call.arguments)["city"] for call in calls]
    return [{"type": "function_call_output", "call_id": call.call_id, "output": f"18 degrees in {city}"}
            for call, city in zip(calls, cities, strict=True)]


def as_sent(response):
    return [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in response.output]


@pytest.mark.feature("Responses: tools")
@pytest.mark.parametrize("way", ["create", "final"], ids=["whole", "streamed"])
async def test_tool_round_trip(sdk, provider, model, way):
    ask = getattr(sdk, way)
    first = await ask(model=model, input=PARALLEL_PROMPT, tools=[WEATHER])
    calls = calls_of(first)
    check_calls(calls)
    answer = await ask(model=model, input=[user(PARALLEL_PROMPT), *as_sent(first), *results_of(calls)], tools=[WEATHER])
    assert "18 degrees in Oslo" in text_of(answer) and "18 degrees in Rome" in text_of(answer)


@pytest.mark.feature("Responses: tool choice")
@pytest.mark.parametrize("choice", ["none", "required", {"type": "function", "name": "get_weather"}], ids=["none", "required", "named"])
async def test_tool_choice(sdk, provider, model, choice):
    asked = PARALLEL_PROMPT if choice == "none" else PROMPT
    response = await sdk.create(model=model, input=asked, tools=[WEATHER], tool_choice=choice)
    assert [call.name for call in calls_of(response)] == ([] if choice == "none" else ["get_weather"])


@pytest.mark.feature("Responses: image")
async def test_image(sdk, provider, model):
    picture = png()
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    parts = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": url, "detail": "auto"}]
    response = await sdk.create(model=model, input=[user(parts)])
    assert f"an image (image/png, {len(picture)} bytes)" in response.output_text


@pytest.mark.feature("Responses: tool result image")
async def test_image_in_a_tool_result(sdk, provider, model):
    picture = png()
    first = await sdk.create(model=model, input=PARALLEL_PROMPT, tools=[WEATHER])
    shown = {"type": "input_image", "image_url": "data:image/png;base64," + base64.b64encode(picture).decode(), "detail": "auto"}
    results = [{**result, "output": [{"type": "input_text", "text": result["output"]}, shown]} for result in results_of(calls_of(first))]
    answer = await sdk.create(model=model, input=[user(PARALLEL_PROMPT), *as_sent(first), *results], tools=[WEATHER])
    assert text_of(answer).count(f"an image (image/png, {len(picture)} bytes)") == 2


@pytest.mark.feature("Responses: structured output")
async def test_structured_output(sdk, provider):
    form = {"format": {"type": "json_schema", "name": "meeting", "strict": True, "schema": MEETING_SCHEMA}}
    asked = {"model": STRUCTURED[provider], "input": SCHEMA_PROMPT, "text": form}
    response = await sdk.create(**asked)
    meeting = Meeting.model_validate_json(response.output_text)
    assert Meeting.model_validate_json((await sdk.final(**asked)).output_text) == meeting
    parsed = await settled(sdk.responses.parse(model=STRUCTURED[provider], input=SCHEMA_PROMPT, text_format=Meeting, store=False))
    assert parsed.output_parsed == meeting


@pytest.mark.feature("Responses: reasoning")
async def test_reasoning_goes_back_with_the_results(sdk, provider):
    asked = {"model": THINKING[provider], "reasoning": {"effort": "high", "summary": "auto"},
             "include": ["reasoning.encrypted_content"], "tools": [WEATHER], "max_output_tokens": 30000}
    first = await sdk.final(input=PARALLEL_PROMPT, **asked)
    check_calls(calls_of(first))
    assert first.output[0].type == "reasoning" and any(item.type == "reasoning" and item.encrypted_content for item in first.output)
    if provider != "anthropic":  # the simulated one does not count it apart
        assert first.usage.output_tokens_details.reasoning_tokens > 0
    answer = await sdk.create(input=[user(PARALLEL_PROMPT), *as_sent(first), *results_of(calls_of(first))], **asked)
    assert "18 degrees in Rome" in text_of(answer)


@pytest.mark.feature("Responses: prompt cache")
async def test_cached_tokens(sdk, provider, model):
    asked = {"model": model, "input": f"simulate:cached=3 {PROMPT}"}
    for response in (await sdk.create(**asked), await sdk.final(**asked)):
        assert response.usage.input_tokens_details.cached_tokens == 3 < response.usage.input_tokens
        assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


@pytest.mark.feature("Responses: adjusted parameters")
async def test_adjusted_parameters(sdk, provider, model):
    """What another API does not have is left out and named, and refused when the client asks for that."""
    asked = {"model": model, "input": PROMPT, "store": False, "truncation": "auto", "prompt_cache_key": "a-key"}
    left_out = set() if provider in OPENAI_ITSELF else {"truncation", "prompt_cache_key"}
    raw = await settled(sdk.responses.with_raw_response.create(**asked))
    assert set(filter(None, raw.headers.get("x-smg-adjusted-params", "").split(","))) == left_out
    if not left_out:
        assert (await sdk.create(extra_headers=STRICT, **asked)).status == "completed"
        return
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.create(extra_headers=STRICT, **asked)
    assert caught.value.param in left_out


@pytest.mark.feature("Responses: store")
async def test_what_needs_a_store(sdk, provider, model):
    if provider in OPENAI_ITSELF:
        first = await sdk.create(model=model, input="Hello", store=True)
        second = await sdk.create(model=model, input=PROMPT, previous_response_id=first.id, store=True)
        assert second.output_text.endswith(PROMPT) and second.previous_response_id == first.id
        assert (await settled(sdk.responses.retrieve(second.id))).id == second.id
        await settled(sdk.responses.delete(first.id))
        return
    assert lacks(provider, "Responses: store")
    for arguments in ({"previous_response_id": "resp_1"}, {"background": True}, {"conversation": "conv_1"}):
        with pytest.raises(openai.BadRequestError) as caught:
            await sdk.create(model=model, input=PROMPT, **arguments)
        assert next(iter(arguments)) in caught.value.message + (caught.value.param or "")


@pytest.mark.feature("Responses: tokens")
async def test_count_of_tokens(sdk, provider, model):
    short = await settled(sdk.responses.input_tokens.count(model=model, input="Hi"))
    long = await settled(sdk.responses.input_tokens.count(model=model, input=PROMPT * 20))
    assert short.object == "response.input_tokens"
    assert 0 < short.input_tokens < long.input_tokens


@pytest.mark.feature("embeddings")
async def test_embeddings(sdk, provider):
    create = sdk.client.embeddings.create
    if lacks(provider, "embeddings"):
        with pytest.raises((openai.BadRequestError, openai.NotFoundError)):
            await settled(create(model=MODELS[provider], input=PROMPT))
        return
    model = EMBEDDING[provider]
    many = await settled(create(model=model, input=["One", "Two", PROMPT], dimensions=8))
    assert [each.index for each in many.data] == [0, 1, 2]
    assert [len(each.embedding) for each in many.data] == [8, 8, 8]
    assert many.data[0].embedding != many.data[1].embedding
    floats = await settled(create(model=model, input="One", dimensions=8, encoding_format="float"))
    packed = await settled(create(model=model, input="One", dimensions=8, encoding_format="base64"))
    unpacked = struct.unpack("<8f", base64.b64decode(packed.data[0].embedding))
    assert list(unpacked) == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert floats.model and floats.usage.total_tokens == floats.usage.prompt_tokens >= 0
