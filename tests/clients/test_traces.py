"""What the gateway exports, before OpenTelemetry's own protobufs and the names of its semantic conventions."""
import json
import os
import urllib.error
import urllib.request

import pytest
from gateway_process import GatewayProcess
from google.protobuf import json_format
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import client_attributes, error_attributes, http_attributes, server_attributes, url_attributes
from opentelemetry.semconv.attributes import user_agent_attributes
from span_sink import WAIT, SpanSink, attributes, read_json

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5", "x_ai": "grok-3", "gcp.gemini": "gemini-2.5-flash"}
MODULES = (gen_ai_attributes, client_attributes, error_attributes, http_attributes, server_attributes, url_attributes, user_agent_attributes)
CONVENTIONS = {value for module in MODULES for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}
PROVIDERS = {each.value for each in gen_ai_attributes.GenAiProviderNameValues}
OPERATIONS = {each.value for each in gen_ai_attributes.GenAiOperationNameValues}


@pytest.fixture(scope="module")
def exported():
    collector = SpanSink("application/json")
    asked = 0
    with GatewayProcess("demo", "--disable-retries", "--enable-trace", "--otlp-traces-endpoint", f"127.0.0.1:{collector.server_port}") as gateway:
        def ask(model, text, stream=False, path="/v1/chat/completions", **more):
            nonlocal asked
            asked += 1
            body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream, **more}
            request = urllib.request.Request(gateway.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    answer.read()
            except urllib.error.HTTPError as refused:
                refused.read()

        for model in MODELS.values():
            ask(model, "Hello")
            ask(model, "Hello", stream=True)
        ask("o4-mini", "Think first.")
        ask("text-embedding-3-small", "", path="/v1/embeddings", input="Hello")
        ask("gpt-4o", "simulate:status=500")
        ask("nobody-serves-this", "Hello")
        spans = collector.wait_for(asked)
    collector.shutdown()
    return spans, collector.resources


def test_every_name_is_a_convention_or_our_own(exported):
    for span in exported[0]:
        for name in attributes(span):
            assert name in CONVENTIONS or name.startswith("smg."), name


def test_values_are_of_the_conventions(exported):
    told = [attributes(span) for span in exported[0]]
    assert {each["gen_ai.provider.name"] for each in told if "gen_ai.provider.name" in each} == set(MODELS) <= PROVIDERS
    assert {each["gen_ai.operation.name"] for each in told} == {"chat", "embeddings"} <= OPERATIONS
    for each in told:
        for name, value in each.items():
            if name.startswith("gen_ai.usage.") or name in ("http.response.status_code", "server.port"):
                assert isinstance(value, int) and not isinstance(value, bool), name
    assert any(each.get("gen_ai.usage.reasoning.output_tokens", 0) > 0 for each in told)
    assert any(each.get("gen_ai.request.stream") is True for each in told)
    assert any(0 < each.get("gen_ai.response.time_to_first_chunk", 0) < WAIT for each in told)


def test_a_request_is_a_server_span_and_each_attempt_its_child(exported):
    spans = exported[0]
    servers = {span.span_id: span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_SERVER}
    attempts = [span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_CLIENT]
    assert len(servers) + len(attempts) == len(spans)
    assert len(attempts) == len(servers) - 1, "nobody was asked for the model that nobody serves"
    for span in spans:
        assert len(span.trace_id) == 16 and len(span.span_id) == 8
        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
    for attempt in attempts:
        parent = servers[attempt.parent_span_id]
        assert attempt.trace_id == parent.trace_id
        assert parent.start_time_unix_nano <= attempt.start_time_unix_nano <= attempt.end_time_unix_nano <= parent.end_time_unix_nano
        assert attempt.name == f"{attributes(attempt)['gen_ai.operation.name']} {attributes(attempt)['gen_ai.request.model']}"


def test_failures_have_a_status_and_a_type(exported):
    failed = [span for span in exported[0] if span.status.code == trace_pb2.Status.STATUS_CODE_ERROR]
    assert {span.kind for span in failed} == {trace_pb2.Span.SPAN_KIND_SERVER, trace_pb2.Span.SPAN_KIND_CLIENT}
    assert all(attributes(span)["error.type"] for span in failed)
    missing = [attributes(span) for span in exported[0] if attributes(span).get("http.response.status_code") == 404]
    assert [each["error.type"] for each in missing] == ["model_not_found"]


def test_the_resource_names_the_service(exported):
    for resource in exported[1]:
        assert attributes(resource)["service.name"] == "smg"


def test_the_judge_can_say_no():
    good = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "x", "kind": 2}]}]}]}
    assert read_json(json.dumps(good)).resource_spans[0].scope_spans[0].spans[0].span_id == b"\xcd" * 8
    for member, value in (("unknown", 1), ("kind", "SPAN_KIND_OF_ITS_OWN"), ("startTimeUnixNano", "soon"), ("attributes", {})):
        bad = json.loads(json.dumps(good))
        bad["resourceSpans"][0]["scopeSpans"][0]["spans"][0][member] = value
        with pytest.raises(json_format.ParseError):
            read_json(json.dumps(bad))
