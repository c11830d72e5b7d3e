"""generateContent requests as clients of Gemini send them, one for each thing that a request can hold. Each goes to every provider."""
from corpus import NEWER, PDF, PNG, WAV, Case
from material import MEETING_SCHEMA, WEATHER_TOOL

WEATHER = {"name": "get_weather", "description": "The weather in a city", "parametersJsonSchema": WEATHER_TOOL["function"]["parameters"]}
NOW = {"name": "now"}
OWN_SCHEMA = {
    "type": "OBJECT",
    "properties": {"title": {"type": "STRING", "nullable": True}, "minutes": {"type": "INTEGER", "format": "int32", "minimum": 1},
                   "kind": {"type": "STRING", "format": "enum", "enum": ["a", "b"]}, "people": {"type": "ARRAY", "items": {"type": "STRING"}}},
    "required": ["title", "minutes"],
    "propertyOrdering": ["title", "minutes", "kind", "people"],
}


def user(*parts):
    return {"role": "user", "parts": list(parts)}


def model(*parts):
    return {"role": "model", "parts": list(parts)}


def text(words, **more):
    return {"text": words, **more}


def inline(url):
    kind, data = url.removeprefix("data:").split(";base64,")
    return {"inlineData": {"mimeType": kind, "data": data}}


def call(city, **more):
    return {"functionCall": {"name": "get_weather", "args": {"city": city}, **more}}


def result(answer, **more):
    return {"functionResponse": {"name": "get_weather", "response": answer, **more}}


HI = [user(text("Hi"))]
ASKED = user(text("Weather in Oslo and Rome?"))
CALLED = [ASKED, model(call("Oslo"), call("Rome"))]
ANSWERED = [*CALLED, user(result({"result": "3"}), result({"result": "18"}))]
TOOLS = [{"functionDeclarations": [WEATHER, NOW]}]


def case(name, contents=HI, refused=(), models=None, config=None, stream=False, **more):
    body = {"contents": contents, **({"generationConfig": config} if config else {}), **more}
    return Case("Gemini: " + name, body, refused=refused, stream=stream, **({"models": models} if models else {}))


def choice(mode, **more):
    return {"functionCallingConfig": {"mode": mode, **more}}


CASES = [
    case("one content"),
    case("no role", [{"parts": [text("Hi")]}]),
    case("system instruction", systemInstruction={"parts": [text("Be"), text("brief.")]}),
    case("names in snake_case", system_instruction={"role": "user", "parts": [text("Be brief.")]},
         generation_config={"max_output_tokens": 64, "top_p": 0.9}),
    case("conversation", [*HI, model(text("Hello!")), user(text("Go on"), text("now."))]),
    case("sampling", config={"temperature": 0.7, "topP": 0.9, "topK": 40, "maxOutputTokens": 64}),
    case("high temperature", config={"temperature": 1.8}),
    case("penalties, seed", config={"presencePenalty": 0.5, "frequencyPenalty": -0.5, "seed": 7}),
    case("stops", config={"stopSequences": ["END", "STOP"]},
         models={"openai": "gpt-4o", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-4-fast-non-reasoning", "gemini": "gemini-2.5-flash"}),
    case("two answers", config={"candidateCount": 2}, refused=("anthropic",)),
    case("stream", stream=True),
    case("image", [user(text("What is it?"), inline(PNG))]),
    case("document", [user(inline(PDF), text("Sum up."))]),
    case("audio", [user(inline("data:audio/wav;base64," + WAV), text("Who speaks?"))], refused=("anthropic",)),
    case("tools", tools=TOOLS),
    case("tool in its own schema", tools=[{"functionDeclarations": [{"name": "meet", "description": "Meets", "parameters": OWN_SCHEMA}]}]),
    case("tool required", tools=TOOLS, toolConfig=choice("ANY")),
    case("tool named", tools=TOOLS, toolConfig=choice("ANY", allowedFunctionNames=["now"])),
    case("tools allowed", tools=[{"functionDeclarations": [WEATHER, NOW, {"name": "later"}]}],
         toolConfig=choice("ANY", allowedFunctionNames=["now", "get_weather"])),
    case("tool forbidden", tools=TOOLS, toolConfig=choice("NONE")),
    case("tool results without ids", ANSWERED, tools=TOOLS),
    case("tool results with ids", [ASKED, model(call("Oslo", id="a"), call("Rome", id="b")),
                                   user(result({"result": "18"}, id="b"), result({"result": "3"}, id="a"))], tools=TOOLS),
    case("failed tool", [*CALLED, user(result({"error": "no such city"}), result({"output": {"celsius": 18}}))], tools=TOOLS),
    case("tool history without tools", [*ANSWERED, model(text("Cold.")), user(text("Thanks"))]),
    case("thoughts of another", [*HI, model(text("Greet.", thought=True), text("Hello!", thoughtSignature="c2lnbmF0dXJl")), user(text("Go on"))]),
    case("thoughts of another, before calls",
         [ASKED, model(text("Two cities.", thought=True), {**call("Oslo"), "thoughtSignature": "c2lnbmF0dXJl"}, call("Rome")), ANSWERED[-1]],
         tools=TOOLS, config={"thinkingConfig": {"thinkingBudget": 8000}, "maxOutputTokens": 30000}),
    *[case(f"thinking of {budget}", config={"thinkingConfig": {"thinkingBudget": budget, "includeThoughts": True}, "maxOutputTokens": 30000},
           models={"openai": "o4-mini", "anthropic": "claude-sonnet-4-20250514", "xai": "grok-3-mini", "gemini": "gemini-2.5-flash"})
      for budget in (-1, 0, 1024, 8000, 20000)],
    *[case(f"thinking level {level}", config={"thinkingConfig": {"thinkingLevel": level}}, models=NEWER) for level in ("LOW", "HIGH")],
    case("json", [user(text("Give me JSON."))], config={"responseMimeType": "application/json"}),
    case("structured output, JSON Schema", config={"responseMimeType": "application/json", "responseJsonSchema": MEETING_SCHEMA}),
    case("structured output, its own schema", config={"responseMimeType": "application/json", "responseSchema": OWN_SCHEMA}),
    case("structured output and tools", config={"responseMimeType": "application/json", "responseJsonSchema": MEETING_SCHEMA}, tools=TOOLS),
    case("safety settings", safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]),
]
