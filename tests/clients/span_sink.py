"""Where spans arrive: an OTLP/HTTP server that reads them with OpenTelemetry's own protobufs, strictly."""
import base64
import http.server
import json
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

WAIT = 30
SERVER, CLIENT = trace_pb2.Span.SPAN_KIND_SERVER, trace_pb2.Span.SPAN_KIND_CLIENT


def binary_ids(node):
    """OTLP's JSON writes the ids in hex, protobuf's bytes in base64 (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding")."""
    if isinstance(node, list):
        return [binary_ids(each) for each in node]
    if not isinstance(node, dict):
        return node
    ids = ("traceId", "spanId", "parentSpanId")
    return {key: base64.b64encode(bytes.fromhex(value)).decode() if key in ids else binary_ids(value) for key, value in node.items()}


def read_json(body):
    """Strictly: an unknown member, or one of another type, is an error."""
    return json_format.ParseDict(binary_ids(json.loads(body)), trace_service_pb2.ExportTraceServiceRequest(), ignore_unknown_fields=False)


READERS = {"application/json": read_json, "application/x-protobuf": trace_service_pb2.ExportTraceServiceRequest.FromString}
ANSWERS = {"application/json": b"{}", "application/x-protobuf": b""}  # an ExportTraceServiceResponse


def attributes(of):
    """Of a span or a resource."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in of.attributes}


class SpanSink(http.server.ThreadingHTTPServer):
    """Keeps the spans that it is sent in one encoding."""

    daemon_threads = True

    def __init__(self, encoding):
        self.spans, self.resources, self.scopes, self.faults = [], [], [], []
        self.arrived = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with outer.arrived:
                    try:
                        assert (self.path, self.headers["content-type"]) == ("/v1/traces", encoding)
                        for each in READERS[encoding](body).resource_spans:
                            outer.resources.append(each.resource)
                            for scope in each.scope_spans:
                                outer.scopes.append(scope.scope)
                                outer.spans.extend(scope.spans)
                    except Exception as fault:  # told by the test, not by the gateway
                        outer.faults.append(fault)
                    outer.arrived.notify_all()
                self.send_response(200)
                self.send_header("content-type", encoding)
                self.send_header("content-length", str(len(ANSWERS[encoding])))
                self.end_headers()
                self.wfile.write(ANSWERS[encoding])

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_until(self, complete, seconds=WAIT):
        """All spans, once `complete` says of them that they are."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.faults or complete(self.spans), seconds), f"{len(self.spans)} spans after {seconds} s"
            assert not self.faults
            return list(self.spans)

    def wait_for(self, servers):
        """All spans, once so many requests have theirs."""
        return self.wait_until(lambda spans: sum(span.kind == SERVER for span in spans) >= servers)

    def trace(self, trace_id, seconds=WAIT):
        """The spans of one request, which come in one batch: the server's, and its attempts in their order."""
        spans = self.wait_until(lambda spans: any(span.trace_id.hex() == trace_id and span.kind == SERVER for span in spans), seconds)
        own = sorted((span for span in spans if span.trace_id.hex() == trace_id), key=lambda span: (span.kind != SERVER, span.start_time_unix_nano))
        return own[0], own[1:]
