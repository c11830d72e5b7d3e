"""The gateway's traces before an OpenTelemetry Collector: what that made of them, as it hands them on."""
import contextlib
import json
import os
import pathlib
import secrets
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from gateway_process import STOP_WITHIN, GatewayProcess, SimulatorProcess, binary, environment
from opentelemetry.proto.trace.v1 import trace_pb2
from span_sink import CLIENT, SERVER, WAIT, SpanSink, attributes
from workers import register

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
OTELCOL = pathlib.Path(os.environ["SMG_CLIENTS"]) / "collector/otelcol"
PARENT = "b7ad6b7169203331"
LONGEST_PAUSE = 30  # in which the gateway leaves a collector alone that was away (docs/traces.md)
MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5", "xai": "grok-3"}
FAILING = {"openai": (), "anthropic": ("--fail", "500:1"), "xai": ("--fail", "503:0.5")}  # never, always, every other time


class CollectorProcess:
    """`otelcol`, which takes OTLP over HTTP and hands it on to `sink` in protobuf. A restarted one has the port that it had before."""

    def __init__(self, sink):
        self.sink, self.port, self.log = sink, 0, []

    def start(self):
        url = f"http://127.0.0.1:{self.sink.server_port}/v1/traces"
        config = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.port}"}}}},
            "exporters": {"otlp_http": {"traces_endpoint": url, "compression": "none"}},
            "service": {"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["otlp_http"]}}},
        }
        self.process = subprocess.Popen([OTELCOL, "--config", "yaml:" + json.dumps(config)], stderr=subprocess.PIPE, text=True, env=environment())
        ready = threading.Event()
        self.reader = threading.Thread(target=self._read, args=(self.process.stderr, ready), daemon=True)
        self.reader.start()
        ready.wait(WAIT)
        assert self.process.poll() is None and self.port, "".join(self.log)

    def _read(self, lines, ready):
        for line in lines:
            self.log.append(line)
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("msg") == "Starting HTTP server":
                self.port = int(said["endpoint"].rpartition(":")[2])
            if said.get("msg", "").startswith("Everything is ready"):
                ready.set()
        ready.set()  # it has ended: there is nothing to wait for

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stderr.close()


class Pipeline:
    """Simulated providers, the gateway, the collector and, behind it, the sink."""

    def __init__(self, gateway, collector, sink):
        self.gateway, self.collector, self.sink = gateway, collector, sink

    def ask(self, model, stream=False, **headers):
        """A chat of a caller that traces: its trace's id, the answer's headers and body."""
        trace_id = secrets.token_hex(16)
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "stream": stream}
        if stream:
            body["stream_options"] = {"include_usage": True}
        headers = {"content-type": "application/json", "traceparent": f"00-{trace_id}-{PARENT}-01", **headers}
        request = urllib.request.Request(self.gateway.url + "/v1/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return trace_id, answer.headers, answer.read()

    def count(self, name):
        with urllib.request.urlopen(self.gateway.url + "/metrics", timeout=10) as answer:
            return next(int(float(line.split()[1])) for line in answer.read().decode().splitlines() if line.startswith(name + " "))

    def ask_until(self, told, seconds):
        """Asks, and is answered, until `told` says so; not so often that the gateway's queue of spans is full."""
        until = time.monotonic() + seconds
        while not told():
            assert time.monotonic() < until
            self.ask(MODELS["openai"])
            time.sleep(0.05)


@pytest.fixture(scope="module")
def pipeline():
    with contextlib.ExitStack() as stack:
        sink = SpanSink("application/x-protobuf")
        stack.callback(sink.server_close)
        stack.callback(sink.shutdown)
        collector = CollectorProcess(sink)
        collector.start()
        stack.callback(collector.stop)
        endpoint = f"127.0.0.1:{collector.port}"
        flags = ("--enable-igw", "--disable-circuit-breaker", "--retry-initial-backoff-ms", "1")
        gateway = stack.enter_context(GatewayProcess(*flags, "--enable-trace", "--otlp-traces-endpoint", endpoint))
        gateway.ports = {}
        for provider, model in MODELS.items():
            simulator = stack.enter_context(SimulatorProcess("--provider", provider, *FAILING[provider]))
            gateway.ports[provider] = urllib.parse.urlsplit(simulator.url).port
            assert register(gateway, provider, simulator.url, name=provider, models=[model])["status"] == "ready"
        yield Pipeline(gateway, collector, sink)


def check_family(server, attempts):
    """What holds of every request of `Pipeline.ask`."""
    assert (server.kind, server.parent_span_id.hex(), server.name) == (SERVER, PARENT, "POST /v1/chat/completions")
    assert attributes(server)["smg.attempts"] == len(attempts)
    for attempt in attempts:
        assert (attempt.kind, attempt.parent_span_id, attempt.trace_id) == (CLIENT, server.span_id, server.trace_id)
        assert server.start_time_unix_nano <= attempt.start_time_unix_nano <= attempt.end_time_unix_nano <= server.end_time_unix_nano
    assert len({span.span_id for span in (server, *attempts)}) == 1 + len(attempts)
    assert abs(server.end_time_unix_nano / 1e9 - time.time()) < 10 * WAIT


def told(span, *names):
    return tuple(attributes(span).get(name) for name in names)


WHO = ("gen_ai.provider.name", "gen_ai.request.model", "smg.worker", "http.response.status_code")
USAGE = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")


def test_a_request_and_its_attempt(pipeline):
    trace_id, headers, body = pipeline.ask(MODELS["openai"], tracestate="vendor=1", **{"x-request-id": "one-of-the-tests"})
    server, attempts = pipeline.sink.trace(trace_id)
    check_family(server, attempts)
    usage = json.loads(body)["usage"]
    for span in (server, *attempts):
        assert told(span, "gen_ai.operation.name", *WHO) == ("chat", "openai", "gpt-4o", "openai", 200)
        assert told(span, *USAGE) == (usage["prompt_tokens"], usage["completion_tokens"])
        assert span.status.code == trace_pb2.Status.STATUS_CODE_UNSET
    assert told(server, "http.request.method", "http.route", "url.path", "client.address", "smg.outcome") == (
        "POST", "/v1/chat/completions", "/v1/chat/completions", "127.0.0.1", "complete")
    assert told(server, "smg.request_id") == (headers["x-request-id"],) == ("one-of-the-tests",)
    assert server.trace_state == "vendor=1"
    assert [attempt.name for attempt in attempts] == ["chat gpt-4o"]
    assert told(attempts[0], "server.address", "server.port") == ("127.0.0.1", pipeline.gateway.ports["openai"])


def test_a_stream(pipeline):
    trace_id, _, body = pipeline.ask(MODELS["openai"], stream=True)
    assert body.endswith(b"data: [DONE]\n\n")
    chunks = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: {")]
    server, attempts = pipeline.sink.trace(trace_id)
    check_family(server, attempts)
    assert len(attempts) == 1
    assert told(server, "gen_ai.request.stream", *WHO, "smg.outcome") == (True, "openai", "gpt-4o", "openai", 200, "complete")
    assert 0 < attributes(server)["gen_ai.response.time_to_first_chunk"] < WAIT
    assert told(server, *USAGE) == (chunks[-1]["usage"]["prompt_tokens"], chunks[-1]["usage"]["completion_tokens"])


def test_an_attempt_that_failed_and_the_same_worker_again(pipeline):
    families = []
    for _ in range(2):  # one of them meets the 503
        families.append(pipeline.sink.trace(pipeline.ask(MODELS["xai"])[0]))
        check_family(*families[-1])
    server, attempts = max(families, key=lambda family: len(family[1]))
    assert [told(each, *WHO, "error.type") for each in attempts] == [
        ("x_ai", "grok-3", "xai", 503, "overloaded"), ("x_ai", "grok-3", "xai", 200, None)]
    assert [each.status.code for each in attempts] == [trace_pb2.Status.STATUS_CODE_ERROR, trace_pb2.Status.STATUS_CODE_UNSET]
    assert (told(server, *WHO), server.status.code) == (("x_ai", "grok-3", "xai", 200), trace_pb2.Status.STATUS_CODE_UNSET)


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_fails_and_the_one_after_it(pipeline, stream):
    trace_id, headers, _ = pipeline.ask(MODELS["anthropic"], stream, **{"x-smg-fallback-models": MODELS["openai"]})
    assert headers["x-smg-fallback-model"] == MODELS["openai"]
    server, attempts = pipeline.sink.trace(trace_id)
    check_family(server, attempts)
    *failed, served = attempts
    assert {told(each, *WHO, "error.type") for each in failed} == {("anthropic", "claude-sonnet-4-5", "anthropic", 500, "server_error")}
    assert {(each.name, each.status.code) for each in failed} == {("chat claude-sonnet-4-5", trace_pb2.Status.STATUS_CODE_ERROR)}
    assert (served.name, *told(served, *WHO)) == ("chat gpt-4o", "openai", "gpt-4o", "openai", 200)
    assert told(server, "smg.worker", "http.response.status_code", "error.type") == ("openai", 200, None)


def test_a_request_that_failed(pipeline):
    with pytest.raises(urllib.error.HTTPError) as refused:
        pipeline.ask(MODELS["anthropic"])
    with refused.value as answer:
        request_id = answer.headers["x-request-id"]
    spans = pipeline.sink.wait_until(lambda spans: any(told(span, "smg.request_id") == (request_id,) for span in spans))
    trace_id = next(span.trace_id.hex() for span in spans if told(span, "smg.request_id") == (request_id,))
    server, attempts = pipeline.sink.trace(trace_id)
    check_family(server, attempts)
    for span in (server, *attempts):
        assert (span.status.code, *told(span, "http.response.status_code")) == (trace_pb2.Status.STATUS_CODE_ERROR, 500)
        assert attributes(span)["error.type"]


def test_all_of_it_is_of_one_service(pipeline):
    version = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True, timeout=WAIT).stdout.split()[1]
    pipeline.sink.trace(pipeline.ask(MODELS["openai"])[0])
    assert {told(each, "service.name", "service.version") for each in pipeline.sink.resources} == {("smg", version)}
    assert {(each.name, each.version) for each in pipeline.sink.scopes} == {("smg", version)}


def test_a_collector_that_is_another_between_two_batches(pipeline):
    pipeline.sink.trace(pipeline.ask(MODELS["openai"])[0])
    dropped = pipeline.count("smg_traces_dropped_total")
    pipeline.collector.stop()
    pipeline.collector.start()
    check_family(*pipeline.sink.trace(pipeline.ask(MODELS["openai"])[0]))
    assert pipeline.count("smg_traces_dropped_total") == dropped


def test_a_collector_that_stops_and_comes_back(pipeline):
    pipeline.sink.trace(pipeline.ask(MODELS["openai"])[0])
    dropped = pipeline.count("smg_traces_dropped_total")
    pipeline.collector.stop()
    pipeline.ask_until(lambda: pipeline.count("smg_traces_dropped_total") > dropped, WAIT)
    pipeline.collector.start()
    trace_id, *_ = pipeline.ask(MODELS["openai"])
    check_family(*pipeline.sink.trace(trace_id, LONGEST_PAUSE + WAIT))


def test_a_collector_that_hangs_and_goes_on(pipeline):
    pipeline.sink.trace(pipeline.ask(MODELS["openai"])[0])
    dropped = pipeline.count("smg_traces_dropped_total")
    pipeline.collector.process.send_signal(signal.SIGSTOP)
    try:
        pipeline.ask_until(lambda: pipeline.count("smg_traces_dropped_total") > dropped, WAIT)
    finally:
        pipeline.collector.process.send_signal(signal.SIGCONT)
    trace_id, *_ = pipeline.ask(MODELS["openai"])
    check_family(*pipeline.sink.trace(trace_id, LONGEST_PAUSE + WAIT))


def test_what_waits_goes_out_when_the_gateway_stops(pipeline):
    with GatewayProcess("demo", "--enable-trace", "--otlp-traces-endpoint", f"127.0.0.1:{pipeline.collector.port}") as gateway:
        asked = [Pipeline(gateway, pipeline.collector, pipeline.sink).ask(MODELS["openai"])[0] for _ in range(3)]
    for trace_id in asked:
        check_family(*pipeline.sink.trace(trace_id))


def test_the_collector_can_say_no(pipeline):
    for body in (b'{"resourceSpans": 1}', b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "not hex"}]}]}]}', b"{"):
        request = urllib.request.Request(f"http://127.0.0.1:{pipeline.collector.port}/v1/traces", body, {"content-type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        with refused.value as answer:
            assert answer.status == 400
