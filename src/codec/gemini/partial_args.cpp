#include "codec/gemini/partial_args.hpp"

#include <charconv>
#include <utility>

#include "codec/gemini/fields.hpp"

namespace smg::codec::google {
namespace {

constexpr std::size_t deepest = 64, longest_array = 10000;

/// One step of a path: a member or an index.
struct Step {
    std::string name;
    std::size_t index = 0;
    bool is_index = false;
};

/// `$.a[0]['b c']` as steps; false when it is no such path.
bool read_path(std::string_view path, std::vector<Step>& out) {
    if (!path.starts_with('$')) return false;
    path.remove_prefix(1);
    while (!path.empty() && out.size() < deepest) {
        Step step;
        if (path.front() == '.') {
            const auto end = path.find_first_of(".[", 1);
            step.name = path.substr(1, end == std::string_view::npos ? end : end - 1);
            path = end == std::string_view::npos ? std::string_view() : path.substr(end);
        } else if (path.size() > 2 && path[0] == '[' && (path[1] == '\'' || path[1] == '"')) {
            const auto end = path.find(path[1], 2);
            if (end == std::string_view::npos || end + 1 >= path.size() || path[end + 1] != ']') return false;
            step.name = path.substr(2, end - 2);
            path.remove_prefix(end + 2);
        } else {
            const auto end = path.find(']');
            if (path.front() != '[' || end == std::string_view::npos) return false;
            step.is_index = true;
            const auto [stop, code] = std::from_chars(path.data() + 1, path.data() + end, step.index);
            if (code != std::errc() || stop != path.data() + end || step.index > longest_array) return false;
            path.remove_prefix(end + 1);
        }
        out.push_back(std::move(step));
    }
    return path.empty() && !out.empty();
}

}  // namespace

struct PartialArgs::Value {
    enum class Kind { none, raw, string, object, array };
    Kind kind = Kind::none;
    std::string text;  ///< raw: JSON; string: its contents
    std::vector<std::pair<std::string, std::unique_ptr<Value>>> children;

    Value& at(const Step& step) {
        const auto wanted = step.is_index ? Kind::array : Kind::object;
        if (kind != wanted) children.clear();
        kind = wanted;
        if (step.is_index) {
            while (children.size() <= step.index) children.emplace_back(std::string(), std::make_unique<Value>());
            return *children[step.index].second;
        }
        for (auto& [name, child] : children)
            if (name == step.name) return *child;
        return *children.emplace_back(step.name, std::make_unique<Value>()).second;
    }

    void write(JsonWriter& json) const {
        switch (kind) {
            case Kind::none: json.null(); break;
            case Kind::raw: json.raw(text); break;
            case Kind::string: json.string(text); break;
            case Kind::object:
                json.begin_object();
                for (const auto& [name, child] : children) child->write(json.key(name));
                json.end_object();
                break;
            case Kind::array:
                json.begin_array();
                for (const auto& [name, child] : children) child->write(json);
                json.end_array();
                break;
        }
    }
};

PartialArgs::PartialArgs() : root_(std::make_unique<Value>()) { root_->kind = Value::Kind::object; }
PartialArgs::~PartialArgs() = default;
PartialArgs::PartialArgs(PartialArgs&&) noexcept = default;
PartialArgs& PartialArgs::operator=(PartialArgs&&) noexcept = default;

void PartialArgs::add(JsonNode entry) {
    std::vector<Step> steps;
    if (!read_path(member(entry, "jsonPath").text(), steps) || steps.front().is_index) return;
    auto* value = root_.get();
    for (const auto& step : steps) value = &value->at(step);
    const auto set_raw = [&](std::string_view json) {
        value->kind = Value::Kind::raw;
        value->text = json;
    };
    if (const auto text = member(entry, "stringValue"); text.is_string()) {
        if (value->kind != Value::Kind::string) value->text.clear();
        value->kind = Value::Kind::string;
        value->text += text.text();
    } else if (const auto number = member(entry, "numberValue"); number.is_number()) {
        set_raw(number.raw());
    } else if (const auto flag = member(entry, "boolValue"); flag.is_boolean()) {
        set_raw(flag.raw());
    } else if (member(entry, "nullValue").present()) {
        set_raw("null");
    }
}

std::string PartialArgs::text() const {
    std::string out;
    JsonWriter json(out);
    root_->write(json);
    return out;
}

}  // namespace smg::codec::google
