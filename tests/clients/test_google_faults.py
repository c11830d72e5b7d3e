"""Google's Gen AI SDK for Python when something goes wrong or takes long: its errors, its own retries, streams that break off, fall silent or are
left."""
import asyncio
import functools

import pytest
from both_ways import collect, settled
from conftest import MODELS
from google.genai import errors, types
from material import PROMPT
from silences import SILENT_PROMPT, at_once, raw_stream, result_of
from test_google_sdk import Sdk, finish_of, sdk, text_of, version  # noqa: F401 - two of them fixtures

CLIENT = "Google Gen AI Python, {flavour}"


@pytest.mark.feature("cancel")
async def test_client_that_leaves_a_stream(sdk, provider, model):
    slow = await settled(sdk.models.generate_content_stream(model=model, contents="simulate:slow simulate:tokens=500"))
    if hasattr(slow, "__aiter__"):
        await anext(aiter(slow))
        await slow.aclose()
    else:
        next(slow)
        slow.close()
    assert finish_of([await sdk.generate(PROMPT, model=model)]) == ["STOP"]


@pytest.mark.feature("errors")
async def test_bad_requests(sdk, provider, model):
    orphan = types.Content(role="user", parts=[types.Part.from_function_response(name="get_weather", response={"result": 18})])
    for contents, config in [
        ([], None),
        (PROMPT, {"http_options": {"extra_body": {"generationConfig": {"temperature": "hot"}}}}),
        (PROMPT, {"http_options": {"extra_body": {"tools": [{"functionDeclarations": [{"description": "nameless"}]}]}}}),
        ([orphan], None),
    ]:
        with pytest.raises((errors.ClientError, ValueError)) as caught:
            await sdk.generate(contents, model=model, config=config)
        if isinstance(caught.value, errors.ClientError):
            assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
            with pytest.raises(errors.ClientError):  # before a stream too, and not as an event of it
                await sdk.chunks(contents, model=model, config=config)


@pytest.mark.feature("errors")
async def test_refused_by_the_provider(penniless_demo, flavour, provider, model):
    sdk = Sdk(flavour, penniless_demo.url)
    with pytest.raises(errors.ClientError) as caught:
        await sdk.generate("simulate:quota", model=model)
    await sdk.aclose_here()
    assert caught.value.code in (402, 429) or provider == "anthropic" and caught.value.code == 400


AGAIN = types.HttpRetryOptions(attempts=3, initial_delay=0.2, max_delay=1)


@pytest.mark.feature("retries")
async def test_sdk_tries_again(refusing, flavour, provider, model):
    sdk = Sdk(flavour, refusing.url, retry_options=AGAIN)
    refusing.upstream.refuse(503)
    answer = await sdk.generate(PROMPT, model=model)
    await sdk.aclose_here()
    assert answer.text == "Noted."
    assert refusing.upstream.statuses() == [503, 200]


@pytest.mark.feature("retries")
async def test_sdk_does_not_try_in_vain(refusing, flavour, provider, model):
    sdk = Sdk(flavour, refusing.url, retry_options=AGAIN)
    refusing.upstream.refuse(400)
    with pytest.raises(errors.ClientError, match="It was told to refuse"):
        await sdk.generate(PROMPT, model=model)
    await sdk.aclose_here()
    assert refusing.upstream.statuses() == [400]


@pytest.mark.feature("stream errors")
@pytest.mark.parametrize("fault", ["cut", "error-event"])
async def test_stream_that_breaks_off_is_no_whole_answer(breaking_demo, flavour, provider, model, fault):
    """The SDK raises what an event says; a stream without an end it takes as it is, but it has no finish reason then."""
    sdk = Sdk(flavour, breaking_demo.url)
    chunks = []
    try:
        stream = await settled(sdk.models.generate_content_stream(model=model, contents=f"simulate:{fault} {PROMPT}"))
        await collect(stream, chunks)
    except Exception as caught:  # noqa: BLE001 - what it raises for a connection that ends is its HTTP client's
        assert isinstance(caught, errors.APIError) or type(caught).__module__.startswith(("httpx", "httpcore", "aiohttp", "google"))
    await sdk.aclose_here()
    assert finish_of(chunks) == []


@pytest.fixture(scope="module")
def silent_streams(demo, silent_demo):
    async def ask(flavour, model):
        sdk = Sdk(flavour, silent_demo.url)
        chunks = await sdk.chunks(SILENT_PROMPT, model=model)
        await sdk.aclose_here()
        return text_of(chunks)

    jobs = {}
    for provider, model in MODELS.items():
        body = {"contents": [{"role": "user", "parts": [{"text": SILENT_PROMPT}]}]}
        path = f"/v1beta/models/{model}:streamGenerateContent?alt=sse"
        jobs["without", provider] = functools.partial(raw_stream, demo.url + path, body)
        jobs["with", provider] = functools.partial(raw_stream, silent_demo.url + path, body)
        for flavour in ("sync", "async"):
            jobs[flavour, provider] = functools.partial(asyncio.run, ask(flavour, model))
    return at_once(jobs)


@pytest.mark.feature("keep-alives")
def test_silent_stream(silent_streams, flavour, provider):
    lines = [result_of(silent_streams, way, provider).count("\r\n\r\n\r\n") for way in ("without", "with")]
    assert lines[0] < lines[1]  # Anthropic sends a ping of its own
    assert result_of(silent_streams, flavour, provider).endswith(PROMPT)
