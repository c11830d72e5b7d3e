#include "openai_responses_testing.hpp"

namespace smg::codec::responses_testing {
namespace {

class Judge {
public:
    Json follow(std::string_view sse) {
        std::size_t number = 0;
        for (const auto& event : events_of(sse)) {
            SCOPED_TRACE(event.dump().substr(0, 300));
            EXPECT_EQ(event.at("sequence_number"), number);
            EXPECT_FALSE(over_) << "an event after the last one";
            const std::string type = event.at("type");
            if (number < 2) { EXPECT_EQ(type, number == 0 ? "response.created" : "response.in_progress"); }
            ++number;
            on(type, event);
        }
        EXPECT_TRUE(over_);
        return response_;
    }

private:
    void on(const std::string& type, const Json& event) {
        if (type == "response.created" || type == "response.in_progress") {
            const auto& response = event.at("response");
            EXPECT_EQ(response.at("status"), "in_progress");
            EXPECT_EQ(response.at("output"), Json::array());
            id_ = response.at("id");
        } else if (type == "response.output_item.added") {
            EXPECT_FALSE(item_open_) << "items grow one after another";
            EXPECT_EQ(event.at("output_index"), done_.size());
            item_ = event.at("item");
            EXPECT_FALSE(item_.at("id").get<std::string>().empty());
            EXPECT_LE(item_.at("id").get<std::string>().size(), 64U);
            item_open_ = true;
        } else if (type == "response.output_item.done") {
            EXPECT_TRUE(item_open_);
            EXPECT_FALSE(part_open_);
            EXPECT_EQ(event.at("output_index"), done_.size());
            item_done(event.at("item"));
            item_open_ = false;
        } else if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
            last(type, event.at("response"));
        } else if (type == "error") {
            EXPECT_TRUE(event.at("error").contains("message"));
            failed_ = true;
        } else {
            EXPECT_TRUE(item_open_);
            EXPECT_EQ(event.at("item_id"), item_.at("id"));
            EXPECT_EQ(event.at("output_index"), done_.size());
            content(type, event);
        }
    }

    void content(const std::string& type, const Json& event) {
        if (type == "response.content_part.added") {
            EXPECT_FALSE(part_open_);
            EXPECT_EQ(event.at("content_index"), item_["content"].size());
            item_["content"].push_back(event.at("part"));
            part_open_ = true;
        } else if (type == "response.reasoning_summary_part.added") {
            EXPECT_FALSE(part_open_);
            EXPECT_EQ(event.at("summary_index"), item_["summary"].size());
            item_["summary"].push_back(event.at("part"));
            part_open_ = true;
        } else if (type == "response.content_part.done" || type == "response.reasoning_summary_part.done") {
            EXPECT_TRUE(part_open_);
            EXPECT_EQ(event.at("part"), part(event));
            part_open_ = false;
        } else if (type == "response.output_text.annotation.added") {
            EXPECT_EQ(event.at("annotation_index"), part(event)["annotations"].size());
            part(event)["annotations"].push_back(event.at("annotation"));
        } else if (type == "response.output_text.delta") {
            add(part(event)["text"], event);
            for (const auto& entry : event.at("logprobs")) part(event)["logprobs"].push_back(entry);
        } else if (type == "response.output_text.done") {
            EXPECT_EQ(event.at("text"), part(event)["text"]);
            part(event)["logprobs"] = event.at("logprobs");
        } else if (type == "response.refusal.delta") {
            add(part(event)["refusal"], event);
        } else if (type == "response.refusal.done") {
            EXPECT_EQ(event.at("refusal"), part(event)["refusal"]);
        } else if (type == "response.reasoning_summary_text.delta") {
            add(part(event)["text"], event);
        } else if (type == "response.reasoning_summary_text.done") {
            EXPECT_EQ(event.at("text"), part(event)["text"]);
        } else if (type == "response.function_call_arguments.delta") {
            add(item_["arguments"], event);
        } else if (type == "response.function_call_arguments.done") {
            EXPECT_EQ(event.at("arguments"), item_["arguments"]);
            EXPECT_EQ(event.at("name"), item_["name"]);
        } else if (type == "response.custom_tool_call_input.delta") {
            add(item_["input"], event);
        } else if (type == "response.custom_tool_call_input.done") {
            EXPECT_EQ(event.at("input"), item_["input"]);
        } else {
            ADD_FAILURE() << "unknown event " << type;
        }
    }

    Json& part(const Json& event) {
        auto& list = item_[event.contains("summary_index") ? "summary" : "content"];
        const auto& index = event.at(event.contains("summary_index") ? "summary_index" : "content_index");
        EXPECT_TRUE(part_open_);
        EXPECT_EQ(index, list.size() - 1);
        return list.back();
    }

    static void add(Json& text, const Json& event) {
        ASSERT_TRUE(text.is_string());
        EXPECT_FALSE(event.at("delta").get<std::string>().empty());
        text = text.get<std::string>() + event.at("delta").get<std::string>();
    }

    /// What the deltas made must be what the item says at its end; its state and status alone may be new.
    void item_done(const Json& item) {
        auto made = item_, told = item;
        for (auto* one : {&made, &told})
            for (const auto* name : {"status", "encrypted_content"}) one->erase(name);
        EXPECT_EQ(made, told);
        done_.push_back(item);
    }

    void last(const std::string& type, const Json& response) {
        EXPECT_EQ(type == "response.failed", failed_) << "both ways of saying it";
        EXPECT_TRUE(failed_ || !item_open_);
        EXPECT_EQ("response." + response.at("status").get<std::string>(), type);
        EXPECT_EQ(response.at("id"), id_);
        EXPECT_EQ(response.at("output"), done_);
        over_ = true;
        response_ = response;
    }

    Json done_ = Json::array(), item_, response_;
    std::string id_;
    bool item_open_ = false, part_open_ = false, over_ = false, failed_ = false;
};

}  // namespace

Json judged(std::string_view sse) { return Judge().follow(sse); }

}  // namespace smg::codec::responses_testing
