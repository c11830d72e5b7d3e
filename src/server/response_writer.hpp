#pragma once
/// Answers on an HTTP/1.1 connection: framing, the connection's fate, and a limit on how long a client may take nothing.
#include <memory>
#include <string>
#include <utility>

#include "gateway/client.hpp"
#include "net/byte_stream.hpp"
#include "telemetry/body_log.hpp"
#include "telemetry/request_record.hpp"

namespace smg::server {

/// One answer; a fresh one is made for each request. Lives in its session.
class ResponseWriter final : public gateway::ClientResponse {
public:
    /// `keep_alive`: whether the request lets the connection live on. `stall` is how long the client may take nothing.
    ResponseWriter(net::ByteStream& stream, const http::RequestHead& request, bool keep_alive, net::Duration stall, std::uint64_t& bytes_out);

    /// The answer's head tells what `record` knows of the time by then. It outlives the writer.
    void tell_times_of(const telemetry::RequestRecord& record) noexcept { record_ = &record; }
    /// Its head has these too, whoever writes it.
    void also_send(http::Fields fields) noexcept { more_ = std::move(fields); }
    /// `capture` sees the body from here on.
    void show_body_to(telemetry::BodyCapture& capture) noexcept { capture_ = &capture; }

    [[nodiscard]] net::Awaitable<net::error_code> respond(http::ResponseHead head, std::string_view body) override;
    void start(http::ResponseHead head, std::optional<std::uint64_t> length) override;
    bool send(std::string_view piece) override;
    [[nodiscard]] net::Awaitable<net::error_code> flush() override;
    [[nodiscard]] net::Awaitable<net::error_code> finish() override;
    void abandon() noexcept override;
    void close_afterwards() noexcept override { keep_alive_ = false; }
    [[nodiscard]] bool started() const noexcept override { return stage_ != Stage::nothing; }

    /// True when the whole answer has left and the connection may carry another.
    [[nodiscard]] bool reusable() const noexcept { return stage_ == Stage::finished && keep_alive_; }
    [[nodiscard]] bool finished() const noexcept { return stage_ == Stage::finished; }
    [[nodiscard]] int status() const noexcept { return status_; }

private:
    enum class Stage { nothing, head, body, finished, abandoned };
    void write_head(http::ResponseHead& head, std::optional<std::uint64_t> length);

    net::ByteStream& stream_;
    net::Duration stall_;
    std::uint64_t& bytes_out_;
    net::Deadline deadline_;
    const telemetry::RequestRecord* record_ = nullptr;
    telemetry::BodyCapture* capture_ = nullptr;
    http::Fields more_;
    std::string prefix_;  ///< the head until it is sent, then the size line of a chunk
    bool is_head_request_;
    bool http10_;
    bool keep_alive_;
    bool chunked_ = false;
    bool has_body_ = true;
    int status_ = 0;
    Stage stage_ = Stage::nothing;
};

}  // namespace smg::server
