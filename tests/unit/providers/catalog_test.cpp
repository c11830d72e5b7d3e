#include "providers/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smg::providers {
namespace {

using ::testing::HasSubstr;

const Catalog& catalog() { return *Catalog::built_in(); }
std::string name_of(const ProviderPtr& provider) { return provider ? provider->name : ""; }

TEST(Catalog, Model_names_name_their_provider) {
    const std::pair<const char*, const char*> rows[] = {{"gpt-4o", "openai"},
                                                        {"GPT-5.4", "openai"},
                                                        {"o1", "openai"},
                                                        {"o1-mini", "openai"},
                                                        {"o3-pro", "openai"},
                                                        {"o4-mini", "openai"},
                                                        {"chatgpt-4o-latest", "openai"},
                                                        {"codex-mini", "openai"},
                                                        {"text-embedding-3-small", "openai"},
                                                        {"dall-e-3", "openai"},
                                                        {"tts-1", "openai"},
                                                        {"whisper-1", "openai"},
                                                        {"omni-moderation-latest", "openai"},
                                                        {"davinci-002", "openai"},
                                                        {"babbage-002", "openai"},
                                                        {"ft:gpt-4o-mini-2024-07-18:org::abc", "openai"},
                                                        {"ft:o4-mini:x", "openai"},
                                                        {"ft:claude-x", ""},
                                                        {"claude-sonnet-4-20250514", "anthropic"},
                                                        {"Claude-3-Opus", "anthropic"},
                                                        {"grok-4", "xai"},
                                                        {"gemini-2.5-pro", "gemini"},
                                                        {"models/gemini-2.5-pro", "gemini"},
                                                        {"gemma-3-27b-it", "gemini"},
                                                        {"learnlm-2.0", "gemini"},
                                                        {"llama-3", ""},
                                                        {"ollama", ""},
                                                        {"o", ""},
                                                        {"omega", ""},
                                                        {"gpt", ""},
                                                        {"mygpt-4", ""},
                                                        {"", ""},
                                                        {"anthropic/claude-3", ""}};
    for (const auto& [model, provider] : rows) EXPECT_EQ(name_of(catalog().of_model(model)), provider) << model;
}

TEST(Catalog, The_longest_pattern_wins) {
    EXPECT_EQ(name_of(catalog().of_model("text-embedding-004")), "gemini");
    EXPECT_EQ(name_of(catalog().of_model("text-embedding-0040")), "openai");
    EXPECT_EQ(name_of(catalog().of_model("text-embedding-005")), "openai");
}

TEST(Catalog, Hosts_whole_or_as_dot_bounded_suffix) {
    EXPECT_EQ(name_of(catalog().of_host("api.openai.com")), "openai");
    EXPECT_EQ(name_of(catalog().of_host("eu.api.openai.com")), "openai");
    EXPECT_EQ(name_of(catalog().of_host("myapi.openai.com")), "");
    EXPECT_EQ(name_of(catalog().of_host("api.openai.com.evil.example")), "");
    EXPECT_EQ(name_of(catalog().of_host("acme.openai.azure.com")), "azure-openai");
    EXPECT_EQ(name_of(catalog().of_host("generativelanguage.googleapis.com")), "gemini");
    EXPECT_EQ(name_of(catalog().of_host("127.0.0.1")), "");
}

TEST(Catalog, Aliases_without_case) {
    for (const auto& [spelled, name] : {std::pair("OpenAI", "openai"),
                                        {"claude", "anthropic"},
                                        {"grok", "xai"},
                                        {"Google", "gemini"},
                                        {"openai-compatible", "openai-compatible"},
                                        {"vllm", "vllm"},
                                        {"azure", "azure-openai"}})
        EXPECT_EQ(name_of(catalog().find(spelled)), name) << spelled;
}

TEST(Catalog, A_misspelt_provider_is_told_the_nearest_and_all) {
    const auto wrong = catalog().named("antropic");
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().failure, Failure::invalid_request);
    EXPECT_EQ(wrong.error().param, "provider");
    EXPECT_THAT(wrong.error().message, HasSubstr("did you mean `anthropic`"));
    for (const auto* name : {"openai", "xai", "gemini", "openai-compatible", "groq"}) EXPECT_THAT(wrong.error().message, HasSubstr(name));
    EXPECT_EQ(catalog().named("zzzzzzzzzzzz").error().message.find("did you mean"), std::string::npos);
}

TEST(Catalog, A_workers_provider_is_what_it_says_else_its_host_else_compatible) {
    const auto of = [](std::string_view spelled, std::string_view url) { return catalog().of_worker(spelled, parse_worker_url(url).value()); };
    EXPECT_EQ((*of("", "https://api.anthropic.com/v1"))->name, "anthropic");
    EXPECT_EQ((*of("", "https://llm.example"))->name, "openai-compatible");
    EXPECT_EQ((*of("claude", "http://127.0.0.1:9000"))->name, "anthropic");
    EXPECT_EQ((*of("claude", "https://api.anthropic.com"))->name, "anthropic");
    const auto contradiction = of("openai", "https://api.anthropic.com");
    ASSERT_FALSE(contradiction.has_value());
    EXPECT_EQ(contradiction.error().param, "provider");
    EXPECT_THAT(contradiction.error().message, HasSubstr("anthropic"));
}

TEST(Catalog, Key_forms) {
    const std::pair<const char*, const char*> rows[] = {{"sk-ant-api03-abc", "anthropic"},
                                                        {"sk-ant-oat01-abc", "anthropic"},
                                                        {"xai-abc", "xai"},
                                                        {"AIzaSyAbc", "gemini"},
                                                        {"AQ.Ab8", "gemini"},
                                                        {"sk-proj-abc", "openai"},
                                                        {"sk-svcacct-abc", "openai"},
                                                        {"sk-admin-abc", "openai"},
                                                        {"sk-abcT3BlbkFJdef", "openai"},
                                                        {" sk-ant-x ", "anthropic"},
                                                        {"gsk_abc", "groq"},
                                                        {"sk-or-v1-abc", "openrouter"}};
    for (const auto& [key, provider] : rows) {
        const auto form = catalog().classify_key(key);
        EXPECT_EQ(form.kind, KeyForm::Kind::known) << key;
        EXPECT_EQ(form.provider, provider) << key;
    }
    for (const auto* key : {"sk-abcdef", "my-token", "eyJhbGciOi.e30.sig", "aiza", "sk-ANT-x"})
        EXPECT_EQ(catalog().classify_key(key).kind, KeyForm::Kind::unknown) << key;
}

TEST(Catalog, Placeholders_count_as_absent) {
    for (const auto* key : {"", "  ", "EMPTY", "none", "null", "unused", "dummy", "test", "placeholder", "not-needed", "sk-no-key-required",
                            "sk-1234", "x", "Empty", " dummy "})
        EXPECT_EQ(catalog().classify_key(key).kind, KeyForm::Kind::absent) << key;
    for (const auto* key : {"xx", "sk-12345", "tests", "nonee"}) EXPECT_EQ(catalog().classify_key(key).kind, KeyForm::Kind::unknown) << key;
}

VendorSpec acme() {
    VendorSpec spec;
    spec.name = "acme";
    spec.hosts = {"llm.acme.example"};
    spec.models = {"acme-*"};
    spec.api_root = "/api/v2";
    spec.header = "X-Acme-Key";
    spec.scheme = "";
    spec.key_prefixes = {"acme_"};
    return spec;
}

TEST(Catalog, A_vendor_joins_as_data) {
    const auto with = Catalog::with_vendors({acme()});
    ASSERT_TRUE(with.has_value());
    const auto provider = (*with)->of_model("acme-large");
    ASSERT_TRUE(provider);
    EXPECT_EQ(provider->name, "acme");
    EXPECT_EQ((*with)->of_host("eu.llm.acme.example"), provider);
    EXPECT_EQ((*with)->classify_key("acme_123").provider, "acme");
    EXPECT_EQ(provider->target(parse_worker_url("https://llm.acme.example").value(), Ask(Operation::chat, "acme-large")).value(),
              "/api/v2/chat/completions");
    EXPECT_EQ(provider->credential, (CredentialRule{"x-acme-key", ""}));
}

TEST(Catalog, A_vendor_may_speak_messages_without_being_anthropic) {
    auto spec = acme();
    spec.native = "messages";
    const auto with = Catalog::with_vendors({spec});
    ASSERT_TRUE(with.has_value());
    const auto provider = (*with)->find("acme");
    EXPECT_EQ(provider->format, ApiFormat::anthropic_messages);
    EXPECT_FALSE(provider->first_party);
    EXPECT_EQ((*with)->classify_key("sk-ant-api03-x").provider, "anthropic");
    EXPECT_EQ((*with)->of_model("claude-x")->name, "anthropic");
}

TEST(Catalog, A_vendor_replaces_a_built_in_vendor_but_none_of_the_four) {
    auto groq = acme();
    groq.name = "groq";
    const auto with = Catalog::with_vendors({groq});
    ASSERT_TRUE(with.has_value());
    EXPECT_EQ((*with)->find("groq")->default_root, "/api/v2");
    for (const auto* taken : {"openai", "google", "openai-compatible"}) {
        auto spec = acme();
        spec.name = taken;
        EXPECT_FALSE(Catalog::with_vendors({spec}).has_value()) << taken;
    }
}

TEST(Catalog, Bad_vendor_data_names_its_key) {
    const auto param_of = [](auto change) {
        auto spec = acme();
        change(spec);
        const auto with = Catalog::with_vendors({spec});
        return with ? std::string() : with.error().param;
    };
    EXPECT_EQ(param_of([](VendorSpec& spec) { spec.native = "soap"; }), "providers.acme.native");
    EXPECT_EQ(param_of([](VendorSpec& spec) { spec.header = "bad header"; }), "providers.acme.header");
    EXPECT_EQ(param_of([](VendorSpec& spec) { spec.api_root = "v1"; }), "providers.acme.api_root");
    EXPECT_EQ(param_of([](VendorSpec& spec) { spec.aliases = {"claude"}; }), "providers.acme.aliases");
}

}  // namespace
}  // namespace smg::providers
