"""Fixtures of the client tests: gateways, the four models, both base URLs, and the record of what worked."""
import asyncio
import inspect
import json
import os
import pathlib

import pytest
from gateway_process import GatewayProcess

# The gateway is on this machine; a proxy of the environment is not asked for it.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"

MODELS = {
    "openai": "gpt-4o",
    "anthropic": "claude-sonnet-4-20250514",
    "xai": "grok-4",
    "gemini": "gemini-2.5-flash",
}

outcomes = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "feature(name, client): the cell of docs/compatibility.md that the test stands for, with its provider")


@pytest.fixture(scope="session")
def demo():
    """The gateway in front of four simulated providers."""
    with GatewayProcess("demo") as process:
        yield process


@pytest.fixture(params=MODELS)
def provider(request):
    return request.param


@pytest.fixture
def model(provider):
    return MODELS[provider]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A test that is a coroutine runs in an event loop of its own, and what it was given is closed in that loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}

    async def run():
        try:
            await pyfuncitem.obj(**arguments)
        finally:
            for value in arguments.values():
                if hasattr(value, "aclose_here"):
                    await value.aclose_here()

    asyncio.run(run())
    return True


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
    """Writes what worked to SMG_CLIENT_RESULTS, one row a client, provider and feature; compatibility.py makes a table of it."""
    target = os.environ.get("SMG_CLIENT_RESULTS")
    if not target or not outcomes:
        return
    rows = [{"client": c, "provider": p, "feature": f, "works": works, "tests": n} for (c, p, f), (works, n) in outcomes.items()]
    path = pathlib.Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
