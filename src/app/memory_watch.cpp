#include "app/memory_watch.hpp"

#include <utility>

#include "telemetry/log.hpp"

namespace smg::app {

MemoryWatch::MemoryWatch(net::EventLoop& loop, std::uint64_t limit, std::atomic<bool>& overloaded, std::function<std::uint64_t()> resident)
    : limit_(limit), overloaded_(overloaded), resident_(std::move(resident)), loop_(loop), next_(loop.deadlines(), [this] { look(); }) {}

void MemoryWatch::start() {
    loop_.post([this] { look(); });
}

void MemoryWatch::look() {
    next_.set_after(interval);
    const auto held = resident_();
    const bool was = overloaded_;
    const bool is = held > (was ? limit_ - limit_ / 20 : limit_);
    if (is == was) return;
    overloaded_ = is;
    const auto* text = is ? "more memory is held than --max-memory allows: new requests are refused" : "memory is below --max-memory again";
    telemetry::log_event(telemetry::Level::warn, text, {{"resident_bytes", held}, {"limit_bytes", limit_}});
}

}  // namespace smg::app
