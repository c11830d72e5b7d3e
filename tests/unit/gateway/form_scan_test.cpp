#include "gateway/form_scan.hpp"

#include <gtest/gtest.h>

namespace smg::gateway {
namespace {

std::string part(const std::string& head, const std::string& value) { return "--XX\r\n" + head + "\r\n\r\n" + value + "\r\n"; }

std::string field(const std::string& type, const std::string& body, const std::string& name) {
    const auto found = find_form_field(type, body, name);
    return found ? body.substr(found->begin, found->end - found->begin) : "(none)";
}

const std::string type = "multipart/form-data; boundary=XX";

TEST(FormScan, FindsAFieldWhereverItStands) {
    const auto file =
        part("Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav", std::string("\0\r\n\xFF--", 6));
    const auto model = part("content-disposition: form-data; name=\"model\"", "whisper-1");
    for (const auto& body : {model + file + "--XX--\r\n", file + model + "--XX--\r\n", "preamble\r\n" + file + model + "--XX--"})
        EXPECT_EQ(field(type, body, "model"), "whisper-1");
}

TEST(FormScan, TakesBoundariesAsTheyAreWritten) {
    const auto body = part("Content-Disposition: form-data; name=model", "m") + "--XX--\r\n";
    for (const auto* each : {"multipart/form-data; boundary=\"XX\"", "Multipart/Form-Data; charset=utf-8; Boundary=XX ; x=y"})
        EXPECT_EQ(field(each, body, "model"), "m");
}

TEST(FormScan, FindsNothingWhereThereIsNothing) {
    const auto body = part("Content-Disposition: form-data; name=\"models\"", "m") + "--XX--\r\n";
    EXPECT_EQ(field(type, body, "model"), "(none)");
    EXPECT_EQ(field("application/json", body, "models"), "(none)");
    EXPECT_EQ(field("multipart/form-data", body, "models"), "(none)");
    EXPECT_EQ(field("multipart/form-data; boundary=YY", body, "models"), "(none)");
}

TEST(FormScan, SurvivesCutsAnywhere) {
    const auto body =
        part("Content-Disposition: form-data; name=\"a\"", "1") + part("Content-Disposition: form-data; name=\"model\"", "whisper-1") + "--XX--\r\n";
    for (std::size_t length = 0; length <= body.size(); ++length) {
        const auto found = field(type, body.substr(0, length), "model");
        EXPECT_TRUE(found == "(none)" || found == "whisper-1") << found;
    }
}

TEST(FormScan, AnEmptyValueIsAValue) {
    EXPECT_EQ(field(type, part("Content-Disposition: form-data; name=\"model\"", "") + "--XX--\r\n", "model"), "");
}

}  // namespace
}  // namespace smg::gateway
