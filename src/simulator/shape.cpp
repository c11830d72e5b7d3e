#include "simulator/shape.hpp"

#include <algorithm>

namespace smg::simulator {

struct Shape::Parts {
    Kind kind = Kind::any;
    bool nullable = false;
    double least = 0;
    double most = 0;
    std::size_t least_elements = 0;
    std::vector<std::string> words;
    std::vector<Member> members;
    std::vector<Shape> shapes;  ///< of the elements; the choices of `either`
    std::string tag;
    std::string otherwise;
    std::vector<std::pair<std::string, Shape>> cases;
};

struct Shape::Checking {
    void report(Fault fault, std::string expected, std::string got) { problems.push_back({fault, path, std::move(expected), std::move(got)}); }
    Naming naming;
    Path path;
    std::vector<Problem> problems;
};

namespace {

std::string camel_case(const std::string& name) {
    std::string camel;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '_' && i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z') {
            camel += static_cast<char>(name[++i] - 'a' + 'A');
        } else {
            camel += name[i];
        }
    }
    return camel;
}

std::string bound(double value) {
    return value == static_cast<double>(static_cast<long long>(value)) ? std::to_string(static_cast<long long>(value)) : Json(value).dump();
}

std::string quoted_list(const std::vector<std::string>& words) {
    std::string list;
    for (const auto& word : words) list += (list.empty() ? "'" : ", '") + word + "'";
    return list;
}

}  // namespace

std::string type_of(const Json& value) {
    if (value.is_null()) return "null";
    if (value.is_boolean()) return "boolean";
    if (value.is_number_integer()) return "integer";
    if (value.is_number()) return "decimal";
    if (value.is_string()) return "string";
    return value.is_array() ? "array" : "object";
}

std::string bracketed(const Path& path) {
    std::string text;
    for (const auto& step : path) {
        if (step.kind == Step::Kind::element) text += "[" + std::to_string(step.index) + "]";
        if (step.kind == Step::Kind::member) text += (text.empty() ? "" : ".") + step.name;
    }
    return text;
}

std::string dotted(const Path& path) {
    std::string text;
    for (const auto& step : path) text += (text.empty() ? "" : ".") + (step.kind == Step::Kind::element ? std::to_string(step.index) : step.name);
    return text;
}

Shape::Shape(Kind kind) {
    auto parts = std::make_shared<Parts>();
    parts->kind = kind;
    parts_ = std::move(parts);
}

Shape Shape::any() { return Shape(Kind::any); }
Shape Shape::text() { return Shape(Kind::text); }
Shape Shape::flag() { return Shape(Kind::flag); }
Shape Shape::free_object() { return Shape(Kind::free_object); }

Shape Shape::whole(double least, double most) {
    Shape shape(Kind::whole);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->least = least;
    parts->most = most;
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::number(double least, double most) {
    auto shape = whole(least, most);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->kind = Kind::number;
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::words(std::vector<std::string> allowed) {
    Shape shape(Kind::text);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->words = std::move(allowed);
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::object(std::vector<Member> members) {
    Shape shape(Kind::object);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->members = std::move(members);
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::list(Shape element, std::size_t least) {
    Shape shape(Kind::list);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->shapes.push_back(std::move(element));
    parts->least_elements = least;
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::tagged(std::string name, std::vector<std::pair<std::string, Shape>> cases, std::string otherwise) {
    Shape shape(Kind::tagged);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->tag = std::move(name);
    parts->cases = std::move(cases);
    parts->otherwise = std::move(otherwise);
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::either(std::vector<Shape> choices) {
    Shape shape(Kind::either);
    auto parts = std::make_shared<Parts>(*shape.parts_);
    parts->shapes = std::move(choices);
    shape.parts_ = std::move(parts);
    return shape;
}

Shape Shape::or_null() const {
    auto shape = *this;
    auto parts = std::make_shared<Parts>(*parts_);
    parts->nullable = true;
    shape.parts_ = std::move(parts);
    return shape;
}

std::vector<Problem> Shape::check(Json& value, Naming naming) const {
    Checking checking{naming, {}, {}};
    check_at(value, checking);
    return std::move(checking.problems);
}

bool Shape::fits_type(const Json& value) const {
    switch (parts_->kind) {
        case Kind::any: return true;
        case Kind::text: return value.is_string();
        case Kind::flag: return value.is_boolean();
        case Kind::whole:
            return value.is_number_integer() ||
                   (value.is_number() && value.get<double>() == static_cast<double>(static_cast<long long>(value.get<double>())));
        case Kind::number: return value.is_number();
        case Kind::free_object:
        case Kind::object:
        case Kind::tagged: return value.is_object();
        case Kind::list: return value.is_array();
        case Kind::either: return std::any_of(parts_->shapes.begin(), parts_->shapes.end(), [&](const Shape& s) { return s.fits_type(value); });
    }
    return false;
}

std::string Shape::type_name() const {
    switch (parts_->kind) {
        case Kind::any: return "value";
        case Kind::text: return "string";
        case Kind::flag: return "boolean";
        case Kind::whole: return "integer";
        case Kind::number: return "decimal";
        case Kind::free_object:
        case Kind::object:
        case Kind::tagged: return "object";
        case Kind::list: return "array";
        case Kind::either: break;
    }
    std::string names;
    for (const auto& shape : parts_->shapes) names += (names.empty() ? "" : " or ") + shape.type_name();
    return names;
}

void Shape::check_at(Json& value, Checking& checking) const {
    if (value.is_null() && (parts_->nullable || checking.naming == Naming::proto)) return;
    // proto3 JSON takes numbers in strings, and a lone message for a list of one.
    if (checking.naming == Naming::proto && parts_->kind == Kind::list && value.is_object()) value = Json::array({std::move(value)});
    if (!fits_type(value)) return checking.report(Fault::wrong_type, type_name(), type_of(value));
    switch (parts_->kind) {
        case Kind::text: return check_word(value, checking);
        case Kind::whole:
        case Kind::number: return check_range(value, checking);
        case Kind::object: return check_object(value, checking);
        case Kind::list: return check_list(value, checking);
        case Kind::tagged: return check_tagged(value, checking);
        case Kind::either: return check_either(value, checking);
        case Kind::any:
        case Kind::flag:
        case Kind::free_object: return;
    }
}

void Shape::check_word(const Json& value, Checking& checking) const {
    const auto& words = parts_->words;
    const auto& word = value.get_ref<const std::string&>();
    if (!words.empty() && std::find(words.begin(), words.end(), word) == words.end()) checking.report(Fault::bad_value, quoted_list(words), word);
}

void Shape::check_range(const Json& value, Checking& checking) const {
    const auto number = value.get<double>();
    if (number < parts_->least) checking.report(Fault::too_small, bound(parts_->least), value.dump());
    if (number > parts_->most) checking.report(Fault::too_large, bound(parts_->most), value.dump());
}

void Shape::check_object(Json& value, Checking& checking) const {
    if (checking.naming == Naming::proto) {
        Json renamed = Json::object();
        for (auto& [name, each] : value.items()) renamed[camel_case(name)] = std::move(each);
        value = std::move(renamed);
    }
    for (auto& [name, each] : value.items()) {
        const auto& key = name;
        const auto known = std::find_if(parts_->members.begin(), parts_->members.end(), [&](const Member& m) { return m.name == key; });
        checking.path.push_back(Step::member(name));
        if (known == parts_->members.end()) {
            checking.report(Fault::unknown, {}, name);
        } else {
            known->shape.check_at(each, checking);
        }
        checking.path.pop_back();
    }
    for (const auto& wanted : parts_->members) {
        if (!wanted.required || value.contains(wanted.name)) continue;
        checking.path.push_back(Step::member(wanted.name));
        checking.report(Fault::missing, wanted.shape.type_name(), {});
        checking.path.pop_back();
    }
}

void Shape::check_list(Json& value, Checking& checking) const {
    if (value.size() < parts_->least_elements)
        return checking.report(Fault::too_few, std::to_string(parts_->least_elements), std::to_string(value.size()));
    for (std::size_t i = 0; i < value.size(); ++i) {
        checking.path.push_back(Step::element(i));
        parts_->shapes.front().check_at(value[i], checking);
        checking.path.pop_back();
    }
}

void Shape::check_tagged(Json& value, Checking& checking) const {
    const auto& tag = member(value, parts_->tag);
    checking.path.push_back(Step::member(parts_->tag));
    if (tag.is_null() && parts_->otherwise.empty()) checking.report(Fault::missing, "string", {});
    if (!tag.is_null() && !tag.is_string()) checking.report(Fault::wrong_type, "string", type_of(tag));
    checking.path.pop_back();
    if ((tag.is_null() && parts_->otherwise.empty()) || (!tag.is_null() && !tag.is_string())) return;
    const auto word = tag.is_null() ? parts_->otherwise : tag.get<std::string>();
    for (const auto& [name, shape] : parts_->cases) {
        if (name != word) continue;
        checking.path.push_back(Step::tag(word));
        shape.check_at(value, checking);
        checking.path.pop_back();
        return;
    }
    std::vector<std::string> names;
    for (const auto& [name, shape] : parts_->cases) names.push_back(name);
    checking.path.push_back(Step::member(parts_->tag));
    checking.report(Fault::bad_value, quoted_list(names), word);
    checking.path.pop_back();
}

void Shape::check_either(Json& value, Checking& checking) const {
    for (const auto& shape : parts_->shapes)
        if (shape.fits_type(value)) return shape.check_at(value, checking);
}

}  // namespace smg::simulator
