#include <array>

#include "config/setting.hpp"

namespace smg::config {
namespace {

struct Foreign {
    std::string_view name;  ///< ends in `*`: everything that begins so
    std::string_view reason;
};

constexpr std::string_view disaggregation = "splitting prefill and decode is not part of this gateway";
constexpr std::string_view kubernetes = "discovery in Kubernetes is not part of this gateway; register workers by POST /workers";
constexpr std::string_view engine_side = "prompts are not tokenized here: workers speak HTTP, and gRPC engines are not served";
constexpr std::string_view mesh = "a mesh of gateways is not part of this gateway";
constexpr std::string_view wasm = "WebAssembly plug-ins are not part of this gateway";
constexpr std::string_view mcp = "MCP servers are not part of this gateway";
constexpr std::string_view database = "conversations are not stored here: the provider holds them";

constexpr std::array foreign_flags{
    Foreign{"pd-disaggregation", disaggregation},
    Foreign{"vllm-pd-disaggregation", disaggregation},
    Foreign{"mini-lb", disaggregation},
    Foreign{"prefill-selector", kubernetes},
    Foreign{"decode-selector", kubernetes},
    Foreign{"router-selector", kubernetes},
    Foreign{"prefill*", disaggregation},
    Foreign{"decode*", disaggregation},
    Foreign{"kv-*", disaggregation},
    Foreign{"service-discovery*", kubernetes},
    Foreign{"selector", kubernetes},
    Foreign{"model-id-from", kubernetes},
    Foreign{"grpc*", engine_side},
    Foreign{"model-path", engine_side},
    Foreign{"model", engine_side},
    Foreign{"tokenizer-*", engine_side},
    Foreign{"disable-tokenizer-autoload", engine_side},
    Foreign{"chat-template", engine_side},
    Foreign{"reasoning-parser", engine_side},
    Foreign{"tool-call-parser", engine_side},
    Foreign{"multimodal-*", engine_side},
    Foreign{"enable-mesh", mesh},
    Foreign{"mesh-*", mesh},
    Foreign{"cross-region-*", mesh},
    Foreign{"enable-wasm", wasm},
    Foreign{"storage-hook-wasm-path", wasm},
    Foreign{"storage-context-headers", wasm},
    Foreign{"mcp-*", mcp},
    Foreign{"skills-*", mcp},
    Foreign{"oracle-*", database},
    Foreign{"postgres-*", database},
    Foreign{"redis-*", database},
    Foreign{"schema-config", database},
    Foreign{"webrtc-*", "real-time audio is not part of this gateway"},
    Foreign{"ext-auth-*", "external authorization is not part of this gateway"},
};

}  // namespace

std::string_view foreign_flag_reason(std::string_view name) noexcept {
    for (const auto& [known, reason] : foreign_flags)
        if (known.back() == '*' ? name.starts_with(known.substr(0, known.size() - 1)) : name == known) return reason;
    return {};
}

}  // namespace smg::config
