#pragma once
/// Calls of the simulated Gemini, and what is read out of its answers.
#include "unit/simulator/provider_calls.hpp"

namespace smg::simulator {

class Gemini {
public:
    explicit Gemini(SimulatorOptions options = {}) : provider_(with_name(std::move(options))) {}

    Called post(const std::string& target, const std::string& body) { return call(provider_, "POST", target, key_, body); }
    Called post(const std::string& target, const OrderedJson& body) { return post(target, body.dump()); }
    Called get(const std::string& target) { return call(provider_, "GET", target, key_); }
    Called with(const std::string& method, const std::string& target, const http::Fields& fields, const std::string& body = {}) {
        return call(provider_, method, target, fields, body);
    }
    Called generate(const OrderedJson& body, const std::string& model = "gemini-2.5-flash") {
        return post("/v1beta/models/" + model + ":generateContent", body);
    }
    /// The data of each event.
    std::vector<OrderedJson> stream(const OrderedJson& body, const std::string& model = "gemini-2.5-flash") {
        const auto called = post("/v1beta/models/" + model + ":streamGenerateContent?alt=sse", body);
        std::vector<OrderedJson> events;
        if (called.status != 200) return events;
        const auto text = called.reply.content();
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find("\r\n\r\n", at);
            if (end == std::string::npos || text.compare(at, 6, "data: ") != 0) throw std::runtime_error("no event: " + text.substr(at));
            events.push_back(OrderedJson::parse(text.substr(at + 6, end - at - 6)));
            at = end + 4;
        }
        return events;
    }

private:
    static SimulatorOptions with_name(SimulatorOptions options) {
        options.provider = "gemini";
        return options;
    }
    SimulatedProvider provider_;
    const http::Fields key_ = fields_of({{"x-goog-api-key", "some-key"}, {"Content-Type", "application/json"}});
};

inline OrderedJson user_turn(const std::string& text) { return {{"role", "user"}, {"parts", OrderedJson::array({OrderedJson{{"text", text}}})}}; }

inline OrderedJson turn(const std::string& role, const std::vector<OrderedJson>& parts) { return {{"role", role}, {"parts", OrderedJson(parts)}}; }

inline OrderedJson asks(const std::string& text) { return {{"contents", OrderedJson::array({user_turn(text)})}}; }

/// Asks for the weather, and offers a tool for it.
inline OrderedJson asks_with_tool(const std::string& text) {
    auto body = asks(text);
    body["tools"] = OrderedJson::parse(R"([{"functionDeclarations":[{"name":"get_weather","description":"d",
        "parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}},"required":["city"]}}]}])");
    return body;
}

inline const OrderedJson& candidate_of(const OrderedJson& body) { return body.at("candidates").at(0); }
inline const OrderedJson& parts_of(const OrderedJson& body) { return candidate_of(body).at("content").at("parts"); }

inline OrderedJson function_call(const std::string& name, const std::string& signature = {}) {
    OrderedJson part{{"functionCall", {{"name", name}, {"args", OrderedJson::object()}}}};
    if (!signature.empty()) part["thoughtSignature"] = signature;
    return part;
}

inline OrderedJson function_response(const std::string& name, const std::string& output) {
    return {{"functionResponse", {{"name", name}, {"response", {{"output", output}}}}}};
}

inline std::string message_of(const Called& called) { return called.body.at("error").at("message").get<std::string>(); }

}  // namespace smg::simulator
