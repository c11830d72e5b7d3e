#include "gateway/held_state.hpp"

#include <gmock/gmock.h>

#include "codec/codec.hpp"
#include "codec/reasoning_envelope.hpp"

namespace smg::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReasoningFinder, FindsEachAtEverySplit) {
    const std::string events = R"(data: {"item":{"type":"reasoning","encrypted_content":null}})"
                               "\n\n"
                               R"(data: {"item":{"text":"say \"encrypted_content\":\"no\"","encrypted_content" : "one=="}})"
                               "\n\n"
                               R"(data: {"output":[{"encrypted_content":"one=="},{"encrypted_content":""},{"encrypted_content":"two"}]})";
    for (std::size_t first = 0; first <= events.size(); ++first)
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, events.size()}) {
            ReasoningFinder finder;
            finder.read(std::string_view(events).substr(0, first));
            for (auto at = first; at < events.size(); at += step) finder.read(std::string_view(events).substr(at, step));
            ASSERT_THAT(finder.keys(), ElementsAre(key_of_reasoning("one=="), key_of_reasoning("two"))) << first << " " << step;
        }
}

TEST(LatestReasoning, OfAResponsesRequest) {
    EXPECT_EQ(latest_reasoning(R"({"input":[{"encrypted_content":"a"},{"encrypted_content" : "b"},{"encrypted_content":null}]})"),
              key_of_reasoning("b"));
    EXPECT_EQ(latest_reasoning(R"({"input":"encrypted_content"})"), "");
    EXPECT_EQ(latest_reasoning(R"({"input":[{"encrypted_content":")" + codec::wrap_reasoning(codec::Origin::xai, "i:rs_1\ns:b") + "\"}]}"),
              key_of_reasoning("b"));
}

TEST(LatestReasoning, OfAnotherFormatsClient) {
    const auto body = [](codec::Origin origin) {
        return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[
            {"type":"thinking","thinking":"","signature":")" +
               codec::wrap_reasoning(origin, "i:rs_1\ns:state") + R"("},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]})";
    };
    EXPECT_EQ(latest_reasoning(*codec::anthropic_messages().decode_request(body(codec::Origin::openai))), key_of_reasoning("state"));
    EXPECT_EQ(latest_reasoning(*codec::anthropic_messages().decode_request(body(codec::Origin::gemini))), "")
        << "Gemini's signatures and Anthropic's are for every key";
}

std::vector<std::string> offered(bool (*each)(std::string_view, const UseId&), std::string_view text) {
    std::vector<std::string> ids;
    EXPECT_FALSE(each(text, [&](std::string_view id) {
        ids.emplace_back(id);
        return false;
    }));
    return ids;
}

TEST(HeldFiles, ThatAGenerationRefersTo) {
    EXPECT_THAT(offered(each_file, R"({"messages":[{"content":[{"type":"file","file":{"file_id" : "file-1"}},{"text":"\"file_id\":\"no\""}]}],
        "contents":[{"parts":[{"fileData":{"fileUri":"https://g/v1beta/files/abc"}}]}],"x":{"file_id":null}})"),
                ElementsAre("file-1", "https://g/v1beta/files/abc"));
}

TEST(HeldFiles, InPaths) {
    EXPECT_THAT(offered(each_id_in_path, "/openai/v1/files/file-1/content?a=b"),
                ElementsAre("content", "file-1/content", "file-1", "files/file-1", "files", "v1/files", "v1", "openai/v1", "openai"));
    const auto gemini = offered(each_id_in_path, "/gemini/v1beta/files/abc:download");
    EXPECT_THAT(gemini, testing::Contains("files/abc"));
    EXPECT_THAT(offered(each_id_in_path, "/openai/v1/models/gpt-4o"), IsEmpty());
}

TEST(HeldFiles, InBodiesAndAnswers) {
    EXPECT_THAT(offered(each_short_string, R"({"input_file_id":"file-1","endpoint":"/v1/x","e":"a\"b"})"),
                ElementsAre("input_file_id", "file-1", "endpoint", "/v1/x", "e"));
    EXPECT_THAT(offered(each_issued_id, R"({"id":"batch_1","object":"batch","input_file_id":"file-1","output_file_id":"file-2","error_file_id":null,
        "name":"a name","metadata":{"user":"u"}})"),
                ElementsAre("batch_1", "file-1", "file-2"));
    EXPECT_THAT(offered(each_issued_id, R"({"file":{"name":"files/abc","uri":"https://g/v1beta/files/abc","displayName":"x/y"},
        "m":{"name":"models/m"}})"),
                ElementsAre("files/abc", "https://g/v1beta/files/abc"));
    EXPECT_THAT(offered(each_issued_id, R"({"id":"cut)"), IsEmpty());
}

}  // namespace
}  // namespace smg::gateway
