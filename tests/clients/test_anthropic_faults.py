"""Anthropic's Python SDK when something goes wrong or takes long: its errors, its own retries, streams that break off, fall silent or are left."""
import asyncio
import functools

import anthropic
import pytest
from both_ways import collect, settled
from conftest import MODELS
from material import PROMPT
from silences import SILENT_PROMPT, at_once, raw_stream, result_of
from test_anthropic_sdk import Sdk, sdk, text_of, user  # noqa: F401 - one of them a fixture

CLIENT = "Anthropic Python, {flavour}"


@pytest.mark.feature("cancel")
async def test_client_that_leaves_a_stream(sdk, provider, model):
    slow = await sdk.create(model=model, messages=[user("simulate:slow simulate:tokens=500")], stream=True)
    if hasattr(slow, "__aiter__"):
        await anext(aiter(slow))
    else:
        next(iter(slow))
    await settled(slow.close())
    assert (await sdk.create(model=model, messages=[user(PROMPT)])).stop_reason == "end_turn"


@pytest.mark.feature("errors")
async def test_bad_requests(sdk, provider, model):
    for body, named in [
        ({"messages": []}, "messages"),
        ({"messages": [user(PROMPT)], "stop_sequences": "END"}, "stop_sequences"),
        ({"messages": [user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "18"}])]}, "tool"),
        ({"messages": [user(PROMPT)], "tools": [{"description": "nameless", "input_schema": {"type": "object"}}]}, "tools"),
    ]:
        with pytest.raises(anthropic.BadRequestError) as caught:
            await sdk.create(model=model, **body)
        assert caught.value.type == "invalid_request_error"
        assert named in caught.value.message
        with pytest.raises(anthropic.BadRequestError):  # before a stream too, and not as an event of it
            await sdk.events(model=model, **body)


@pytest.mark.feature("errors")
async def test_refused_by_the_provider(penniless_demo, flavour, provider, model):
    sdk = Sdk(flavour, penniless_demo.url)
    with pytest.raises(anthropic.APIStatusError) as caught:
        await sdk.create(model=model, messages=[user("simulate:quota")])
    await sdk.aclose_here()
    assert caught.value.status_code in (402, 429) or provider == "anthropic" and caught.value.status_code == 400
    assert caught.value.type in ("billing_error", "rate_limit_error") or provider == "anthropic"


@pytest.mark.feature("retries")
async def test_sdk_tries_again(refusing, flavour, provider, model):
    sdk = Sdk(flavour, refusing.url, max_retries=2)
    refusing.upstream.refuse(503)
    message = await sdk.create(model=model, messages=[user(PROMPT)])
    await sdk.aclose_here()
    assert text_of(message) == "Noted."
    assert refusing.upstream.statuses() == [503, 200]


@pytest.mark.feature("retries")
async def test_sdk_does_not_try_in_vain(refusing, flavour, provider, model):
    sdk = Sdk(flavour, refusing.url, max_retries=2)
    refusing.upstream.refuse(400)
    with pytest.raises(anthropic.BadRequestError, match="It was told to refuse"):
        await sdk.create(model=model, messages=[user(PROMPT)])
    await sdk.aclose_here()
    assert refusing.upstream.statuses() == [400]


@pytest.mark.feature("stream errors")
@pytest.mark.parametrize("fault", ["cut", "error-event"])
async def test_stream_that_breaks_off_is_an_error(breaking_demo, flavour, provider, model, fault):
    sdk = Sdk(flavour, breaking_demo.url)
    events = []
    with pytest.raises(anthropic.APIError):
        stream = await sdk.create(model=model, messages=[user(f"simulate:{fault} {PROMPT}")], stream=True)
        await collect(stream, events)
    await sdk.aclose_here()
    assert "message_stop" not in [event.type for event in events]


@pytest.fixture(scope="module")
def silent_streams(demo, silent_demo):
    async def ask(flavour, model):
        sdk = Sdk(flavour, silent_demo.url)
        final = await sdk.final(model=model, messages=[user(SILENT_PROMPT)])
        await sdk.aclose_here()
        return text_of(final)

    jobs = {}
    for provider, model in MODELS.items():
        body = {"model": model, "max_tokens": 1000, "stream": True, "messages": [user(SILENT_PROMPT)]}
        jobs["without", provider] = functools.partial(raw_stream, demo.url + "/v1/messages", body)
        jobs["with", provider] = functools.partial(raw_stream, silent_demo.url + "/v1/messages", body)
        for flavour in ("sync", "async"):
            jobs[flavour, provider] = functools.partial(asyncio.run, ask(flavour, model))
    return at_once(jobs)


@pytest.mark.feature("keep-alives")
def test_silent_stream(silent_streams, flavour, provider):
    pings = [result_of(silent_streams, way, provider).count("event: ping\n") for way in ("without", "with")]
    assert pings[0] < pings[1]  # Anthropic sends one of its own
    assert result_of(silent_streams, flavour, provider).endswith(PROMPT)
