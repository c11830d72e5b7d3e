#include "http/sse.hpp"

#include <utility>

namespace smg::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// What a reader keeps between events; one huge event must not cost its memory for the rest of the stream.
constexpr std::size_t kept_capacity = 4 * 1024;

void clear_and_trim(std::string& text) {
    if (text.capacity() > kept_capacity) {
        std::string().swap(text);
    } else {
        text.clear();
    }
}

/// The next CR or LF at or after a position. Each byte kind is searched once over the piece, so that a stream with one kind of
/// line end only does not cost a scan of the whole piece for each of its lines.
class LineEnds {
public:
    explicit LineEnds(std::string_view bytes) : bytes_(bytes), lf_(next('\n', 0)), cr_(next('\r', 0)) {}
    std::size_t find(std::size_t from) {
        if (lf_ < from) lf_ = next('\n', from);
        if (cr_ < from) cr_ = next('\r', from);
        return lf_ < cr_ ? lf_ : cr_;
    }

private:
    [[nodiscard]] std::size_t next(char c, std::size_t from) const {
        const auto at = bytes_.find(c, from);
        return at == std::string_view::npos ? bytes_.size() : at;
    }
    std::string_view bytes_;
    std::size_t lf_;
    std::size_t cr_;
};

}  // namespace

void SseReader::Held::set(std::string_view text, bool lasts) {
    is_copy = !lasts;
    if (lasts) {
        piece = text;
    } else {
        copy.assign(text);
    }
}

void SseReader::Held::append_line(std::string_view text) {
    keep();
    copy += '\n';
    copy += text;
}

void SseReader::Held::keep() {
    if (is_copy) return;
    copy.assign(piece);
    is_copy = true;
}

void SseReader::Held::clear() {
    piece = {};
    if (is_copy) clear_and_trim(copy);
    is_copy = false;
}

bool SseReader::at_boundary() const noexcept { return partial_line_.empty() && !in_event_; }

bool SseReader::fits(std::size_t more) const noexcept { return data_.view().size() + more <= max_event_bytes_; }

bool SseReader::feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event) {
    if (bytes.empty()) return true;
    if (std::exchange(skip_lf_, false) && bytes.front() == '\n') bytes.remove_prefix(1);
    LineEnds ends(bytes);
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto end = ends.find(at);
        const auto text = bytes.substr(at, end - at);
        if (!fits(partial_line_.size() + text.size())) return false;
        if (end == bytes.size()) {
            partial_line_.append(text);
            break;
        }
        if (partial_line_.empty()) {
            line(text, true, on_event);
        } else {
            partial_line_.append(text);
            line(partial_line_, false, on_event);
            clear_and_trim(partial_line_);
        }
        at = end + 1;
        if (bytes[end] != '\r') continue;
        if (at == bytes.size()) skip_lf_ = true;
        if (at < bytes.size() && bytes[at] == '\n') ++at;
    }
    if (has_data_) data_.keep();
    if (!name_.view().empty()) name_.keep();
    return true;
}

void SseReader::finish(const std::function<void(const SseEvent&)>& on_event) {
    if (!partial_line_.empty()) {
        line(partial_line_, false, on_event);
        partial_line_.clear();
    }
    dispatch(on_event);
}

void SseReader::line(std::string_view text, bool lasts, const std::function<void(const SseEvent&)>& on_event) {
    if (!std::exchange(started_, true) && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.empty()) return dispatch(on_event);
    if (text.front() == ':') return;
    in_event_ = true;
    field(text, lasts);
}

void SseReader::field(std::string_view text, bool lasts) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
        if (has_data_) {
            data_.append_line(value);
        } else {
            data_.set(value, lasts);
        }
        has_data_ = true;
    } else if (name == "event") {
        name_.set(value, lasts);
    }
}

void SseReader::dispatch(const std::function<void(const SseEvent&)>& on_event) {
    // Fields without data are no event (an id or a retry time of its own): they are dropped, as the standard says.
    if (has_data_) on_event(SseEvent{name_.view(), data_.view()});
    data_.clear();
    name_.clear();
    has_data_ = in_event_ = false;
}

void append_sse_event(std::string& out, std::string_view name, std::string_view data) {
    if (!name.empty()) {
        out += "event: ";
        // A line end in a name would begin a field of its own.
        for (const char c : name.substr(0, name.find_first_of("\r\n"))) out += c;
        out += '\n';
    }
    LineEnds ends(data);
    std::size_t at = 0;
    for (bool more = true; more;) {
        const auto end = ends.find(at);
        out += "data: ";
        out += data.substr(at, end - at);
        out += '\n';
        more = end < data.size();
        at = end + 1;
        if (more && data[end] == '\r' && at < data.size() && data[at] == '\n') ++at;
    }
    out += '\n';
}

}  // namespace smg::http
