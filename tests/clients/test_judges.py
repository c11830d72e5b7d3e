"""What the gateway sends, before judges that are not its own: the types of each provider's official SDK, and for Gemini the SDK itself."""
import functools
import json
import re

import anthropic
import corpus_gemini
import corpus_messages
import corpus_responses
import httpx
import openai
import pytest
from anthropic.types import message_create_params
from corpus import CASES, models_of
from gateway_process import GatewayProcess
from google import genai
from google.genai import types as gemini_types
from openai.types.chat import completion_create_params
from recording_upstream import ROOTS, RecordingUpstream
from typed_check import faults
from workers import KEYS, register

OTHERS = [*corpus_messages.CASES, *corpus_gemini.CASES, *corpus_responses.CASES]
FREE_JSON = ("args", "response", "parametersJsonSchema", "responseJsonSchema")  # Gemini's members that hold a client's own JSON
CREDENTIAL = {"openai": "authorization", "anthropic": "x-api-key", "xai": "authorization", "gemini": "x-goog-api-key"}


@pytest.fixture(scope="module")
def upstream():
    with RecordingUpstream() as serving:
        yield serving


@pytest.fixture(scope="module")
def gateway(upstream):
    with GatewayProcess("--enable-igw") as process:
        for provider, root in ROOTS.items():
            assert register(process, provider, upstream.url + root, models=models_of(provider, OTHERS))["status"] == "ready"
        upstream.take()
        yield process


@pytest.fixture(scope="module")
def sdk(gateway):
    with openai.OpenAI(base_url=gateway.url + "/v1", api_key="unused", max_retries=0, timeout=30) as client:
        yield client


def ask(sdk, case, provider):
    answer = sdk.chat.completions.create(model=case.models[provider], **case.body)
    if case.body.get("stream"):
        assert "".join(c.choices[0].delta.content or "" for c in answer if c.choices) == "Noted."
    else:
        assert answer.choices[0].finish_reason == "stop"


def judge_chat(body, _upstream, _model):
    streams = body.get("stream") is True
    params = completion_create_params
    return faults(body, params.CompletionCreateParamsStreaming if streams else params.CompletionCreateParamsNonStreaming)


def judge_messages(body, _upstream, _model):
    streams = body.get("stream") is True
    params = message_create_params
    found = faults(body, params.MessageCreateParamsStreaming if streams else params.MessageCreateParamsNonStreaming)
    return found + schema_faults(body.get("output_config", {}).get("format", {}).get("schema"))


def schema_faults(schema):
    """Anthropic's SDK takes out of a schema what the API refuses: it must find nothing to do."""
    if schema is None:
        return []
    supported = anthropic.transform_schema(schema)
    return [] if supported == schema else [f"Anthropic's SDK makes of the schema\n{supported}\nwhere the gateway sends\n{schema}"]


@functools.cache
def google(url):
    options = gemini_types.HttpOptions(base_url=url + "/official/gemini", api_version="v1beta")
    return genai.Client(api_key="unused", vertexai=False, http_options=options)


def judge_content(body, upstream, model):
    """Google's SDK, given what the gateway sent, takes it (unknown members are an error there) and sends the same itself."""
    rest = {name: value for name, value in body.items() if name not in ("contents", "generationConfig")}
    config = gemini_types.GenerateContentConfig.model_validate({**body.get("generationConfig", {}), **rest})
    contents = [gemini_types.Content.model_validate(content) for content in body["contents"]]
    google(upstream.url).models.generate_content(model=model, contents=contents, config=config)
    official = as_google_means_it(upstream.take()[0].body)
    if not official.get("generationConfig"):  # it sends an empty one
        official.pop("generationConfig", None)
    return [] if body == official else [f"Google's SDK sends\n{official}\nand the gateway\n{body}"]


def as_google_means_it(value):
    """The SDK writes some names in snake_case and base64 for URLs; the API takes both for the same."""
    if isinstance(value, list):
        return [as_google_means_it(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, item in value.items():
        name = re.sub("_([a-z])", lambda letter: letter.group(1).upper(), name)
        if name == "data":
            item = item.replace("-", "+").replace("_", "/")
        members[name] = item if name in FREE_JSON else as_google_means_it(item)
    return members


JUDGES = {"openai": judge_chat, "xai": judge_chat, "anthropic": judge_messages, "gemini": judge_content}


def content(part):
    return {"contents": [{"role": "user", "parts": [part]}]}


@pytest.mark.parametrize("body, told", [
    ({"messages": [], "max_tokens": 1}, "body.model is missing"),
    ({"model": "m", "messages": [], "max_tokens": 1, "seed": 1}, "body.seed is not a member"),
    ({"model": "m", "messages": [], "max_tokens": "1"}, "body.max_tokens is not of int"),
    ({"model": "m", "messages": [{"role": "tool", "content": "x"}], "max_tokens": 1}, "body.messages[0].role is 'tool'"),
    ({"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "x", "name": "y"}]}], "max_tokens": 1},
     "body.messages[0].content[0].name is not a member of TextBlockParam"),
    ({"model": "m", "messages": [], "max_tokens": 1, "tool_choice": {"type": "tool"}}, "body.tool_choice.name is missing"),
])
def test_that_the_types_refuse(body, told):
    assert any(fault.startswith(told) for fault in judge_messages(body, None, None))


@pytest.mark.parametrize("body", [
    {**content({"text": "x"}), "temperature": 1},
    content({"text": "x", "type": "text"}),
    {**content({"text": "x"}), "generationConfig": {"max_tokens": 1}},
    {**content({"text": "x"}), "tools": [{"type": "function"}]},
    {**content({"text": "x"}), "toolConfig": {"functionCallingConfig": {"modes": "ANY"}}},
])
def test_that_the_sdk_of_gemini_refuses(upstream, body):
    try:
        assert judge_content(body, upstream, "gemini-2.5-flash") != []
    except ValueError:  # pydantic's, of a body that the SDK does not take at all
        pass


@pytest.mark.feature("requests", client="official SDK")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_sent(sdk, upstream, provider, case):
    if provider in case.refused:
        with pytest.raises(openai.BadRequestError):
            ask(sdk, case, provider)
        assert upstream.take() == []
        return
    ask(sdk, case, provider)
    [sent] = upstream.take()
    judged(sent, upstream, provider, case)


def judged(sent, upstream, provider, case):
    """All that can be said of what was sent."""
    assert sent.path.startswith(ROOTS[provider] + "/")
    assert sent.headers["content-type"] == "application/json"
    assert [name for name in set(CREDENTIAL.values()) if name in sent.headers] == [CREDENTIAL[provider]]
    assert sent.headers[CREDENTIAL[provider]].removeprefix("Bearer ") == KEYS[provider]
    assert ("anthropic-version" in sent.headers) == (provider == "anthropic")
    assert JUDGES[provider](sent.body, upstream, case.models[provider]) == []


@pytest.fixture(scope="module")
def http(gateway):
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        yield client


def posted(http, path, body, upstream, provider, case):
    """What became of a request: nothing where the provider cannot do it, else what was sent."""
    raw = json.dumps(body, indent=1).encode()
    answer = http.post(path, content=raw, headers={"content-type": "application/json", "anthropic-version": "2023-06-01"})
    if provider in case.refused:
        assert answer.status_code == 400 and upstream.take() == []
        return None, raw
    assert answer.status_code == 200, answer.text
    assert "Noted." in answer.text
    [sent] = upstream.take()
    return sent, raw


@pytest.mark.feature("Messages requests", client="official SDK")
@pytest.mark.parametrize("case", corpus_messages.CASES, ids=lambda case: case.name)
def test_what_is_sent_of_messages(http, upstream, provider, case):
    sent, raw = posted(http, "/v1/messages", {"model": case.models[provider], **case.body}, upstream, provider, case)
    if provider == "anthropic":  # byte for byte
        assert sent.raw == raw
    elif sent:
        judged(sent, upstream, provider, case)


@pytest.mark.feature("Gemini requests", client="official SDK")
@pytest.mark.parametrize("case", corpus_gemini.CASES, ids=lambda case: case.name)
def test_what_is_sent_of_contents(http, upstream, provider, case):
    verb = "streamGenerateContent?alt=sse" if case.stream else "generateContent"
    sent, raw = posted(http, f"/v1beta/models/{case.models[provider]}:{verb}", case.body, upstream, provider, case)
    if provider == "gemini":  # byte for byte
        assert sent.raw == raw
    elif sent:
        judged(sent, upstream, provider, case)


@pytest.mark.feature("Responses requests", client="official SDK")
@pytest.mark.parametrize("case", corpus_responses.CASES, ids=lambda case: case.name)
def test_what_is_sent_of_responses(http, upstream, provider, case):
    sent, raw = posted(http, "/v1/responses", {"model": case.models[provider], **case.body}, upstream, provider, case)
    if provider in ("openai", "xai"):  # byte for byte
        assert sent.raw == raw and sent.path == ROOTS[provider] + "/responses"
    elif sent:
        judged(sent, upstream, provider, case)
