"""An upstream that keeps what it is sent and answers with a fixed answer in the API's own format. It judges nothing itself, and refuses when told to.

ROOTS are the API roots; `/official/gemini/v1beta` is for an official SDK, whose request is compared with the gateway's."""
import dataclasses
import http.server
import json
import threading

ROOTS = {"openai": "/openai/v1", "anthropic": "/anthropic/v1", "xai": "/xai/v1", "gemini": "/gemini/v1beta"}

CHAT = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "recorded",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Noted.", "refusal": None}, "logprobs": None, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
CHUNKS = [
    {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "recorded",
     "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Noted."}, "finish_reason": "stop"}]},
]
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "recorded", "content": [{"type": "text", "text": "Noted."}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2},
}
MESSAGE_EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Noted."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
CONTENT = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Noted."}]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
    "modelVersion": "recorded", "responseId": "r1",
}
RESPONSE = {
    "id": "resp_1", "object": "response", "created_at": 1700000000, "status": "completed", "error": None, "incomplete_details": None,
    "instructions": None, "model": "recorded", "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "metadata": {},
    "temperature": 1.0, "top_p": 1.0, "store": False, "text": {"format": {"type": "text"}}, "reasoning": {"effort": None, "summary": None},
    "output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "Noted.", "annotations": [], "logprobs": []}]}],
    "usage": {"input_tokens": 3, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 2,
              "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 5},
}
RESPONSE_EVENTS = [
    {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "output": [], "usage": None}, "sequence_number": 0},
    {"type": "response.completed", "response": RESPONSE, "sequence_number": 1},
]


@dataclasses.dataclass
class Recorded:
    path: str
    headers: dict
    raw: bytes

    @property
    def body(self):
        """As JSON; a member that stands twice in its object is an error."""
        return json.loads(self.raw, object_pairs_hook=without_doubles)


def without_doubles(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a member stands twice among {[name for name, _ in pairs]}")
    return members


def refusal_of(path, status):
    """An error as the provider at `path` writes it."""
    told = "It was told to refuse."
    if path.startswith(ROOTS["anthropic"]):
        return {"type": "error", "error": {"type": "invalid_request_error" if status < 500 else "api_error", "message": told}}
    if path.startswith(ROOTS["gemini"]):
        return {"error": {"code": status, "message": told, "status": "INVALID_ARGUMENT" if status < 500 else "UNAVAILABLE"}}
    return {"error": {"message": told, "type": "invalid_request_error" if status < 500 else "server_error", "param": None, "code": None}}


def answer_to(path, body):
    """Content type and bytes."""
    if path.endswith("/chat/completions"):
        if body.get("stream"):
            return "text/event-stream", events(CHUNKS) + b"data: [DONE]\n\n"
        return "application/json", json.dumps(CHAT).encode()
    for ending, whole, parts in (("/messages", MESSAGE, MESSAGE_EVENTS), ("/responses", RESPONSE, RESPONSE_EVENTS)):
        if path.endswith(ending) and body.get("stream"):
            return "text/event-stream", "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in parts).encode()
        if path.endswith(ending):
            return "application/json", json.dumps(whole).encode()
    if ":streamGenerateContent" in path:
        return "text/event-stream", events([CONTENT])
    if path.endswith(":generateContent"):
        return "application/json", json.dumps(CONTENT).encode()
    return None, b""


def events(datas):
    return b"".join(b"data: " + json.dumps(data).encode() + b"\n\n" for data in datas)


class RecordingUpstream:
    """A context manager: serves on a free port of 127.0.0.1 while it is open."""

    def __enter__(self):
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["content-length"]))
                kind, answer = answer_to(self.path, json.loads(raw))
                with upstream._lock:
                    status, upstream._refusal = upstream._refusal or (200 if kind else 404), None
                    upstream._recorded.append(Recorded(self.path, {k.lower(): v for k, v in self.headers.items()}, raw))
                    upstream._statuses.append(status)
                if status not in (200, 404):
                    kind, answer = "application/json", json.dumps(refusal_of(self.path, status)).encode()
                self._say(status, kind or "text/plain", answer)

            def do_GET(self):
                self._say(404, "text/plain", b"")

            def _say(self, status, kind, answer):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._lock = threading.Lock()
        self._recorded, self._statuses, self._refusal = [], [], None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def refuse(self, status):
        """The next request gets this status, and those after it their answers. What came before is forgotten."""
        with self._lock:
            self._refusal, self._statuses = status, []

    def statuses(self):
        """What was answered since the last `refuse`."""
        with self._lock:
            return list(self._statuses)

    def take(self):
        """What has come since the last call, in order."""
        with self._lock:
            taken, self._recorded = self._recorded, []
        return taken
