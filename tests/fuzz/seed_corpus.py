#!/usr/bin/env python3
"""Makes what the fuzzers begin with out of recorded traffic of the providers.

Usage: seed_corpus.py RECORDINGS CORPUS      (CORPUS/<target>/ is made, and each file named by its contents)"""
import gzip
import hashlib
import json
import pathlib
import re
import sys
import zlib

CODECS = {"/chat/completions": "codec_openai_chat", "/responses": "codec_openai_responses", "/messages": "codec_anthropic_messages",
          "enerateContent": "codec_gemini"}
REQUEST, ANSWER, STREAM, ERROR = b"0", b"1", b"2", b"3"  # as fuzz_codec.hpp reads the first byte
SIGNATURE = re.compile(rb'"(?:signature|thoughtSignature|encrypted_content)":\s*"([^"]+)"')


def framed(first_line, body):
    return b"0" + first_line + b"\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:100], body[100:]) if piece)
    return b"0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def of_request(codec, body):
    yield codec, REQUEST + body
    yield "codec_json_members", body
    yield "gateway_request_scan", body
    yield "http_reader", framed(b"POST /v1/x HTTP/1.1", body)
    yield "http_content_coding", b"\0" + gzip.compress(body, mtime=0)
    yield "http_content_coding", b"\1" + zlib.compress(body)
    yield "http_content_coding", b"\1" + zlib.compress(body, wbits=-15)
    form = b'--xYz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + body[:300]
    yield "gateway_form_scan", form + b'\r\n--xYz\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--xYz--\r\n'


def of_answer(codec, body, status):
    yield codec, (ANSWER if status < 400 else ERROR) + body
    yield "codec_json_members", body
    yield "http_reader", framed(b"HTTP/1.1 %d X" % status, body)


def of_stream(codec, body):
    yield codec, STREAM + body
    for target in ("http_sse", "gateway_event_splitter"):
        yield target, b"0" + body
        yield target, b"0" + body.replace(b"\n", b"\r\n") if b"\r\n" not in body else b"0" + body.replace(b"\r\n", b"\n")
    yield "http_reader", chunked(body)


def seeds(recordings):
    for meta in sorted(recordings.glob("*/*.meta.json")):
        told = json.loads(meta.read_text(encoding="utf-8"))
        codec = next((target for part, target in CODECS.items() if part in told["endpoint"]), "codec_json_members")
        name = meta.name.removesuffix(".meta.json")
        for ending, seeds_of in (("request.json", lambda body: of_request(codec, body)), ("response.sse", lambda body: of_stream(codec, body)),
                                 ("response.json", lambda body: of_answer(codec, body, told["status"]))):
            path = meta.with_name(f"{name}.{ending}")
            if not path.exists():
                continue
            body = path.read_bytes()
            yield from seeds_of(body)
            for signature in SIGNATURE.findall(body):
                yield "codec_envelope", signature


def main():
    recordings, corpus = map(pathlib.Path, sys.argv[1:3])
    for target, seed in seeds(recordings):
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
