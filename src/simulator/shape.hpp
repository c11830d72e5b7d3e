#pragma once
/// What a provider allows a JSON value to be, as a value; and every way in which a request breaks it. The providers' files say each fault in
/// the provider's own words.
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/json.hpp"

namespace smg::simulator {

enum class Fault { unknown, missing, wrong_type, bad_value, too_few, too_small, too_large };

/// One step into a value: a member, an element, or the case of a union that was taken.
struct Step {
    static Step member(std::string name) { return {std::move(name), 0, Kind::member}; }
    static Step element(std::size_t index) { return {{}, index, Kind::element}; }
    static Step tag(std::string name) { return {std::move(name), 0, Kind::tag}; }
    enum class Kind { member, element, tag };
    std::string name;
    std::size_t index = 0;
    Kind kind = Kind::member;
};
using Path = std::vector<Step>;

/// `messages[0].content[1].type`
[[nodiscard]] std::string bracketed(const Path& path);
/// `messages.0.content.1.text.type`: the cases of unions stand in it.
[[nodiscard]] std::string dotted(const Path& path);

struct Problem {
    Fault fault;
    Path path;             ///< to the offending value; with `unknown` and `missing` its last step is the name
    std::string expected;  ///< a type (`string`), a list (`'auto', 'none'`), a bound
    std::string got;       ///< a type, or the value
};

/// How members are looked up.
enum class Naming {
    exact,
    proto,  ///< `fooBar` and `foo_bar` are one name, null is absent, a lone value is a list of one (proto3 JSON); keys become camelCase
};

class Shape {
public:
    struct Member;

    static Shape any();
    static Shape text();
    static Shape flag();
    static Shape whole(double least = -1e18, double most = 1e18);
    static Shape number(double least = -1e300, double most = 1e300);
    static Shape words(std::vector<std::string> allowed);
    /// Any object; nothing in it is looked at.
    static Shape free_object();
    static Shape object(std::vector<Member> members);
    static Shape list(Shape element, std::size_t least = 0);
    /// An object whose member `name` says which of the shapes it has. `otherwise` is taken when that member is absent.
    static Shape tagged(std::string name, std::vector<std::pair<std::string, Shape>> cases, std::string otherwise = {});
    /// The first one whose JSON type fits.
    static Shape either(std::vector<Shape> choices);
    [[nodiscard]] Shape or_null() const;

    /// Every problem, in the order of the value. With `Naming::proto` the value's keys are rewritten.
    [[nodiscard]] std::vector<Problem> check(Json& value, Naming naming = Naming::exact) const;

private:
    enum class Kind { any, text, flag, whole, number, free_object, object, list, tagged, either };
    struct Checking;
    struct Parts;
    explicit Shape(Kind kind);
    [[nodiscard]] bool fits_type(const Json& value) const;
    [[nodiscard]] std::string type_name() const;
    void check_at(Json& value, Checking& checking) const;
    void check_object(Json& value, Checking& checking) const;
    void check_list(Json& value, Checking& checking) const;
    void check_tagged(Json& value, Checking& checking) const;
    void check_either(Json& value, Checking& checking) const;
    void check_range(const Json& value, Checking& checking) const;
    void check_word(const Json& value, Checking& checking) const;

    std::shared_ptr<const Parts> parts_;
};

struct Shape::Member {
    std::string name;
    Shape shape;
    bool required = false;
};

[[nodiscard]] inline Shape::Member need(std::string name, Shape shape) { return {std::move(name), std::move(shape), true}; }
[[nodiscard]] inline Shape::Member may(std::string name, Shape shape) { return {std::move(name), std::move(shape), false}; }
/// May be there, and may be null.
[[nodiscard]] inline Shape::Member may_null(std::string name, const Shape& shape) { return {std::move(name), shape.or_null(), false}; }

/// `string`, `integer`, `object`…, as JSON Schema names the type of a value.
[[nodiscard]] std::string type_of(const Json& value);

}  // namespace smg::simulator
