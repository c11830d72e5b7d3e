"""The gateway in front of LLMock, a mock server of the four providers by others: https://pypi.org/project/llmock/. It checks requests by its
own models of the four APIs, answers and streams in its own words, breaks its streams on demand, and judges how its client took that."""
import json

import openai
import pytest
from corpus import CASES, DEFAULT, models_of
from gateway_process import GatewayProcess
from llmock.scenarios import Fail, StreamFault
from llmock.testing import LLMockServer
from llmock.verdict import judge
from material import PROMPT, WEATHER_TOOL
from workers import register

# Where its APIs are; of Gemini and Anthropic once with the version, once without.
ROOTS = {"openai": "/v1", "anthropic": "/anthropic", "xai": "/xai/v1", "gemini": "/gemini/v1beta"}
ITS_MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-6", "xai": "grok-", "gemini": "gemini-2.5-pro"}


@pytest.fixture(scope="module")
def mock():
    with LLMockServer() as server:
        yield server


@pytest.fixture(scope="module")
def gateway(mock):
    with GatewayProcess("--enable-igw", "--retry-initial-backoff-ms", "10") as process:
        for provider, root in ROOTS.items():
            assert register(process, provider, mock.url + root, models=models_of(provider))["status"] == "ready"
        yield process


@pytest.fixture(scope="module")
def client(gateway):
    with openai.OpenAI(base_url=gateway.url + "/v1", api_key="unused", max_retries=0, timeout=30) as client:
        yield client.chat.completions


@pytest.fixture
def sdk(client, mock):
    mock.state.reset()
    return client


def user(content):
    return {"role": "user", "content": content}


def text_of(chunks):
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def records(mock):
    return mock.state.journal.records(wait=2)


def test_discovery(mock, provider):
    with GatewayProcess("--enable-igw") as gateway:
        worker = register(gateway, provider, mock.url + ROOTS[provider])
    assert worker["status"] == "ready"
    assert any(model["id"].startswith(ITS_MODELS[provider]) for model in worker["models"])


@pytest.mark.feature("requests", client="LLMock")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_accepts_what_is_sent(sdk, mock, provider, case):
    if provider in case.refused:
        with pytest.raises(openai.BadRequestError):
            sdk.create(model=case.models[provider], **case.body)
        assert records(mock) == []
        return
    answer = sdk.create(model=case.models[provider], **case.body)
    if case.body.get("stream"):
        assert text_of(list(answer))
    else:
        assert answer.choices[0].message.content or answer.choices[0].message.tool_calls
    [seen] = records(mock)
    assert (seen.provider, seen.status, seen.completed) == (provider, 200, True)


@pytest.mark.feature("stream", client="LLMock")
def test_stream(sdk, provider):
    whole = sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)])
    chunks = list(sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)], stream=True))
    assert text_of(chunks) == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]


@pytest.mark.feature("tools", client="LLMock")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_tool_loop(sdk, provider, streamed):
    def ask(messages):
        asked = {"model": DEFAULT[provider], "messages": messages, "tools": [WEATHER_TOOL]}
        if not streamed:
            return sdk.create(**asked).choices[0]
        with sdk.stream(**asked) as stream:
            return stream.get_final_completion().choices[0]

    messages = [user("The weather in Oslo?")]
    first = ask(messages)
    assert first.finish_reason == "tool_calls"
    [call] = first.message.tool_calls
    assert call.function.name == "get_weather" and isinstance(json.loads(call.function.arguments)["city"], str)
    called = {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": call.function.arguments}}
    messages += [{"role": "assistant", "content": None, "tool_calls": [called]}, {"role": "tool", "tool_call_id": call.id, "content": "3 degrees"}]
    second = ask(messages)
    assert second.finish_reason == "stop" and second.message.content


@pytest.mark.feature("broken streams", client="LLMock")
@pytest.mark.parametrize("kind", ["disconnect", "truncate", "malformed"])
def test_broken_stream_is_an_error(sdk, mock, provider, kind):
    mock.state.scenarios.add(StreamFault(kind, after_chunks=4))  # with which each provider has begun to say something
    stream = sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)], stream=True)
    # A stream in the client's own format passes as it is: there the SDK itself trips over an event that is no JSON.
    passes = kind == "malformed" and provider in ("openai", "xai")
    with pytest.raises(json.JSONDecodeError if passes else openai.APIError):
        list(stream)
    [seen] = records(mock)
    assert seen.fault.startswith("stream:" + kind)


@pytest.mark.feature("broken streams", client="LLMock")
@pytest.mark.parametrize("kind", ["disconnect", "truncate"])
def test_stream_that_breaks_before_its_output_is_asked_for_again(sdk, mock, provider, kind):
    """Anthropic's has two events by then and the others none: the client sees the second stream alone."""
    mock.state.scenarios.add(StreamFault(kind, after_chunks=2 if provider == "anthropic" else 0))
    chunks = list(sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)], stream=True))
    assert text_of(chunks) and [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert len({c.id for c in chunks}) == 1
    [first, second] = records(mock)
    assert first.fault.startswith("stream:" + kind) and not second.fault


@pytest.mark.feature("errors", client="LLMock")
@pytest.mark.parametrize("status, raised", [(400, openai.BadRequestError), (404, openai.NotFoundError), (422, openai.APIStatusError)])
def test_refusal_is_not_repeated(sdk, mock, provider, status, raised):
    mock.state.scenarios.add(Fail(status, message="The mock refuses."))
    with pytest.raises(raised):
        sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)])
    assert len(records(mock)) == 1
    assert judge(records(mock)).findings == ()


@pytest.mark.feature("errors", client="LLMock")
def test_rate_limit_is_handled_to_its_satisfaction(sdk, mock, provider):
    mock.state.scenarios.add(Fail(429, retry_after=0.3))
    try:
        sdk.create(model=DEFAULT[provider], messages=[user(PROMPT)])
    except openai.RateLimitError as limited:
        assert float(limited.response.headers["retry-after"]) > 0
    assert judge(records(mock)).errors == ()
