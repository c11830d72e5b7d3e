"""Fixtures of the client tests: gateways, the four models, both base URLs, and the record of what worked."""
import asyncio
import inspect
import json
import os
import pathlib

import pytest
from gateway_process import GatewayProcess
from recording_upstream import ROOTS, RecordingUpstream
from silences import KEEP_ALIVE
from workers import register

# The gateway is on this machine; a proxy of the environment is not asked for it.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"

MODELS = {
    "openai": "gpt-4o",
    "anthropic": "claude-sonnet-4-20250514",
    "xai": "grok-4",
    "gemini": "gemini-2.5-flash",
}

NAMES = {"openai": "OpenAI", "anthropic": "Anthropic", "xai": "xAI", "gemini": "Gemini"}  # as the simulated ones say

# Where the first of each provider cannot: models that show their thoughts, and that keep to a schema.
THINKING = {**MODELS, "openai": "o4-mini", "xai": "grok-3-mini"}
STRUCTURED = {**MODELS, "anthropic": "claude-sonnet-4-5"}
EMBEDDING = {"openai": "text-embedding-3-small", "gemini": "gemini-embedding-001"}

# What a provider does not have, each with its reason and source: the only cells of docs/compatibility.md that may say no. A test of such a
# cell shows that the gateway refuses.
GAPS = json.loads((pathlib.Path(__file__).parent / "gaps.json").read_text(encoding="utf-8"))

outcomes = {}
clients = {}
loop = asyncio.Runner()


def lacks(provider, feature):
    return any(gap["feature"] == feature and provider in gap["providers"] for gap in GAPS)


def pytest_configure(config):
    config.addinivalue_line("markers", "feature(name, client): the cell of docs/compatibility.md that the test stands for, with its provider")
    for warning in ("DeprecationWarning", "UserWarning", "FutureWarning"):  # of the clients, about each other and their own age
        config.addinivalue_line("filterwarnings", f"ignore::{warning}")


@pytest.fixture(scope="session")
def demo():
    """The gateway in front of four simulated providers."""
    with GatewayProcess("demo") as process:
        yield process


# What a gateway learns about a worker that fails stays with it: the tests in which one does have gateways of their own.
@pytest.fixture(scope="session")
def breaking_demo():
    with GatewayProcess("demo") as process:
        yield process


@pytest.fixture(scope="session")
def penniless_demo():
    with GatewayProcess("demo") as process:
        yield process


@pytest.fixture(scope="session")
def silent_demo():
    """A gateway that keeps connections alive that are silent for a second."""
    with GatewayProcess("demo", *KEEP_ALIVE) as process:
        yield process


@pytest.fixture(scope="session")
def refusing():
    """A gateway that sends each request once, and has behind it an upstream (`upstream`) that can be told to refuse."""
    with RecordingUpstream() as upstream, GatewayProcess("--enable-igw", "--disable-retries", "--disable-circuit-breaker") as process:
        for provider, root in ROOTS.items():
            assert register(process, provider, upstream.url + root, models=[MODELS[provider]])["status"] == "ready"
        process.upstream = upstream
        yield process


@pytest.fixture(params=["sync", "async"])
def flavour(request):
    return request.param


@pytest.fixture(params=["/v1", ""], ids=["v1", "bare"])
def base(request):
    return request.param


@pytest.fixture(params=MODELS)
def provider(request):
    return request.param


@pytest.fixture
def model(provider):
    return MODELS[provider]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test that is a coroutine runs in the one event loop of the run: clients keep connections for longer than a test."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    loop.run(pyfuncitem.obj(**arguments))
    return True


def kept(make, *arguments):
    """A client that is made once, since that takes longer than most tests, and closed at the end of the run."""
    if (make, arguments) not in clients:
        clients[make, arguments] = make(*arguments)
    return clients[make, arguments]


def pytest_collection_modifyitems(config, items):
    """Sync clients have the one form of base URL and async ones the other, but for the first feature, where they have both."""
    chosen, left_out = [], []
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        form = parameters.get("base", parameters.get("version"))
        marker = item.get_closest_marker("feature")
        both = form is None or "flavour" not in parameters or marker is not None and marker.args[0] in ("chat", "Responses: chat")
        wanted = both or (parameters["flavour"] == "sync") == (form in ("/v1", "v1beta"))
        (chosen if wanted else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    marker = item.get_closest_marker("feature")
    if marker is None or report.passed and report.when != "call":
        return
    parameters = getattr(item, "callspec", None)
    parameters = parameters.params if parameters else {}
    client = marker.kwargs.get("client") or item.module.CLIENT.format(**parameters)
    key = (client, parameters["provider"], marker.args[0])
    works, count = outcomes.get(key, (True, 0))
    outcomes[key] = (works and report.passed, count + 1)


def pytest_sessionfinish(session):
    """Closes what was kept, and writes what worked to SMG_CLIENT_RESULTS, one row a client, provider and feature: compatibility.py makes tables of
    them."""
    for client in clients.values():
        loop.run(client.aclose_here())
    loop.close()
    target = os.environ.get("SMG_CLIENT_RESULTS")
    if not target or not outcomes:
        return
    rows = [{"client": c, "provider": p, "feature": f, "works": works, "tests": n} for (c, p, f), (works, n) in outcomes.items()]
    path = pathlib.Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
