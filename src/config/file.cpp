#include <toml++/toml.h>

#include <charconv>
#include <sstream>

#include "base/ascii.hpp"
#include "config/layers.hpp"
#include "config/tenant_table.hpp"
#include "config/values.hpp"

namespace smg::config {
namespace {

/// Reads one file. Its first refusal ends it.
class Reader {
public:
    Reader(std::string name, const Environment& environment, const std::vector<Setting>& rows)
        : name_(std::move(name)), environment_(environment), rows_(rows) {}

    Loaded<FromFile> read(std::string_view text) {
        toml::table root;
        try {
            root = toml::parse(text, name_);
        } catch (const toml::parse_error& error) { return refuse(at(error.source()) + ": " + std::string(error.description())); }
        expand(root);
        for (const auto& [key, value] : root)
            if (!problem_) take(key, value);
        if (problem_) return tl::unexpected<Refusal>(*problem_);
        return std::move(found_);
    }

private:
    [[nodiscard]] std::string at(const toml::source_region& region) const { return name_ + ":" + std::to_string(region.begin.line); }

    void fail(const toml::source_region& region, const std::string& text) {
        if (!problem_) problem_ = Refusal{at(region) + ": " + text, 2};
    }

    void expand(toml::node& node) {
        if (auto* table = node.as_table()) {
            for (auto&& [key, value] : *table) expand(value);
        } else if (auto* array = node.as_array()) {
            for (auto& value : *array) expand(value);
        } else if (auto* text = node.as_string()) {
            text->get() = expanded(text->get(), node.source());
        }
    }

    /// `${NAME}`, `${NAME:-default}`; `$${` stands for `${` itself.
    std::string expanded(const std::string& text, const toml::source_region& region) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text.compare(i, 3, "$${") == 0) {
                out += "${";
                i += 2;
                continue;
            }
            const auto close = text.compare(i, 2, "${") == 0 ? text.find('}', i) : std::string::npos;
            if (close == std::string::npos) {
                out += text[i];
                continue;
            }
            auto name = text.substr(i + 2, close - i - 2);
            const auto separator = name.find(":-");
            const auto entry = environment_.find(name.substr(0, separator));
            if (entry != environment_.end() && (!entry->second.empty() || separator == std::string::npos))
                out += entry->second;
            else if (separator != std::string::npos)
                out += name.substr(separator + 2);
            else
                fail(region, "${" + name + "}: there is no such environment variable");
            i = close;
        }
        return out;
    }

    void take(const toml::key& key, const toml::node& value) {
        if (key == "workers") return take_workers(key, value);
        if (key == "providers") return take_providers(key, value);
        if (key == "aliases") return take_aliases(key, value);
        if (key == "tenants") return take_tenants(key, value);
        if (key == "fallbacks") return take_fallbacks(key, value);
        const auto* row = find_setting(rows_, key.str());
        if (row == nullptr) return refuse_key(key);
        const auto where = at(key.source()) + ": " + row->name;
        if (found_.given.contains(row)) return fail(key.source(), row->name + ": given twice");
        Given given{where, {}};
        if (const auto* array = value.as_array()) {
            if (row->kind != Kind::list) return fail(key.source(), row->name + ": takes one value, not a list");
            for (const auto& element : *array) append(*row, key, element, given.values);
            if (array->empty()) return;
        } else {
            append(*row, key, value, given.values);
        }
        found_.given[row] = std::move(given);
    }

    void refuse_key(const toml::key& key) {
        const std::string name(key.str());
        const auto reason = foreign_flag_reason(name);
        fail(key.source(), reason.empty() ? unknown_name(name, name, "key", "", rows_) : name + ": refused; " + std::string(reason));
    }

    void append(const Setting& row, const toml::key& key, const toml::node& value, Values& values) {
        if (const auto* text = value.as_string()) {
            values.push_back(text->get());
        } else if (const auto* whole = value.as_integer()) {
            values.push_back(std::to_string(whole->get()));
        } else if (const auto* real = value.as_floating_point()) {
            char digits[64];
            values.emplace_back(digits, std::to_chars(digits, digits + sizeof digits, real->get()).ptr);
        } else if (const auto* truth = value.as_boolean()) {
            values.emplace_back(truth->get() ? "true" : "false");
        } else {
            fail(key.source(), row.name + ": takes " + (row.kind == Kind::list ? "a list of texts" : "one value") + ", not a table or a date");
        }
    }

    void take_aliases(const toml::key& key, const toml::node& value) {
        const auto* table = value.as_table();
        if (table == nullptr) return fail(key.source(), "aliases: takes a table, alias = \"model\"");
        for (const auto& [alias, model] : *table) {
            const auto* text = model.as_string();
            if (text == nullptr || trim(text->get()).empty())
                return fail(alias.source(), "aliases." + std::string(alias.str()) + ": is not the name of a model");
            found_.aliases.emplace_back(alias.str(), text->get());
        }
    }

    void take_tenants(const toml::key& key, const toml::node& value) {
        const auto* array = value.as_array();
        if (array == nullptr) return fail(key.source(), "tenants: takes [[tenants]] tables");
        for (const auto& element : *array) {
            const auto* table = element.as_table();
            if (table == nullptr) return fail(element.source(), "tenants: takes [[tenants]] tables");
            auto tenant = read_tenant(*table);
            if (!tenant) return fail(tenant.error().where, tenant.error().text);
            for (const auto& earlier : found_.tenants)
                if (earlier.name == tenant->name) return fail(table->source(), "tenants.name: " + shown(tenant->name) + " is already given");
            found_.tenants.push_back(std::move(*tenant));
        }
    }

    void take_fallbacks(const toml::key& key, const toml::node& value) {
        const auto* table = value.as_table();
        if (table == nullptr) return fail(key.source(), "fallbacks: takes a table, model = [\"other\", \"third\"]");
        for (const auto& [model, others] : *table) {
            const auto full = "fallbacks." + std::string(model.str());
            auto& [name, list] = found_.fallbacks.emplace_back(model.str(), std::vector<std::string>());
            if (!texts(others, list) || list.empty()) return fail(model.source(), full + ": takes a list of names of models");
            for (const auto& other : list) {
                if (trim(other).empty()) return fail(model.source(), full + ": is not the name of a model");
                if (other == name) return fail(model.source(), full + ": names the model itself");
            }
        }
    }

    void take_workers(const toml::key& key, const toml::node& value) {
        const auto* array = value.as_array();
        if (array == nullptr) return fail(key.source(), "workers: takes [[workers]] tables");
        for (const auto& element : *array) {
            const auto* table = element.as_table();
            if (table == nullptr) return fail(element.source(), "workers: takes [[workers]] tables");
            std::ostringstream json;
            json << toml::json_formatter(*table, toml::format_flags::quote_infinities_and_nans | toml::format_flags::quote_dates_and_times);
            auto& entry = found_.workers.emplace_back(WorkerEntry{json.str(), at(table->source())});
            note_places(*table, "", entry.places);
        }
    }

    void note_places(const toml::node& node, const std::string& path, std::map<std::string, std::string>& places) const {
        if (const auto* table = node.as_table()) {
            for (const auto& [key, value] : *table) {
                auto below = path.empty() ? std::string(key.str()) : path + "." + std::string(key.str());
                places.emplace(below, at(key.source()));
                note_places(value, below, places);
            }
        } else if (const auto* array = node.as_array()) {
            for (std::size_t i = 0; i < array->size(); ++i) {
                const auto below = path + "[" + std::to_string(i) + "]";
                places.emplace(below, at((*array)[i].source()));
                note_places((*array)[i], below, places);
            }
        }
    }

    void take_providers(const toml::key& key, const toml::node& value) {
        const auto* table = value.as_table();
        if (table == nullptr) return fail(key.source(), "providers: takes [providers.NAME] tables");
        for (const auto& [name, members] : *table) {
            const auto* vendor = members.as_table();
            if (vendor == nullptr) return fail(name.source(), "providers." + std::string(name.str()) + ": takes a table");
            take_vendor(std::string(name.str()), name.source(), *vendor);
        }
    }

    void take_vendor(const std::string& name, const toml::source_region& region, const toml::table& members) {
        Vendor vendor;
        vendor.name = name;
        vendor.where = at(region);
        for (const auto& [key, value] : members) {
            const auto full = "providers." + name + "." + std::string(key.str());
            if (!take_member(vendor, key.str(), value)) fail(key.source(), full + ": takes another type of value");
            if (unknown_member_) fail(key.source(), full + ": unknown key; allowed are " + std::string(vendor_keys));
        }
        if (!vendor.name.empty() && vendor.native != "chat" && vendor.native != "messages" && vendor.native != "gemini")
            fail(region, "providers." + name + ".native: " + shown(vendor.native) + " is not one of chat, messages, gemini");
        found_.vendors.push_back(std::move(vendor));
    }

    static constexpr std::string_view vendor_keys =
        "aliases, hosts, models, api_root, header, scheme, query, native, key_prefixes, request_headers, stream_usage";

    /// False: the value has the wrong type.
    bool take_member(Vendor& vendor, std::string_view key, const toml::node& value) {
        if (key == "aliases") return texts(value, vendor.aliases);
        if (key == "hosts") return texts(value, vendor.hosts);
        if (key == "models") return texts(value, vendor.models);
        if (key == "key_prefixes") return texts(value, vendor.key_prefixes);
        if (key == "request_headers") return texts(value, vendor.request_headers);
        if (key == "api_root") return text(value, vendor.api_root);
        if (key == "header") return text(value, vendor.header);
        if (key == "scheme") return text(value, vendor.scheme);
        if (key == "native") return text(value, vendor.native);
        if (key == "query") return pairs(value, vendor.query);
        if (key == "stream_usage") {
            const auto* truth = value.as_boolean();
            if (truth != nullptr) vendor.stream_usage = truth->get();
            return truth != nullptr;
        }
        unknown_member_ = true;
        return true;
    }

    static bool text(const toml::node& value, std::string& out) {
        const auto* given = value.as_string();
        if (given != nullptr) out = given->get();
        return given != nullptr;
    }

    static bool texts(const toml::node& value, std::vector<std::string>& out) {
        const auto* array = value.as_array();
        if (array == nullptr) return false;
        for (const auto& element : *array) {
            out.emplace_back();
            if (!text(element, out.back())) return false;
        }
        return true;
    }

    static bool pairs(const toml::node& value, std::vector<std::pair<std::string, std::string>>& out) {
        const auto* table = value.as_table();
        if (table == nullptr) return false;
        for (const auto& [key, element] : *table) {
            out.emplace_back(key.str(), "");
            if (!text(element, out.back().second)) return false;
        }
        return true;
    }

    std::string name_;
    const Environment& environment_;
    const std::vector<Setting>& rows_;
    FromFile found_;
    std::optional<Refusal> problem_;
    bool unknown_member_ = false;
};

}  // namespace

Loaded<FromFile> read_toml(std::string_view text, const std::string& name, const Environment& environment, const std::vector<Setting>& rows) {
    return Reader(name, environment, rows).read(text);
}

}  // namespace smg::config
