"""Chat requests as clients send them, one for each thing that a request can hold. Each goes to every provider."""
import base64
import dataclasses

from material import MEETING_SCHEMA, WEATHER_TOOL, png

PNG = "data:image/png;base64," + base64.b64encode(png()).decode()
PDF = "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt ").decode()

DEFAULT = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-4", "gemini": "gemini-2.5-flash"}
NEWER = {"openai": "gpt-5", "anthropic": "claude-opus-4-6", "xai": "grok-3-mini", "gemini": "gemini-3-pro-preview"}


@dataclasses.dataclass
class Case:
    name: str
    body: dict
    models: dict = dataclasses.field(default_factory=lambda: DEFAULT)
    refused: tuple = ()  # providers that cannot do it: the client gets a 400, and nothing is sent
    stream: bool = False  # where the body does not say so


def user(content):
    return {"role": "user", "content": content}


def call(identity, city):
    return {"id": identity, "type": "function", "function": {"name": "get_weather", "arguments": f'{{"city": "{city}"}}'}}


def result(identity, content):
    return {"role": "tool", "tool_call_id": identity, "content": content}


HI = [user("Hi")]
CALLED = [user("Weather in Oslo and Rome?"), {"role": "assistant", "content": None, "tool_calls": [call("call_1", "Oslo"), call("call_2", "Rome")]}]
NESTED_SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "root": {"$ref": "#/$defs/node"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "when": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        "kind": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "integer"}]},
    },
    "required": ["root", "count", "when", "kind"],
    "additionalProperties": False,
    "$defs": {"node": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}, "required": ["name"],
                       "additionalProperties": False}},
}

LOOSE_SCHEMA = {"type": "object", "properties": {**NESTED_SCHEMA["properties"], "maybe": {"type": ["string", "null"], "pattern": "^a"}},
                "$defs": NESTED_SCHEMA["$defs"]}


def schema_format(schema):
    return {"type": "json_schema", "json_schema": {"name": "answer", "description": "An answer", "strict": True, "schema": schema}}


def function(name, **more):
    return {"type": "function", "function": {"name": name, **more}}


CASES = [
    Case("one message", {"messages": HI}),
    Case("system", {"messages": [{"role": "system", "content": "Be brief."}, *HI]}),
    Case("developer, in parts", {"messages": [
        {"role": "developer", "content": [{"type": "text", "text": "Be"}, {"type": "text", "text": " brief."}]}, *HI]}),
    Case("system in the middle", {"messages": [
        *HI, {"role": "assistant", "content": "Hello!"}, {"role": "system", "content": "Now in French."}, user("Go on")]}),
    Case("two user turns in a row", {"messages": [user("One."), user("Two."), {"role": "assistant", "content": "Three."}, user("Four.")]}),
    Case("assistant first", {"messages": [{"role": "assistant", "content": "How can I help?"}, *HI]}),
    Case("names and nulls", {"messages": [{**user("Hi"), "name": "ann"}], "temperature": None, "stop": None, "seed": None}),
    Case("sampling", {"messages": HI, "temperature": 0.7, "top_p": 0.9, "max_tokens": 64}),
    Case("high temperature", {"messages": HI, "temperature": 1.8, "max_completion_tokens": 64}),
    Case("penalties, seed, bias", {"messages": HI, "presence_penalty": 0.5, "frequency_penalty": -0.5, "seed": 7, "logit_bias": {"50256": -100}}),
    Case("stop", {"messages": HI, "stop": "END"}),
    Case("stops", {"messages": HI, "stop": ["END", "STOP", "\n\n"]}),
    Case("who asks", {"messages": HI, "user": "user-1", "metadata": {"job": "7"}, "store": False, "service_tier": "auto"}),
    Case("two answers", {"messages": HI, "n": 2}, refused=("anthropic",)),
    Case("log probabilities", {"messages": HI, "logprobs": True, "top_logprobs": 2}, refused=("anthropic",)),
    Case("stream", {"messages": HI, "stream": True}),
    Case("stream with usage", {"messages": HI, "stream": True, "stream_options": {"include_usage": True}}),
    Case("image", {"messages": [user([{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}])]}),
    Case("file", {"messages": [user([{"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}}, {"type": "text", "text": "Sum up."}])]}),
    Case("audio", {"messages": [user([{"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}}])]}, refused=("anthropic",)),
    Case("tools", {"messages": HI, "tools": [WEATHER_TOOL, function("now"), function("later", description="Later", parameters={})]}),
    Case("strict tool, one at a time", {
        "messages": HI, "tools": [function("meet", parameters=MEETING_SCHEMA, strict=True)], "parallel_tool_calls": False}),
    Case("tool required", {"messages": HI, "tools": [WEATHER_TOOL], "tool_choice": "required"}),
    Case("tool named", {"messages": HI, "tools": [WEATHER_TOOL, function("now")], "tool_choice": {"type": "function", "function": {"name": "now"}}}),
    Case("tool forbidden", {"messages": HI, "tools": [WEATHER_TOOL], "tool_choice": "none"}),
    Case("tools allowed", {"messages": HI, "tools": [WEATHER_TOOL, function("now")], "tool_choice": {"type": "allowed_tools", "allowed_tools": {
        "mode": "auto", "tools": [{"type": "function", "function": {"name": "now"}}]}}}),
    Case("tool results", {"messages": [*CALLED, result("call_1", "3 degrees"), result("call_2", '{"celsius": 18}')], "tools": [WEATHER_TOOL]}),
    Case("tool results out of order, in parts", {"messages": [*CALLED, result("call_2", [{"type": "text", "text": "18"}]), result("call_1", ""),
                                                 user("And tomorrow?")], "tools": [WEATHER_TOOL]}),
    Case("tool history without tools", {"messages": [*CALLED, result("call_1", "3"), result("call_2", "18")]}),
    Case("text before a call", {"tools": [WEATHER_TOOL], "messages": [
        user("Weather?"), {"role": "assistant", "content": "Let me see.", "tool_calls": [call("call_9", "Oslo")]}, result("call_9", "3"),
        {"role": "assistant", "content": "3 degrees."}, user("Thanks")]}),
    Case("nested tool schema", {"messages": HI, "tools": [function("deep", parameters=NESTED_SCHEMA), function("loose", parameters=LOOSE_SCHEMA)]}),
    Case("json object", {"messages": [user("Give me JSON.")], "response_format": {"type": "json_object"}}),
    Case("json schema", {"messages": HI, "response_format": schema_format(MEETING_SCHEMA)}),
    Case("nested json schema", {"messages": HI, "response_format": schema_format(NESTED_SCHEMA)}),
    Case("json schema, newer models", {"messages": HI, "response_format": schema_format(NESTED_SCHEMA)}, NEWER),
    Case("json schema and tools", {"messages": HI, "response_format": schema_format(MEETING_SCHEMA), "tools": [WEATHER_TOOL]}),
    *[Case(f"effort {effort}", {"messages": HI, "reasoning_effort": effort, "max_completion_tokens": 30000}, NEWER)
      for effort in ("low", "medium", "high")],
    Case("effort, first thinking models", {"messages": HI, "reasoning_effort": "high", "max_tokens": 30000},
         {**DEFAULT, "openai": "o4-mini", "xai": "grok-3-mini"}),
    Case("effort and tools", {"messages": HI, "reasoning_effort": "low", "tools": [WEATHER_TOOL], "tool_choice": "required"}, NEWER),
    Case("tool results, newer models", {"messages": [*CALLED, result("call_1", "3"), result("call_2", "18")], "tools": [WEATHER_TOOL]}, NEWER),
    Case("newer models, sampling", {"messages": HI, "max_completion_tokens": 100, "verbosity": "low"}, NEWER),
]


def models_of(provider, cases=()):
    """All that the cases name, and those of other formats that are given."""
    return sorted({case.models[provider] for case in [*CASES, *cases]})
