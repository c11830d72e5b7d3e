#include "codec/json_tree.hpp"

#include <gtest/gtest.h>

#include "codec/json_writer.hpp"

namespace smg::codec {
namespace {

TEST(JsonTree, KeepsTheSourceTextOfEveryValue) {
    JsonTree tree;
    auto root = tree.parse(R"( { "a" : 0.70 , "b":[1e-3, {"c": "x\ny"} ] , "d":null,"big":123456789012345678901234567890 } )");
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ((*root)["a"].raw(), "0.70");
    EXPECT_EQ((*root)["b"].raw(), R"([1e-3, {"c": "x\ny"} ])");
    EXPECT_EQ((*root)["big"].number_text(), "123456789012345678901234567890");
    EXPECT_TRUE((*root)["d"].is_null());
    EXPECT_FALSE((*root)["e"].present());
    auto second = *++(*root)["b"].begin();
    EXPECT_EQ(second["c"].text(), "x\ny");
    EXPECT_EQ(second.raw(), R"({"c": "x\ny"})");
    EXPECT_EQ(root->size(), 4U);
}

TEST(JsonTree, ReadsScalarsAtTheRoot) {
    JsonTree tree;
    EXPECT_EQ(tree.parse(" \"hi\" ")->text(), "hi");
    EXPECT_EQ(tree.parse("3.0")->integer(), 3);
    EXPECT_EQ(tree.parse("true")->boolean(), true);
    EXPECT_TRUE(tree.parse("null")->is_null());
    EXPECT_EQ(tree.parse("{}")->size(), 0U);
    EXPECT_EQ(tree.parse("{}")->raw(), "{}");
}

TEST(JsonTree, KnowsTheNeighboursOfWhatIsNested) {
    JsonTree tree;
    const auto root = tree.parse(R"([{"a":[1,[2,{}],"x"],"b\n":{}},[],{"c":null},"\u00e9"])");
    ASSERT_TRUE(root) << root.error().message;
    std::string seen;
    for (JsonNode item : *root) seen += std::to_string(item.size()) + std::string(item.raw()) + ";";
    EXPECT_EQ(seen, R"(2{"a":[1,[2,{}],"x"],"b\n":{}};0[];1{"c":null};0"\u00e9";)");
    const auto first = *root->begin();
    EXPECT_EQ(first["b\n"].raw(), "{}");
    EXPECT_EQ((*++first.begin()).name(), "b\n");
    EXPECT_EQ((*++first["a"].begin()).raw(), "[2,{}]");
}

/// Nodes point into what the tree owns, not to the tree.
TEST(JsonTree, KeepsItsNodesWhenItIsMoved) {
    JsonTree tree;
    const auto root = tree.parse(R"({"a":"b\tc"})");
    const JsonTree moved = std::move(tree);
    EXPECT_EQ((*root)["a"].text(), "b\tc");
}

TEST(JsonTree, ReadsALongTextAfterAShortOne) {
    JsonTree tree;
    EXPECT_EQ(tree.parse(R"("\n")")->text(), "\n");
    const std::string tail(100000, 'x');
    EXPECT_EQ(tree.parse("\"\\n" + tail + "\"")->text(), "\n" + tail);
}

TEST(JsonTree, RefusesWhatIsNotJson) {
    JsonTree tree;
    for (const char* text : {"",        " ",   "{",         "[1,]",       "{\"a\":}", "1 2",     "1,2",      "nul", "nulls", "01", "-", "1.",
                             "\"\\x\"", "\"a", "{\"a\" 1}", "{\"a\":1}}", "[1]]",     "[1],[2]", "\"\xff\"", "tru", "{a:1}", "1e", "+1",
                             "\"a\":1", "{\"a\"}", "{\"a\",1}", "[1:2]", "{1:2}", ",", ":", "]", "}", "[}",
                             "{]", "{\"a\":1,}", "[\"a\"x]", "[1}", "\x01",
                             "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\u12g4\"", "\"\\u123\""})
        EXPECT_FALSE(tree.parse(text)) << text;
    EXPECT_FALSE(tree.parse(std::string(2000, '[') + std::string(2000, ']')));
    // A value that is followed as only a name is, in brackets that match when what it leads to is left out.
    for (const char* text : {R"({"a":[ "r": null, "x": [] }, "f": "s" } ], "u": 1})", R"({"a":"b":true},"c":1})", R"(["a":1],2])"})
        EXPECT_FALSE(tree.parse(text)) << text;
}

TEST(JsonWriter, PlacesCommasAndEscapes) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("a", "x\"\n\x01").key("b").begin_array().number(1).boolean(true).null().end_array();
    json.raw_member("c", "0.70").end_object();
    EXPECT_EQ(out, "{\"a\":\"x\\\"\\n\\u0001\",\"b\":[1,true,null],\"c\":0.70}");
}

TEST(JsonWriter, EscapesWhatLineSplittersTakeForLineEnds) {
    std::string out;
    append_json_string(out, "a\xC2\x85\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA6é\xC2");
    EXPECT_EQ(out, "\"a\\u0085\\u2028\\u2029\xE2\x80\xA6é\xC2\"");
}

/// Blocks of sixteen bytes are looked at together: an escape must be found wherever it lies in one.
TEST(JsonWriter, EscapesAtEveryPlace) {
    for (const std::string special : {"\"", "\\", "\n", "\x01", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x82\xAC", "\xC3\xA9"})
        for (std::size_t length = 0; length < 40; ++length)
            for (std::size_t at = 0; at <= length; ++at) {
                std::string text(length, 'x');
                text.insert(at, special);
                std::string out;
                append_json_string(out, text);
                JsonTree tree;
                const auto parsed = tree.parse(out);
                ASSERT_TRUE(parsed) << out;
                ASSERT_EQ(parsed->text(), text);
            }
}

}  // namespace
}  // namespace smg::codec
