#pragma once
/// Requests as they look when they have ended.
#include <chrono>

#include "telemetry/request_record.hpp"

namespace smg::telemetry {

/// A streamed chat of 1.5 s whose first output came after 250 ms.
inline RequestRecord finished_chat() {
    using std::chrono::milliseconds;
    RequestRecord record;
    record.request_id = "chatcmpl-1";
    record.client = "192.0.2.7";
    record.method = "POST";
    record.target = "/v1/chat/completions?key=AIzaSyD0123456789abcdefghij&alt=sse";
    record.path = "/v1/chat/completions";
    record.endpoint = "chat";
    record.user_agent = "openai-python/1.0";
    record.model = "fast";
    record.streaming = true;
    record.router_type = "openai";
    record.backend_type = "external";
    record.provider = "openai";
    record.worker = "main";
    record.model_sent = "gpt-4o-mini";
    record.model_known = true;
    record.key_source = KeySource::stored;
    record.attempts = 1;
    record.status = 200;
    record.upstream_status = 200;
    record.upstream_request_id = "req_123";
    record.bytes_in = 321;
    record.bytes_out = 4567;
    record.usage.input = 100;
    record.usage.output = 26;
    record.usage.cached = 40;
    record.usage.reasoning = 0;
    const auto begin = RequestRecord::Clock::now();
    record.start(begin);
    record.head_read = begin;
    record.body_read_at(begin + milliseconds(1));
    record.routed_at(begin + milliseconds(2));
    record.connected_at(begin + milliseconds(12));
    record.sent_at(begin + milliseconds(13));
    record.first_byte_at(begin + milliseconds(213));
    record.first_output_at(begin + milliseconds(250));
    record.finish(false, begin + milliseconds(1500));
    return record;
}

/// A path that nobody serves.
inline RequestRecord finished_404() {
    RequestRecord record;
    record.method = "GET";
    record.target = "/nothing";
    record.path = "other";
    record.status = 404;
    record.error_code = "not_found";
    record.start();
    record.finish(false);
    return record;
}

}  // namespace smg::telemetry
