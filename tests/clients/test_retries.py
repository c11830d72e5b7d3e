"""When an upstream fails for a moment: the gateway, told not to try again itself, says so in a way that the SDKs' own retries understand."""
import anthropic
import openai
import pytest
from corpus import DEFAULT
from gateway_process import GatewayProcess
from google import genai
from google.genai import types
from llmock.scenarios import Fail
from llmock.testing import LLMockServer
from material import PROMPT
from test_mock_server import ROOTS
from workers import register


@pytest.fixture(scope="module")
def mock():
    with LLMockServer() as server:
        yield server


@pytest.fixture(scope="module")
def gateways(mock):
    """One a provider, started when it is first asked for: what is learnt about a worker stays with its gateway."""
    running = {}

    def gateway_of(provider):
        if provider not in running:
            running[provider] = GatewayProcess("--enable-igw", "--disable-retries").__enter__()
            register(running[provider], provider, mock.url + ROOTS[provider], models=[DEFAULT[provider]])
        return running[provider]

    yield gateway_of
    for process in running.values():
        process.__exit__(None, None, None)


def ask_openai(url, model, retries):
    with openai.OpenAI(base_url=url + "/v1", api_key="unused", max_retries=retries, timeout=30) as client:
        return client.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}]).choices[0].message.content


def ask_anthropic(url, model, retries):
    with anthropic.Anthropic(base_url=url, api_key="unused", max_retries=retries, timeout=30) as client:
        return client.messages.create(model=model, max_tokens=100, messages=[{"role": "user", "content": PROMPT}]).content[0].text


def ask_google(url, model, retries):
    again = types.HttpRetryOptions(attempts=retries + 1, initial_delay=0.3, max_delay=1)
    with genai.Client(api_key="unused", vertexai=False, http_options=types.HttpOptions(base_url=url, retry_options=again)) as client:
        return client.models.generate_content(model=model, contents=PROMPT).text


CLIENTS = {"OpenAI Python, sync": ask_openai, "Anthropic Python, sync": ask_anthropic, "Google Gen AI Python, sync": ask_google}


@pytest.fixture(params=CLIENTS)
def client(request):
    return request.param


CLIENT = "{client}"


def answers(mock):
    """To requests for text; the gateway asks for lists of models too."""
    return [record.status for record in mock.state.journal.records(wait=2) if "models" != record.path.rsplit("/", 1)[-1]]


@pytest.mark.feature("retries")
def test_sdk_tries_again(gateways, mock, client, provider):
    url = gateways(provider).url
    mock.state.reset()
    mock.state.scenarios.add(Fail(503, message="Not now.", times=1))
    assert CLIENTS[client](url, DEFAULT[provider], 3)
    print(mock.state.journal.records(wait=2))
    assert answers(mock) == [503, 200]


@pytest.mark.feature("retries")
def test_sdk_does_not_try_in_vain(gateways, mock, client, provider):
    url = gateways(provider).url
    mock.state.reset()
    mock.state.scenarios.add(Fail(400, message="The mock refuses."))
    with pytest.raises(Exception, match="The mock refuses"):
        CLIENTS[client](url, DEFAULT[provider], 3)
    assert answers(mock) == [400]
