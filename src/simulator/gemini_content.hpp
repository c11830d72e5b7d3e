#pragma once
/// generateContent as Gemini speaks it: what is accepted, what it asks for, and how an answer is written.
#include <optional>
#include <string>
#include <vector>

#include "simulator/delivery.hpp"
#include "simulator/json.hpp"
#include "simulator/models.hpp"
#include "simulator/plan.hpp"
#include "simulator/shape.hpp"

namespace smg::simulator {

/// google.rpc.Status, as far as it is used.
struct GeminiError {
    int status = 400;
    std::string code = "INVALID_ARGUMENT";  ///< its `status`
    std::string message;
    std::string field = {};   ///< of a google.rpc.BadRequest; empty: none
    std::string reason = {};  ///< of a google.rpc.ErrorInfo; empty: none
    std::string quota = {};   ///< `quotaId` of a google.rpc.QuotaFailure; empty: none
};

/// proto3 JSON: `fooBar` and `foo_bar` are one name, unknown ones are refused.
[[nodiscard]] const Shape& content_shape();
[[nodiscard]] GeminiError error_of(const Problem& problem);

/// What no shape can say. The body's keys are camelCase by now.
[[nodiscard]] std::optional<GeminiError> content_refusal(const Json& body, const Model& model);
/// Of it, the rules for turns: roles, parts, which answer follows which call, signatures.
[[nodiscard]] std::optional<GeminiError> contents_refusal(const Json& contents, const Model& model);
/// The subset of OpenAPI's schema that `parameters` and `responseSchema` know; `where` in snake_case.
[[nodiscard]] std::optional<GeminiError> schema_refusal(const Json& schema, const std::string& where);

[[nodiscard]] Prompt content_prompt(const Json& body, const Model& model);

struct ContentAnswer {
    std::string id;
    std::string model;
    std::uint64_t seed = 0;
    std::uint64_t prompt_tokens = 0;
    bool shows_thoughts = false;
    bool signs_calls = false;  ///< calls have ids and signatures
};

[[nodiscard]] Json content_json(const ContentAnswer& answer, const Plan& plan);
/// Each chunk of a stream.
[[nodiscard]] std::vector<Json> content_chunks(const ContentAnswer& answer, const Plan& plan, std::size_t pieces);

inline constexpr std::string_view gemini_issuer = "gemini";

}  // namespace smg::simulator
