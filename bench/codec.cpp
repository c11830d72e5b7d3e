/// What translation costs, alone: one request and answer of Chat Completions as a worker of Anthropic's gets and gives them, step by step.
///   bench_codec            a table: nanoseconds as ratios to hashing the same bytes, and allocations (bench/README.md)
///   bench_codec STEP BYTES ROUNDS   that step alone, ROUNDS times inside `measured`, for callgrind (bench/codec_instructions)
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "codec/json_members.hpp"
#include "payloads.hpp"

namespace {
std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace smg::bench {
namespace {

std::uint64_t sink = 0;  ///< keeps what is computed from being optimised away

std::string body_of(const std::string& message) { return message.substr(message.find("\r\n\r\n") + 4); }

/// Ends the program: a step that does not work measures nothing.
template <typename T>
T must(Result<T> result) {
    if (result) return std::move(*result);
    std::cerr << "bench_codec: " << result.error().message << '\n';
    std::exit(1);
}

/// The yardstick: FNV-1a, one multiplication a byte, which no library and no compiler's flag makes faster.
void hash(std::string_view text) {
    std::uint64_t value = 14695981039346656037ULL;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    sink += value;
}

/// What one size is translated from. Bodies have the padding behind them that the server gives them.
class Exchange {
public:
    explicit Exchange(std::size_t bytes)
        : request(body_of(chat_request("bench-json-messages", 1, bytes, false))), answer(body_of(messages_answer(bytes))) {
        request.reserve(request.size() + codec::json_padding);
        answer.reserve(answer.size() + codec::json_padding);
        target_.model = "claude-sonnet-4-20250514";
        conversation_ = must(codec::openai_chat().decode_request(request));
        decoded_ = must(codec::anthropic_messages().decode_response(answer, memo_));
        view_.model = target_.model;
    }

    void scan() { must_scan(codec::find_members(request, request.capacity(), members_)); }
    void decode_request() { sink += must(codec::openai_chat().decode_request(request)).turns.size(); }
    void encode_request() { sink += must(codec::anthropic_messages().encode_request(conversation_, target_)).body.size(); }
    void decode_answer() { sink += must(codec::anthropic_messages().decode_response(answer, memo_)).choices.size(); }
    void encode_answer() { sink += codec::openai_chat().encode_response(decoded_, view_).size(); }
    void all() {
        scan();
        const auto conversation = must(codec::openai_chat().decode_request(request));
        const auto encoded = must(codec::anthropic_messages().encode_request(conversation, target_));
        const auto decoded = must(codec::anthropic_messages().decode_response(answer, encoded.memo));
        sink += encoded.body.size() + codec::openai_chat().encode_response(decoded, view_).size();
    }
    void yardstick() {
        hash(request);
        hash(answer);
    }

    std::string request, answer;

private:
    static void must_scan(const Result<void>& scanned) {
        if (scanned) return;
        std::cerr << "bench_codec: " << scanned.error().message << '\n';
        std::exit(1);
    }

    codec::Target target_;
    codec::RequestMemo memo_;
    codec::ClientView view_;
    codec::Conversation conversation_;
    codec::Answer decoded_;
    std::vector<codec::JsonMember> members_;
};

struct Step {
    std::string_view name;
    void (Exchange::*run)();
};
constexpr std::array<Step, 6> steps{{{"scan", &Exchange::scan},
                                     {"decode-request", &Exchange::decode_request},
                                     {"encode-request", &Exchange::encode_request},
                                     {"decode-answer", &Exchange::decode_answer},
                                     {"encode-answer", &Exchange::encode_answer},
                                     {"all", &Exchange::all}}};

double cpu_now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double time_of(Exchange& exchange, void (Exchange::*run)(), std::size_t times) {
    const auto start = cpu_now();
    for (std::size_t i = 0; i < times; ++i) (exchange.*run)();
    return (cpu_now() - start) / static_cast<double>(times);
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

/// Interleaved, so that whatever slows the machine down slows both.
void print_row(Exchange& exchange, std::size_t bytes, const Step& step) {
    constexpr int rounds = 41;
    const auto times = std::max<std::size_t>(1, 200000 / bytes);
    std::vector<double> ratios;
    std::vector<double> nanoseconds;
    for (int round = 0; round < rounds; ++round) {
        const auto yardstick = time_of(exchange, &Exchange::yardstick, times);
        nanoseconds.push_back(time_of(exchange, step.run, times));
        ratios.push_back(nanoseconds.back() / yardstick);
    }
    const auto before = allocations;
    (exchange.*step.run)();
    std::printf("%8zu  %-16s %7.3f %12.0f %12llu\n", bytes, std::string(step.name).c_str(), median(ratios), median(nanoseconds),
                static_cast<unsigned long long>(allocations - before));
}

void print_table() {
    std::printf("%8s  %-16s %7s %12s %12s\n", "bytes", "step", "/ hash", "ns", "allocations");
    for (const std::size_t bytes : {1024U, 20480U, 307200U}) {
        Exchange exchange(bytes);
        for (const auto& step : steps) print_row(exchange, bytes, step);
    }
}

}  // namespace

/// What callgrind collects; it finds the function by its name.
__attribute__((noinline)) void measured(Exchange& exchange, void (Exchange::*run)(), std::size_t rounds) {
    for (std::size_t i = 0; i < rounds; ++i) (exchange.*run)();
}

int run_one(std::string_view name, std::size_t bytes, std::size_t rounds) {
    const auto step = std::find_if(steps.begin(), steps.end(), [&](const Step& each) { return each.name == name; });
    if (step == steps.end() || bytes == 0 || rounds == 0) return std::cerr << "bench_codec: no such step\n", 2;
    Exchange exchange(bytes);
    for (int i = 0; i < 3; ++i) (exchange.*step->run)();  // tables are made, buffers have their size
    measured(exchange, step->run, rounds);
    return 0;
}

}  // namespace smg::bench

int main(int argc, char** argv) {
    // As the program has it: a body of 300 KB is memory that was used before.
    ::mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
    if (argc == 1) return smg::bench::print_table(), 0;
    if (argc != 4) return std::cerr << "usage: bench_codec [STEP BYTES ROUNDS]\n", 2;
    return smg::bench::run_one(argv[1], std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10));
}
