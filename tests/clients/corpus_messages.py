"""Messages requests as clients of Anthropic send them, one for each thing that a request can hold. Each goes to every provider."""
import json

from corpus import NESTED_SCHEMA, PDF, PNG, Case
from material import MEETING_SCHEMA, WEATHER_TOOL

ADAPTIVE = {"openai": "gpt-5.1", "anthropic": "claude-opus-4-6", "xai": "grok-3-mini", "gemini": "gemini-3-pro-preview"}
WEATHER = {"name": "get_weather", "description": "The weather in a city", "input_schema": WEATHER_TOOL["function"]["parameters"]}
NOW = {"name": "now", "input_schema": {"type": "object"}}
SHORT_LIVED = {"cache_control": {"type": "ephemeral"}}


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


def base64_source(url):
    kind, data = url.removeprefix("data:").split(";base64,")
    return {"type": "base64", "media_type": kind, "data": data}


def call(identity, city):
    return {"type": "tool_use", "id": identity, "name": "get_weather", "input": {"city": city}}


def result(identity, content=None, **more):
    return {"type": "tool_result", "tool_use_id": identity, **({} if content is None else {"content": content}), **more}


def text(words, **more):
    return {"type": "text", "text": words, **more}


IMAGE = {"type": "image", "source": base64_source(PNG)}
IMAGE_THERE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
DOCUMENT = {"type": "document", "source": base64_source(PDF), "title": "a.pdf"}
TEXT_DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Once."}}
HI = [user("Hi")]
CALLED = [user("Weather in Oslo and Rome?"), assistant([text("Let me see."), call("toolu_1", "Oslo"), call("toolu_2", "Rome")])]
THOUGHT = {"type": "thinking", "thinking": "Two cities.", "signature": "EuYBCkQYAiJAc2lnbmF0dXJl"}
AGENT_SYSTEM = [text("x-agent-billing: v=2"), text("You write code.", **SHORT_LIVED), text("# Environment\nLinux", **SHORT_LIVED)]


def case(name, messages=HI, refused=(), models=None, **more):
    body = {"max_tokens": 1000, "messages": messages, **more}
    return Case("Messages: " + name, body, refused=refused, **({"models": models} if models else {}))


CASES = [
    case("one message"),
    case("blocks", [user([text("One."), text("Two.")])]),
    case("system", system="Be brief."),
    case("system in blocks, cached", system=[text("Be"), text("brief.", **SHORT_LIVED)]),
    case("system in the middle", [*HI, assistant("Hello!"), user("And?"), {"role": "system", "content": "Now in French."}]),
    case("two user turns in a row", [user("One."), user("Two.")]),
    case("sampling", temperature=0.7),
    case("sampling by rank", top_p=0.9, top_k=40),
    case("stops", stop_sequences=["END", "STOP"], models={"openai": "gpt-4o", "anthropic": "claude-sonnet-4-20250514",
                                                          "xai": "grok-4-fast-non-reasoning", "gemini": "gemini-2.5-flash"}),
    case("who asks", metadata={"user_id": "user_" + "0" * 80}, service_tier="standard_only"),
    case("stream", stream=True),
    case("image", [user([IMAGE, text("What is it?")])]),
    case("image elsewhere", [user([text("What is it?"), IMAGE_THERE])], refused=("gemini",)),
    case("document", [user([DOCUMENT, text("Sum up.")])]),
    case("document of text", [user([TEXT_DOCUMENT, text("Sum up.")])]),
    case("document of blocks", [user([{"type": "document", "source": {"type": "content", "content": [text("Once.")]}}, text("Sum up.")])]),
    case("search results", [user([{"type": "search_result", "source": "https://example.com", "title": "A", "content": [text("Found.")]},
                                  text("Sum up.")])]),
    case("tools", tools=[WEATHER, NOW]),
    case("tools, cached and strict", tools=[{**WEATHER, **SHORT_LIVED}, {"name": "meet", "input_schema": MEETING_SCHEMA, "strict": True}]),
    case("nested tool schema", tools=[{"name": "deep", "input_schema": NESTED_SCHEMA}]),
    case("no tools", tools=[]),
    case("tool required", tools=[WEATHER], tool_choice={"type": "any"}),
    case("tool named", tools=[WEATHER, NOW], tool_choice={"type": "tool", "name": "now"}),
    case("tool forbidden", tools=[WEATHER], tool_choice={"type": "none"}),
    case("one tool at a time", tools=[WEATHER], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
    case("tool results", [*CALLED, user([result("toolu_1", "3"), result("toolu_2", [text("18")])])], tools=[WEATHER]),
    case("tool results and more", [*CALLED, user([result("toolu_2", "18"), result("toolu_1"), text("And tomorrow?")])], tools=[WEATHER]),
    case("failed tool", [*CALLED, user([result("toolu_1", "no such city", is_error=True), result("toolu_2", "18")])], tools=[WEATHER]),
    case("image in a tool result", [*CALLED, user([result("toolu_1", [text("A map"), IMAGE]), result("toolu_2", [IMAGE])])], tools=[WEATHER]),
    case("document in a tool result", [*CALLED, user([result("toolu_1", [DOCUMENT]), result("toolu_2", "18")])], tools=[WEATHER]),
    case("tool history without tools", [*CALLED, user([result("toolu_1", "3"), result("toolu_2", "18")]), assistant("Cold."), user("Thanks")]),
    case("call without arguments", [user("Time?"), assistant([{"type": "tool_use", "id": "toolu_9", "name": "now", "input": {}}]),
                                    user([result("toolu_9", "noon")])], tools=[NOW]),
    *[case(f"thinking of {budget}", thinking={"type": "enabled", "budget_tokens": budget}, max_tokens=32000,
           models={"openai": "o4-mini", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-3-mini", "gemini": "gemini-2.5-flash"})
      for budget in (1024, 8000, 20000)],
    case("no thinking", thinking={"type": "disabled"}),
    *[case(f"adaptive thinking, effort {effort}", thinking={"type": "adaptive"}, output_config={"effort": effort}, models=ADAPTIVE)
      for effort in ("low", "high")],
    case("thoughts of another", [user("Hi"), assistant([THOUGHT, text("Hello!")]), user("Go on")]),
    case("thoughts of another, before calls", [CALLED[0], assistant([THOUGHT, *CALLED[1]["content"]]),
                                               user([result("toolu_1", "3"), result("toolu_2", "18")])],
         tools=[WEATHER], thinking={"type": "enabled", "budget_tokens": 8000}, max_tokens=32000, models=ADAPTIVE),
    case("hidden thoughts of another", [user("Hi"), assistant([{"type": "redacted_thinking", "data": "EmwKAhgB"}, text("Hello!")]), user("Go on")]),
    case("structured output", output_config={"format": {"type": "json_schema", "schema": MEETING_SCHEMA}}),
    case("structured output and tools", output_config={"format": {"type": "json_schema", "schema": MEETING_SCHEMA}}, tools=[WEATHER]),
    case("tools that Anthropic defines", tools=[{"type": "bash_20250124", "name": "bash"},
                                                {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}]),
    case("an agent's turn", [user([text("<reminder>Today is Monday.</reminder>"), text("Fix it.", **SHORT_LIVED)])], system=AGENT_SYSTEM,
         tools=[WEATHER, {**NOW, **SHORT_LIVED}], stream=True, temperature=1,
         metadata={"user_id": json.dumps({"device_id": "d" * 64, "session_id": "s" * 36})}),
]
