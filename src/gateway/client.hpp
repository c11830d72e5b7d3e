#pragma once
/// The client's side of one data-plane call: what it asked, and where the answer goes. The server makes both.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/temporary_file.hpp"
#include "http/message.hpp"
#include "net/asio.hpp"
#include "net/cancellation.hpp"
#include "net/event_loop.hpp"
#include "telemetry/request_record.hpp"
#include "telemetry/trace.hpp"

namespace smg::gateway {

/// Whose error bodies the client understands: a property of the path it called.
enum class ErrorShape { openai, anthropic, gemini, control_plane };

/// Lives in its session, on its loop's thread, until the answer's last byte.
struct ClientRequest {
    ClientRequest(net::EventLoop& event_loop, net::Cancellation& leaving, telemetry::RequestRecord& request_record)
        : loop(event_loop), cancellation(leaving), record(request_record) {}

    http::RequestHead head;
    std::string path;                                             ///< decoded, without the query
    std::string query;                                            ///< as sent, without `?`
    std::vector<std::pair<std::string, std::string>> parameters;  ///< what the path template's `{names}` matched
    std::string body;                                             ///< content codings undone
    std::optional<TemporaryFile> spooled;                         ///< a large multipart body, which is not in `body` then
    net::asio::ip::address peer;
    ErrorShape shape = ErrorShape::openai;
    std::string request_id;
    net::EventLoop& loop;
    net::Cancellation& cancellation;  ///< requested when the client leaves, or has to
    bool expelled = false;            ///< it has to: the gateway is going down and can still tell it so
    telemetry::RequestRecord& record;
    std::vector<std::string>* unlogged = nullptr;  ///< what may not stand in the log of its bodies; null: there is none
    std::unique_ptr<telemetry::Trace> trace;  ///< null: it is not traced

    /// The body, wherever it is kept. Failure: service_unavailable.
    [[nodiscard]] Result<std::string_view> payload() {
        if (spooled) return spooled->view();
        return std::string_view(body);
    }
    [[nodiscard]] std::size_t payload_size() const noexcept { return spooled ? spooled->size() : body.size(); }

    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept {
        for (const auto& [key, value] : parameters)
            if (key == name) return value;
        return {};
    }
};

/// Writes one answer: head, then body pieces as they come. Nothing is copied but what the kernel would not take at once, so memory is
/// bounded as long as the caller awaits `flush` whenever `send` says so.
class ClientResponse {
public:
    virtual ~ClientResponse() = default;

    /// Head and body at once. Framing fields are the server's business and must not be in `head`.
    [[nodiscard]] virtual net::Awaitable<net::error_code> respond(http::ResponseHead head, std::string_view body) = 0;

    /// Begins an answer in pieces; nothing is written before the first `send` or `flush`. Without a length it is chunked.
    virtual void start(http::ResponseHead head, std::optional<std::uint64_t> length) = 0;
    /// True when the kernel took all of it; false: `co_await flush()` before sending more (errors show there).
    virtual bool send(std::string_view piece) = 0;
    /// Waits until what was sent has left. An error also when the client takes nothing for too long.
    [[nodiscard]] virtual net::Awaitable<net::error_code> flush() = 0;
    /// Ends the body properly.
    [[nodiscard]] virtual net::Awaitable<net::error_code> finish() = 0;
    /// The answer cannot be completed: the connection is closed without an end of body, which no client takes for a whole answer.
    virtual void abandon() noexcept = 0;
    /// No further request on this connection.
    virtual void close_afterwards() noexcept = 0;

    /// True once anything of the answer may have left.
    [[nodiscard]] virtual bool started() const noexcept = 0;
};

}  // namespace smg::gateway
