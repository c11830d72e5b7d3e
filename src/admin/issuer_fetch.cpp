#include "admin/issuer_fetch.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "config/values.hpp"
#include "fleet/peer.hpp"
#include "http/writer.hpp"
#include "upstream/whole_answer.hpp"

namespace smg::admin {

namespace {

constexpr auto fetch_timeout = std::chrono::seconds(5);
constexpr std::size_t longest_answer = 512 * 1024;
constexpr std::string_view well_known = "/.well-known/openid-configuration";

http::UrlParts with_query() {
    http::UrlParts parts;
    parts.query = true;
    return parts;
}

/// As errors and the log may show it.
std::string place(const http::Url& url) { return (url.tls ? "https://" : "http://") + url.authority() + url.path; }

Error failed(const http::Url& url, const Error& error) { return Error(error.failure, place(url) + ": " + error.message); }

net::Awaitable<Result<std::string>> get(upstream::Pool& pool, http::Url url, const config::Proxies& proxies, net::Cancellation& cancellation) {
    http::RequestHead request;
    request.method = "GET";
    request.target = url.target();
    request.fields.add("host", url.authority());
    request.fields.add("accept", "application/json");
    request.fields.add("accept-encoding", "identity");
    request.fields.add("user-agent", "smg/" SMG_VERSION);
    std::string head;
    http::append_request_head(head, request);
    head += "\r\n";
    upstream::Timeouts timeouts;
    timeouts.connect = timeouts.first_byte = timeouts.idle = timeouts.total = fetch_timeout;
    auto peer = fleet::peer_at(url.tls, url.host, url.port, proxies);
    auto fetching = upstream::fetch(pool, std::move(peer), std::move(head), std::string(), timeouts, longest_answer, cancellation);
    auto answer = co_await std::move(fetching);
    if (!answer) co_return tl::unexpected(failed(url, answer.error()));
    const auto status = answer->head.status;
    if (status == 200) co_return std::move(answer->body);
    const auto* redirect = status >= 300 && status < 400 ? ": redirects are not followed" : "";
    co_return fail(Failure::upstream_error, place(url) + " answered " + std::to_string(status) + redirect);
}

/// What the issuer's own document says; one of another issuer says nothing (section 4.3 there).
Result<http::Url> keys_url(const std::string& document, const IssuerSource& source) {
    const auto read = nlohmann::json::parse(document, nullptr, false);
    const auto text_of = [&read](const char* name) {
        const auto member = read.is_object() ? read.find(name) : read.end();
        return member != read.end() && member->is_string() ? member->get<std::string>() : std::string();
    };
    if (text_of("issuer") != source.issuer) return fail(Failure::upstream_error, place(source.url) + " is not about this issuer");
    const auto uri = text_of("jwks_uri");
    auto url = http::parse_url(uri, with_query());
    if (!url || !config::is_safe_url(uri))
        return fail(Failure::upstream_error, place(source.url) + ": its jwks_uri is not an https:// URL, nor an http:// one of this machine");
    return url;
}

}  // namespace

Result<IssuerSource> IssuerSource::of(const config::JwtSettings& settings) {
    IssuerSource source;
    source.issuer = settings.issuer;
    source.discover = settings.jwks_uri.empty();
    auto text = settings.jwks_uri;
    if (source.discover) {
        text = settings.issuer;
        while (text.ends_with('/')) text.pop_back();
        text += well_known;
    }
    auto url = http::parse_url(text, with_query());
    if (!url) {
        const std::string flag = source.discover ? "jwt-issuer" : "jwt-jwks-uri";
        const auto given = config::shown(source.discover ? settings.issuer : settings.jwks_uri);
        return fail(Failure::invalid_request, "--" + flag + ": " + given + " is no URL to fetch from: " + url.error().message, flag);
    }
    source.url = std::move(*url);
    return source;
}

net::Awaitable<Result<JwkSet>> fetch_issuer_keys(upstream::Pool& pool, IssuerSource source, config::Proxies proxies,
                                                 net::Cancellation& cancellation) {
    auto url = source.url;
    if (source.discover) {
        const auto document = co_await get(pool, source.url, proxies, cancellation);
        if (!document) co_return tl::unexpected(document.error());
        auto named = keys_url(*document, source);
        if (!named) co_return tl::unexpected(named.error());
        url = std::move(*named);
    }
    const auto text = co_await get(pool, url, proxies, cancellation);
    if (!text) co_return tl::unexpected(text.error());
    auto keys = JwkSet::parse(*text);
    if (!keys) co_return tl::unexpected(failed(url, keys.error()));
    co_return std::move(*keys);
}

}  // namespace smg::admin
