#pragma once
/// Reads one message from pieces and says all there is to say about it, so that two ways of splitting can be compared.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace smg::http {

struct Outcome {
    bool failed = false;
    std::string problem;
    bool head_complete = false;
    bool complete = false;
    std::string body;
    std::size_t consumed = 0;  ///< of all bytes, what follows the message not counted
};

/// Feeds each piece until it is used up. Fails the test when a reader that wants more makes no progress, or hands out foreign bytes.
template <bool is_request>
Outcome read_all(MessageReader<is_request>& reader, const std::vector<std::string_view>& pieces) {
    Outcome out;
    for (auto piece : pieces) {
        while (!piece.empty() && !reader.complete()) {
            const auto step = reader.feed(piece);
            if (!step) {
                out.failed = true;
                out.problem = step.error().message;
                return out;
            }
            EXPECT_GT(step->consumed, 0U) << "no progress";
            if (step->consumed == 0) return out;
            const auto inside = step->body.empty() || (step->body.data() >= piece.data() && step->body.data() + step->body.size() <=
                                                                                                piece.data() + step->consumed);
            EXPECT_TRUE(inside) << "a body piece is no view into what was consumed";
            out.body += step->body;
            out.consumed += step->consumed;
            piece.remove_prefix(step->consumed);
        }
    }
    out.head_complete = reader.head_complete();
    out.complete = reader.complete();
    return out;
}

inline std::vector<std::string_view> split_at(std::string_view text, std::size_t at) { return {text.substr(0, at), text.substr(at)}; }

inline std::vector<std::string_view> single_bytes(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
    return pieces;
}

}  // namespace smg::http
