"""Google's Gen AI SDK for Python, unchanged but for its base URL: every test for each of the four providers, both API versions, sync and async."""
import pytest
from both_ways import drained, settled
from conftest import EMBEDDING, MODELS, NAMES, STRUCTURED, THINKING, kept, lacks
from google import genai
from google.genai import errors, types
from material import MEETING_SCHEMA, PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, STRICT, WEATHER_TOOL, Meeting, png

CLIENT = "Google Gen AI Python, {flavour}"
WEATHER = types.Tool(function_declarations=[types.FunctionDeclaration(
    name="get_weather", description="The weather in a city", parameters_json_schema=WEATHER_TOOL["function"]["parameters"])])


class Sdk:
    def __init__(self, flavour, url, version="v1beta", retry_options=None):
        options = types.HttpOptions(base_url=url, api_version=version, timeout=30_000, retry_options=retry_options)
        self.client = genai.Client(api_key="unused", vertexai=False, http_options=options)
        self.flavour = flavour
        self.api = self.client if flavour == "sync" else self.client.aio
        self.models = self.api.models

    async def generate(self, contents, **arguments):
        return await settled(self.models.generate_content(contents=contents, **arguments))

    async def chunks(self, contents, **arguments):
        return await drained(self.models.generate_content_stream(contents=contents, **arguments))

    async def aclose_here(self):
        await self.client.aio.aclose()
        self.client.close()


@pytest.fixture(params=["v1beta", "v1"])
def version(request):
    return request.param


@pytest.fixture
def sdk(demo, flavour, version):
    return kept(Sdk, flavour, demo.url, version)


def text_of(answers):
    """The text of a stream's chunks without its thoughts."""
    parts = [part for answer in answers for part in (answer.parts or [])]
    return "".join(part.text or "" for part in parts if not part.thought)


def thoughts_of(answers):
    parts = [part for answer in answers for part in (answer.parts or [])]
    return "".join(part.text or "" for part in parts if part.thought)


def finish_of(answers):
    return [str(answer.candidates[0].finish_reason.value) for answer in answers if answer.candidates and answer.candidates[0].finish_reason]


@pytest.mark.feature("chat")
async def test_content(sdk, provider, model):
    answer = await sdk.generate(PROMPT, model=model)
    assert answer.sdk_http_response.headers["x-smg-provider"] == provider
    assert answer.text == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert finish_of([answer]) == ["STOP"]
    assert answer.candidates[0].content.role == "model"
    assert answer.model_version.startswith(model) and answer.response_id
    usage = answer.usage_metadata
    assert usage.prompt_token_count > 0 and usage.candidates_token_count > 0
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count + (usage.thoughts_token_count or 0)


@pytest.mark.feature("conversation")
async def test_conversation_with_a_system_instruction(sdk, provider, model):
    contents = [
        types.UserContent("Hello"), types.ModelContent("Hello!"),
        types.UserContent([types.Part.from_text(text="How are "), types.Part.from_text(text="you?")]),
    ]
    config = types.GenerateContentConfig(system_instruction=["Answer", "briefly."], temperature=0.7, top_p=0.9, max_output_tokens=1000)
    answer = await sdk.generate(contents, model=model, config=config)
    assert "you?" in answer.text and finish_of([answer]) == ["STOP"]


@pytest.mark.feature("conversation")
async def test_chat_keeps_its_history(sdk, provider, model):
    chat = sdk.api.chats.create(model=model)
    await settled(chat.send_message("Hello"))
    second = await settled(chat.send_message(PROMPT))
    assert second.text.endswith(PROMPT)
    third = await drained(chat.send_message_stream("And the hills?"))
    assert text_of(third).endswith("And the hills?")
    texts = ["".join(part.text or "" for part in content.parts) for content in chat.get_history() if content.role == "user"]
    assert texts == ["Hello", PROMPT, "And the hills?"]


@pytest.mark.feature("limits")
async def test_limit_of_tokens(sdk, provider, model):
    answer = await sdk.generate("simulate:tokens=400", model=model, config={"max_output_tokens": 20})
    assert finish_of([answer]) == ["MAX_TOKENS"]


@pytest.mark.feature("limits")
async def test_stop_sequences(sdk, provider, model):
    if model == "grok-4":  # refuses `stop`, as xAI's reasoning models do
        model = "grok-4-fast-non-reasoning"
    answer = await sdk.generate(PROMPT, model=model, config={"stop_sequences": ["about"]})
    assert answer.text.endswith("Tell me ") and finish_of([answer]) == ["STOP"]


@pytest.mark.feature("stream")
async def test_stream_says_what_the_whole_answer_says(sdk, provider, model):
    whole = await sdk.generate(PROMPT, model=model)
    chunks = await sdk.chunks(PROMPT, model=model)
    assert len(chunks) > 2
    assert text_of(chunks) == whole.text
    assert finish_of(chunks) == ["STOP"] and finish_of(chunks[-1:]) == ["STOP"]
    assert chunks[-1].usage_metadata.candidates_token_count == whole.usage_metadata.candidates_token_count
    assert chunks[-1].usage_metadata.prompt_token_count > 0


def check_calls(calls):
    assert [call.name for call in calls] == ["get_weather", "get_weather"]
    assert [call.args["city"] for call in calls] == ["Oslo", "Rome"]


def results_of(calls):
    return types.Content(role="user", parts=[
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"result": f"18 degrees in {call.args['city']}"}))
        for call in calls])


@pytest.mark.feature("tools")
async def test_tool_round_trip(sdk, provider, model):
    config = types.GenerateContentConfig(tools=[WEATHER])
    first = await sdk.generate(PARALLEL_PROMPT, model=model, config=config)
    check_calls(first.function_calls)
    assert finish_of([first]) == ["STOP"]
    contents = [types.UserContent(PARALLEL_PROMPT), first.candidates[0].content, results_of(first.function_calls)]
    answer = await sdk.generate(contents, model=model, config=config)
    assert "18 degrees in Oslo" in answer.text and "18 degrees in Rome" in answer.text


@pytest.mark.feature("stream tools")
async def test_streamed_tool_round_trip(sdk, provider, model):
    config = types.GenerateContentConfig(tools=[WEATHER])
    chunks = await sdk.chunks(PARALLEL_PROMPT, model=model, config=config)
    parts = [part for chunk in chunks for part in (chunk.parts or [])]
    calls = [part.function_call for part in parts if part.function_call]
    check_calls(calls)
    assert finish_of(chunks) == ["STOP"]
    contents = [types.UserContent(PARALLEL_PROMPT), types.Content(role="model", parts=parts), results_of(calls)]
    answer = text_of(await sdk.chunks(contents, model=model, config=config))
    assert "18 degrees in Oslo" in answer and "18 degrees in Rome" in answer


@pytest.mark.feature("tools")
async def test_function_that_the_sdk_calls(sdk, provider, model, flavour):
    asked = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return f"18 degrees in {city}"

    answer = await sdk.generate(PARALLEL_PROMPT, model=model, config=types.GenerateContentConfig(tools=[get_weather]))
    assert asked == ["Oslo", "Rome"]
    assert "18 degrees in Oslo" in answer.text and "18 degrees in Rome" in answer.text


@pytest.mark.feature("tool choice")
@pytest.mark.parametrize("mode, allowed", [("NONE", None), ("ANY", None), ("ANY", ["get_weather"])], ids=["none", "any", "named"])
async def test_tool_choice(sdk, provider, model, mode, allowed):
    choice = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode=mode, allowed_function_names=allowed))
    config = types.GenerateContentConfig(tools=[WEATHER], tool_config=choice)
    answer = await sdk.generate(PROMPT if mode == "ANY" else PARALLEL_PROMPT, model=model, config=config)
    assert [call.name for call in answer.function_calls or []] == ([] if mode == "NONE" else ["get_weather"])


@pytest.mark.feature("image")
async def test_image(sdk, provider, model):
    picture = png()
    answer = await sdk.generate(["What is this?", types.Part.from_bytes(data=picture, mime_type="image/png")], model=model)
    assert f"an image (image/png, {len(picture)} bytes)" in answer.text


@pytest.mark.feature("tool result image")
async def test_image_in_a_tool_result(sdk, provider, model):
    config = types.GenerateContentConfig(tools=[WEATHER])
    first = await sdk.generate(PARALLEL_PROMPT, model=model, config=config)
    results = results_of(first.function_calls)
    for part in results.parts:
        shown = types.FunctionResponseBlob(mime_type="image/png", data=png())
        part.function_response.parts = [types.FunctionResponsePart(inline_data=shown)]
    answer = await sdk.generate([types.UserContent(PARALLEL_PROMPT), first.candidates[0].content, results], model=model, config=config)
    assert text_of([answer]).count(f"an image (image/png, {len(png())} bytes)") == 2


@pytest.mark.feature("document")
async def test_document(sdk, provider, model):
    answer = await sdk.generate([types.Part.from_bytes(data=b"%PDF-1.4\n%%EOF\n", mime_type="application/pdf"), "Sum up."], model=model)
    assert "I see a file" in answer.text


@pytest.mark.feature("structured output")
@pytest.mark.parametrize("form", [{"response_schema": Meeting}, {"response_json_schema": MEETING_SCHEMA}], ids=["its own", "JSON Schema"])
async def test_structured_output(sdk, provider, form):
    config = types.GenerateContentConfig(response_mime_type="application/json", **form)
    asked = {"model": STRUCTURED[provider], "config": config}
    answer = await sdk.generate(SCHEMA_PROMPT, **asked)
    meeting = Meeting.model_validate_json(answer.text)
    assert answer.parsed in (meeting, meeting.model_dump())
    assert Meeting.model_validate_json(text_of(await sdk.chunks(SCHEMA_PROMPT, **asked))) == meeting


@pytest.mark.feature("thinking")
async def test_thinking(sdk, provider):
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=8000), max_output_tokens=30000)
    asked = {"model": THINKING[provider], "config": config}
    whole = await sdk.generate(PROMPT, **asked)
    chunks = await sdk.chunks(PROMPT, **asked)
    assert text_of(chunks) == text_of([whole]) != ""
    if provider != "openai":  # whose Chat API keeps them to itself
        assert thoughts_of(chunks) == thoughts_of([whole]) != ""
    if provider != "anthropic":  # the simulated one does not count them apart
        assert whole.usage_metadata.thoughts_token_count > 0
        assert chunks[-1].usage_metadata.thoughts_token_count > 0


@pytest.mark.feature("thinking")
async def test_thinking_with_tools(sdk, provider):
    """The thoughts before a call go back with its result, signatures and all."""
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=8000)
    asked = {"model": THINKING[provider],
             "config": types.GenerateContentConfig(thinking_config=thinking, tools=[WEATHER], max_output_tokens=30000)}
    first = await sdk.generate(PARALLEL_PROMPT, **asked)
    check_calls(first.function_calls)
    contents = [types.UserContent(PARALLEL_PROMPT), first.candidates[0].content, results_of(first.function_calls)]
    second = await sdk.generate(contents, **asked)
    assert "18 degrees in Rome" in text_of([second])
    third = await sdk.generate([*contents, second.candidates[0].content, types.UserContent("Thanks.")], **asked)
    assert finish_of([third]) == ["STOP"]


@pytest.mark.feature("prompt cache")
async def test_cached_tokens(sdk, provider, model):
    asked = f"simulate:cached=3 {PROMPT}"
    for answer in (await sdk.generate(asked, model=model), (await sdk.chunks(asked, model=model))[-1]):
        assert answer.usage_metadata.cached_content_token_count == 3 < answer.usage_metadata.prompt_token_count


@pytest.mark.feature("adjusted parameters")
async def test_adjusted_parameters(sdk, provider, model):
    """What another API does not have is left out and named, and refused when the client asks for that."""
    safety = types.SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="BLOCK_ONLY_HIGH")
    left_out = set() if provider == "gemini" else {"safetySettings"}
    answer = await sdk.generate(PROMPT, model=model, config=types.GenerateContentConfig(safety_settings=[safety]))
    assert set(filter(None, answer.sdk_http_response.headers.get("x-smg-adjusted-params", "").split(","))) == left_out
    strict = types.GenerateContentConfig(safety_settings=[safety], http_options=types.HttpOptions(headers=STRICT))
    if not left_out:
        assert finish_of([await sdk.generate(PROMPT, model=model, config=strict)]) == ["STOP"]
        return
    with pytest.raises(errors.ClientError, match="safetySettings"):
        await sdk.generate(PROMPT, model=model, config=strict)


@pytest.mark.feature("tokens")
async def test_count_of_tokens(sdk, provider, model):
    short = await settled(sdk.models.count_tokens(model=model, contents="Hi"))
    long = await settled(sdk.models.count_tokens(model=model, contents=PROMPT * 20))
    assert 0 < short.total_tokens < long.total_tokens


@pytest.mark.feature("embeddings")
async def test_embeddings(sdk, provider):
    if lacks(provider, "embeddings"):
        with pytest.raises(errors.ClientError):
            await settled(sdk.models.embed_content(model=MODELS[provider], contents=PROMPT))
        return
    one = await settled(sdk.models.embed_content(model=EMBEDDING[provider], contents=PROMPT))
    assert len(one.embeddings) == 1 and len(one.embeddings[0].values) > 8
    more = await settled(sdk.models.embed_content(model=EMBEDDING[provider], contents=["One", "Two", PROMPT], config={"output_dimensionality": 8}))
    assert [len(each.values) for each in more.embeddings] == [8, 8, 8]
    assert more.embeddings[0].values != more.embeddings[1].values


async def test_unknown_model(sdk):
    with pytest.raises(errors.ClientError) as caught:
        await sdk.generate(PROMPT, model="no-such-model")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
    assert "no-such-model" in caught.value.message


@pytest.mark.parametrize("named", MODELS.values())
async def test_list_of_models(demo, flavour, named):
    sdk = Sdk(flavour, demo.url)
    models = await drained(sdk.models.list(config={"page_size": 1000}))
    assert "models/" + named in {model.name for model in models}
    one = await settled(sdk.models.get(model=named))
    assert one.name == "models/" + named and "generateContent" in one.supported_actions
    await sdk.aclose_here()
