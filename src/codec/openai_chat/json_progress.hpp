#pragma once
/// Tells, piece by piece, when a call's arguments have become one whole JSON object.
#include <string_view>

namespace smg::codec::chat {

class JsonProgress {
public:
    void feed(std::string_view piece) noexcept {
        for (const char c : piece) step(c);
    }
    /// True once every bracket that was opened is closed. Text without brackets never completes.
    [[nodiscard]] bool began() const noexcept { return began_; }
    [[nodiscard]] bool complete() const noexcept { return began_ && depth_ <= 0 && !in_string_; }

private:
    void step(char c) noexcept {
        if (in_string_) {
            if (escaped_)
                escaped_ = false;
            else if (c == '\\')
                escaped_ = true;
            else if (c == '"')
                in_string_ = false;
            return;
        }
        if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            began_ = true;
            ++depth_;
        } else if (c == '}' || c == ']') {
            --depth_;
        }
    }

    long depth_ = 0;
    bool began_ = false;
    bool in_string_ = false;
    bool escaped_ = false;
};

}  // namespace smg::codec::chat
