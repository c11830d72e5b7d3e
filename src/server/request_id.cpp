#include "server/request_id.hpp"

#include <array>
#include <cstdint>
#include <random>

#include "http/writer.hpp"

namespace smg::server {
namespace {

constexpr std::size_t max_length = 128;

std::string random_part() {
    // Uniqueness, not secrecy: a seeded generator a thread, no system call a request.
    thread_local std::mt19937_64 generator{[] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }()};
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
    std::array<char, 24> text{};
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 12 == 0) bits = generator();
        text[i] = digits[bits & 31U];
        bits >>= 5U;
    }
    return {text.data(), text.size()};
}

}  // namespace

RequestId choose_request_id(const http::Fields& fields, const std::vector<std::string>& headers, const std::string& prefix) {
    for (const auto& name : headers) {
        const auto value = fields.get(name);
        if (value.size() <= max_length && http::is_token(value)) return {std::string(value), false};
    }
    return {prefix + random_part(), true};
}

}  // namespace smg::server
