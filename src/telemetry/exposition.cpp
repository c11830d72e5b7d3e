#include "telemetry/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace smg::telemetry {
namespace {

void append_number(std::string& text, double value) {
    if (std::isnan(value)) {
        text += "NaN";
    } else if (std::isinf(value)) {
        text += value > 0 ? "+Inf" : "-Inf";
    } else {
        std::array<char, 32> digits{};
        const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        text.append(static_cast<const char*>(digits.data()), end);
    }
}

void append_number(std::string& text, std::uint64_t value) {
    std::array<char, 24> digits{};
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_escaped(std::string& text, std::string_view value, bool quoted) {
    for (const char c : value) {
        if (c == '\\' || (quoted && c == '"'))
            text.append(1, '\\').push_back(c);
        else if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
}

void append_header(std::string& text, std::string_view name, std::string_view help, std::string_view type) {
    if (!help.empty()) {
        text.append("# HELP ").append(name).push_back(' ');
        append_escaped(text, help, false);
        text += '\n';
    }
    text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_label(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append("=\"");
    append_escaped(text, value, true);
    text += '"';
}

/// `{a="b",c="d"}` less the last bracket; nothing of it without labels.
std::string opened_labels(const std::vector<prometheus::ClientMetric::Label>& labels) {
    std::string text;
    for (const auto& label : labels) {
        text += text.empty() ? '{' : ',';
        append_label(text, label.name, label.value);
    }
    return text;
}

void append_sample(std::string& text, std::string_view name, std::string_view suffix, const std::string& labels, double value) {
    text.append(name).append(suffix).append(labels);
    text += labels.empty() ? " " : "} ";
    append_number(text, value);
    text += '\n';
}

void append_histogram(std::string& text, const std::string& name, const std::string& labels, const prometheus::ClientMetric::Histogram& histogram) {
    // All but the bound and the count is the same in every bucket.
    const auto bucket = name + "_bucket" + (labels.empty() ? "{" : labels + ",") + "le=\"";
    const auto append_bucket = [&](double bound, std::uint64_t count) {
        text += bucket;
        append_number(text, bound);
        text += "\"} ";
        append_number(text, count);
        text += '\n';
    };
    for (const auto& each : histogram.bucket) append_bucket(each.upper_bound, each.cumulative_count);
    if (histogram.bucket.empty() || !std::isinf(histogram.bucket.back().upper_bound)) append_bucket(HUGE_VAL, histogram.sample_count);
    append_sample(text, name, "_sum", labels, histogram.sample_sum);
    append_sample(text, name, "_count", labels, static_cast<double>(histogram.sample_count));
}

}  // namespace

void append_family(std::string& text, const prometheus::MetricFamily& family) {
    using Type = prometheus::MetricType;
    const auto type = family.type == Type::Counter ? "counter" : family.type == Type::Histogram ? "histogram" : "gauge";
    append_header(text, family.name, family.help, type);
    for (const auto& metric : family.metric) {
        const auto labels = opened_labels(metric.label);
        if (family.type == Type::Histogram)
            append_histogram(text, family.name, labels, metric.histogram);
        else
            append_sample(text, family.name, "", labels, family.type == Type::Counter ? metric.counter.value : metric.gauge.value);
    }
}

void append_gauge(std::string& text, const GaugeSink::Gauge& gauge) {
    append_header(text, gauge.name, gauge.help, gauge.counter ? "counter" : "gauge");
    for (const auto& sample : gauge.samples) {
        text += gauge.name;
        char before = '{';
        for (const auto& [name, value] : sample.labels) {
            text += std::exchange(before, ',');
            append_label(text, name, value);
        }
        text += before == '{' ? " " : "} ";
        append_number(text, sample.value);
        text += '\n';
    }
}

}  // namespace smg::telemetry
