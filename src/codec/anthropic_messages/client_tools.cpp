#include "codec/anthropic_messages/client_tools.hpp"

namespace smg::codec::messages {
namespace {

struct Description {
    std::string_view prefix;  ///< of the type, before its date
    std::string_view words, schema;
};

constexpr Description descriptions[] = {
    {"bash_", "Runs a command in a persistent bash session and returns what it printed. With `restart`, the session begins anew.",
     R"({"type":"object","properties":{"command":{"type":"string","description":"The command to run. Required unless restarting."},)"
     R"("restart":{"type":"boolean","description":"Restarts the session."}}})"},
    {"text_editor_", "Views, creates and edits text files. `str_replace` wants `old_str` to occur exactly once.",
     R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},)"
     R"("path":{"type":"string","description":"Path of the file or directory."},)"
     R"("view_range":{"type":"array","items":{"type":"integer"},"description":"view: first and last line, from 1; -1 is the end."},)"
     R"("file_text":{"type":"string","description":"create: the content."},)"
     R"("old_str":{"type":"string","description":"str_replace: what is replaced."},)"
     R"("new_str":{"type":"string","description":"str_replace: what it becomes."},)"
     R"("insert_line":{"type":"integer","description":"insert: the line after which; 0 is the beginning."},)"
     R"("insert_text":{"type":"string","description":"insert: the text."}},"required":["command","path"]})"},
    {"memory_", "Keeps notes in files below /memories between conversations.",
     R"({"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},)"
     R"("path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":"string"},)"
     R"("old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":{"type":"string"},)"
     R"("old_path":{"type":"string"},"new_path":{"type":"string"}},"required":["command"]})"},
};

}  // namespace

bool describe_client_tool(std::string_view type, Tool& tool) {
    for (const auto& known : descriptions) {
        if (!type.starts_with(known.prefix)) continue;
        tool.kind = Tool::Kind::function;
        tool.description = known.words;
        tool.has_description = true;
        tool.parameters = known.schema;
        return true;
    }
    return false;
}

}  // namespace smg::codec::messages
