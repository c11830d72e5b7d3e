"""Responses requests as clients of OpenAI send them, one for each thing that a request can hold. Each goes to every provider: as it is to OpenAI
and xAI, and translated to the others."""
from corpus import NESTED_SCHEMA, PDF, PNG, Case
from material import MEETING_SCHEMA, WEATHER_TOOL

WEATHER = {"type": "function", "strict": False, **WEATHER_TOOL["function"]}
MEET = {"type": "function", "name": "meet", "strict": True, "parameters": MEETING_SCHEMA}
THINKERS = {"openai": "o4-mini", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-3-mini", "gemini": "gemini-2.5-flash"}
FOREIGN = ("anthropic", "gemini")


def user(content):
    return {"role": "user", "content": content}


def said(words):
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": words, "annotations": []}]}


def call(identity, city):
    return {"type": "function_call", "id": "fc_" + identity, "call_id": identity, "name": "get_weather", "arguments": f'{{"city":"{city}"}}'}


def result(identity, output):
    return {"type": "function_call_output", "call_id": identity, "output": output}


def text_of(words):
    return {"type": "input_text", "text": words}


ASKED = user("Weather in Oslo and Rome?")
CALLED = [ASKED, call("call_1", "Oslo"), call("call_2", "Rome")]
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Two cities."}], "encrypted_content": "Z0FBQUFB"}


def case(name, given="Hi", refused=(), models=None, **more):
    return Case("Responses: " + name, {"input": given, **more}, refused=refused, **({"models": models} if models else {}))


def form(schema, strict=True):
    return {"format": {"type": "json_schema", "name": "answer", "strict": strict, "schema": schema}}


CASES = [
    case("text"),
    case("messages", [user("One."), said("Two."), user([text_of("Three."), text_of("Four.")])]),
    case("instructions", instructions="Be brief."),
    case("developer and system", [{"role": "developer", "content": "Be brief."}, {"role": "system", "content": [text_of("Be kind.")]}, user("Hi")]),
    case("sampling", temperature=0.7, top_p=0.9, max_output_tokens=64, models={**THINKERS, "openai": "gpt-4o", "xai": "grok-4-fast-non-reasoning"}),
    case("who asks", user="user-1", metadata={"job": "7"}, store=False, service_tier="auto", prompt_cache_key="k", safety_identifier="s"),
    case("stream", stream=True),
    case("image", [user([text_of("What is it?"), {"type": "input_image", "image_url": PNG, "detail": "low"}])]),
    case("file", [user([{"type": "input_file", "filename": "a.pdf", "file_data": PDF}, text_of("Sum up.")])]),
    case("tools", tools=[WEATHER, MEET]),
    case("nested tool schema", tools=[{"type": "function", "name": "deep", "strict": False, "parameters": NESTED_SCHEMA}]),
    case("tool required", tools=[WEATHER], tool_choice="required"),
    case("tool named", tools=[WEATHER, MEET], tool_choice={"type": "function", "name": "meet"}),
    case("tool forbidden", tools=[WEATHER], tool_choice="none"),
    case("one tool at a time", tools=[WEATHER], parallel_tool_calls=False),
    case("tool results", [*CALLED, result("call_1", "3"), result("call_2", "18")], tools=[WEATHER]),
    case("tool results in parts, and more", [*CALLED, result("call_2", [text_of("18")]), result("call_1", ""), user("And tomorrow?")],
         tools=[WEATHER]),
    case("image in a tool result", [
        *CALLED, result("call_1", [text_of("A map"), {"type": "input_image", "image_url": PNG, "detail": "auto"}]), result("call_2", "18")],
         tools=[WEATHER]),
    case("text before a call", [ASKED, said("Let me see."), call("call_9", "Oslo"), result("call_9", "3"), said("3 degrees."), user("Thanks")],
         tools=[WEATHER]),
    case("reasoning of another", [user("Hi"), THOUGHT, said("Hello!"), user("Go on")], include=["reasoning.encrypted_content"], store=False),
    case("reasoning of another, before calls", [ASKED, THOUGHT, *CALLED[1:], result("call_1", "3"), result("call_2", "18")], tools=[WEATHER],
         reasoning={"effort": "high"}, max_output_tokens=30000, models=THINKERS),
    *[case(f"effort {effort}", reasoning={"effort": effort, "summary": "auto"}, max_output_tokens=30000, models=THINKERS)
      for effort in ("low", "medium", "high")],
    case("json schema", text=form(MEETING_SCHEMA)),
    case("json schema and tools", text=form(MEETING_SCHEMA), tools=[WEATHER]),
    case("json object", "Give me JSON.", text={"format": {"type": "json_object"}}),
    case("an earlier response", previous_response_id="resp_of_before", refused=FOREIGN),
    case("in the background", background=True, refused=FOREIGN),
    case("a stored item", [{"type": "item_reference", "id": "msg_1"}, user("Go on")], refused=FOREIGN),
]
