"""How callers show who they are: each SDK's own way of sending a key, to a gateway that demands one; and a provider's key of the caller's own."""
import anthropic
import httpx
import openai
import pytest
from both_ways import settled
from conftest import MODELS
from gateway_process import GatewayProcess
from google import genai
from google.genai import errors, types
from material import PROMPT
from recording_upstream import RecordingUpstream
from workers import register

KEY = "a-key-of-the-gateway"


@pytest.fixture(scope="module")
def guarded():
    with GatewayProcess("demo", "--api-key", KEY) as process:
        yield process


def ask_openai(url, key):
    with openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0) as client:
        return client.chat.completions.create(model=MODELS["gemini"], messages=[{"role": "user", "content": PROMPT}]).choices[0].message.content


def ask_anthropic(url, **key):
    with anthropic.Anthropic(base_url=url, max_retries=0, **key) as client:
        asked = {"model": MODELS["openai"], "max_tokens": 100, "messages": [{"role": "user", "content": PROMPT}]}
        assert client.messages.count_tokens(model=MODELS["openai"], messages=asked["messages"]).input_tokens
        return client.messages.create(**asked).content[0].text


def ask_google(url, key):
    options = types.HttpOptions(base_url=url)
    with genai.Client(api_key=key, vertexai=False, http_options=options) as client:
        return client.models.generate_content(model=MODELS["anthropic"], contents=PROMPT).text


WAYS = {
    "OpenAI, Bearer": (ask_openai, openai.AuthenticationError),
    "Anthropic, x-api-key": (lambda url, key: ask_anthropic(url, api_key=key), anthropic.AuthenticationError),
    "Anthropic, Bearer": (lambda url, key: ask_anthropic(url, auth_token=key), anthropic.AuthenticationError),
    "Google, x-goog-api-key": (ask_google, errors.ClientError),
}


@pytest.mark.parametrize("way", WAYS)
def test_key_of_the_gateway(guarded, way):
    ask, refused = WAYS[way]
    assert ask(guarded.url, KEY).endswith(PROMPT)
    with pytest.raises(refused) as caught:
        ask(guarded.url, "another-key")
    assert getattr(caught.value, "status_code", None) or caught.value.code in (400, 401)


def test_key_in_the_query_as_gemini_takes_it(guarded):
    body = {"contents": [{"parts": [{"text": PROMPT}]}]}
    path = f"{guarded.url}/v1beta/models/{MODELS['gemini']}:generateContent"
    assert httpx.post(path, params={"key": KEY}, json=body).status_code == 200
    assert httpx.post(path, params={"key": "another-key"}, json=body).status_code in (400, 401, 403)
    assert httpx.post(path, json=body).status_code in (400, 401, 403)


# A caller's own key of a provider goes to that provider, in its header there, however the caller sent it.
OWN = "sk-ant-api03-the-caller's-own"


@pytest.fixture(scope="module")
def upstream():
    with RecordingUpstream() as serving:
        yield serving


@pytest.fixture(scope="module")
def open_gateway(upstream):
    with GatewayProcess("--enable-igw") as process:
        register(process, "anthropic", upstream.url + "/anthropic/v1", models=[MODELS["anthropic"]])
        yield process


@pytest.mark.parametrize("scheme", ["api_key", "auth_token"])
@pytest.mark.parametrize("make", [anthropic.Anthropic, anthropic.AsyncAnthropic], ids=["sync", "async"])
async def test_own_key_of_a_provider(open_gateway, upstream, make, scheme):
    upstream.take()
    client = make(base_url=open_gateway.url, max_retries=0, **{scheme: OWN})
    message = await settled(client.messages.create(model=MODELS["anthropic"], max_tokens=10, messages=[{"role": "user", "content": "Hi"}]))
    await settled(client.close())
    assert message.content[0].text == "Noted."
    [sent] = upstream.take()
    assert [sent.headers.get("x-api-key"), sent.headers.get("authorization")] in ([OWN, None], [None, "Bearer " + OWN])
