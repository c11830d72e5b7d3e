#pragma once
/// The names under which the house uses Asio. Network results are values: every operation completes with its error code.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace smg::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

template <typename T = void>
using Awaitable = asio::awaitable<T>;

/// The one completion token: `auto [code, n] = co_await socket.async_read_some(buffer, as_value);`
inline constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

}  // namespace smg::net
