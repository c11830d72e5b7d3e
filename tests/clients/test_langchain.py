"""LangChain through the gateway: its four chat models, each in front of each of the four providers."""
import base64
import functools

import pytest
from conftest import EMBEDDING, MODELS, NAMES, STRUCTURED, THINKING, lacks
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings
from langchain_google_genai._common import GoogleGenerativeAIError
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from material import PARALLEL_PROMPT, PROMPT, SCHEMA_PROMPT, Meeting, png
from openai import APIStatusError

CLIENT = "LangChain, {face}"


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"18 degrees in {city}"


def openai(url, model, **more):
    return ChatOpenAI(model=model, base_url=url + "/v1", api_key="unused", max_retries=0, timeout=30, stream_usage=True, **more)


def responses(url, model, **more):
    return openai(url, model, use_responses_api=True, output_version="responses/v1", **more)


def anthropic(url, model, **more):
    return ChatAnthropic(model=model, base_url=url, api_key="unused", max_retries=0, timeout=30, **more)


def google(url, model, **more):
    return ChatGoogleGenerativeAI(model=model, base_url=url, google_api_key="unused", max_retries=0, timeout=30, **more)


FACES = {"ChatOpenAI": openai, "ChatOpenAI with Responses": responses, "ChatAnthropic": anthropic, "ChatGoogleGenerativeAI": google}


@pytest.fixture(params=FACES)
def face(request):
    return request.param


@functools.cache
def chat_of(face, url, model):
    return FACES[face](url, model)


@pytest.fixture
def chat(demo, face, model):
    return chat_of(face, demo.url, model)


@pytest.mark.feature("chat")
def test_chat(chat, face, provider):
    answer = chat.invoke([SystemMessage("Answer briefly."), HumanMessage(PROMPT)])
    assert answer.text == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert answer.usage_metadata["input_tokens"] > 0 and answer.usage_metadata["output_tokens"] > 0


@pytest.mark.feature("chat")
async def test_chat_async(demo, face, provider, model):
    answer = await chat_of(face, demo.url, model).ainvoke(PROMPT)
    assert answer.text.endswith(PROMPT)


@pytest.mark.feature("stream")
def test_stream(chat, face, provider):
    chunks = list(chat.stream(PROMPT))
    whole = sum(chunks[1:], chunks[0])
    assert isinstance(whole, AIMessageChunk) and len([chunk for chunk in chunks if chunk.text]) > 2
    assert whole.text == f"This is {NAMES[provider]} (simulated). You said: {PROMPT}"
    assert whole.usage_metadata["output_tokens"] == chat.invoke(PROMPT).usage_metadata["output_tokens"]


@pytest.mark.feature("tools")
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_tool_round_trip(chat, face, provider, streamed):
    bound = chat.bind_tools([get_weather])

    def ask(messages):
        if not streamed:
            return bound.invoke(messages)
        chunks = list(bound.stream(messages))
        return sum(chunks[1:], chunks[0])

    messages = [HumanMessage(PARALLEL_PROMPT)]
    first = ask(messages)
    assert [call["args"]["city"] for call in first.tool_calls] == ["Oslo", "Rome"]
    messages += [first, *[ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]]
    answer = ask(messages).text
    assert "18 degrees in Oslo" in answer and "18 degrees in Rome" in answer


@pytest.mark.feature("agent")
def test_agent(demo, face, provider):
    """With a model that shows its thoughts, which the agent sends back."""
    agent = create_agent(chat_of(face, demo.url, THINKING[provider]), [get_weather], system_prompt="Answer briefly.")
    said = agent.invoke({"messages": [HumanMessage(PARALLEL_PROMPT)]})["messages"]
    assert "18 degrees in Rome" in said[-1].text
    more = agent.invoke({"messages": [*said, HumanMessage(PROMPT)]})["messages"]
    assert more[-1].text.endswith(PROMPT)


@pytest.mark.feature("structured output")
def test_structured_output(demo, face, provider):
    chat = chat_of(face, demo.url, STRUCTURED[provider])
    assert isinstance(chat.with_structured_output(Meeting).invoke(SCHEMA_PROMPT), Meeting)
    assert isinstance(chat.with_structured_output(Meeting, method="json_schema").invoke(SCHEMA_PROMPT), Meeting)


@pytest.mark.feature("structured output")
def test_structured_output_by_a_tool(demo, face, provider):
    chat = chat_of(face, demo.url, MODELS[provider])
    assert isinstance(chat.with_structured_output(Meeting, method="function_calling").invoke(SCHEMA_PROMPT), Meeting)


@pytest.mark.feature("image")
def test_image(chat, face, provider):
    picture = {"type": "image", "base64": base64.b64encode(png()).decode(), "mime_type": "image/png"}
    answer = chat.invoke([HumanMessage(content=[{"type": "text", "text": "What is this?"}, picture])])
    assert f"an image (image/png, {len(png())} bytes)" in answer.text


def check_embeddings(provider, embeddings):
    if lacks(provider, "embeddings"):
        with pytest.raises((APIStatusError, GoogleGenerativeAIError)):
            embeddings.embed_documents(["One", "Two"])
        return
    one, two = embeddings.embed_documents(["One", "Two"])
    assert len(one) == len(two) == 8 and one != two
    assert embeddings.embed_query("One") == pytest.approx(one, abs=1e-6)


@pytest.mark.feature("embeddings", client="LangChain, OpenAIEmbeddings")
def test_embeddings(demo, provider, model):
    check_embeddings(provider, OpenAIEmbeddings(
        model=EMBEDDING.get(provider, model), base_url=demo.url + "/v1", api_key="unused", max_retries=0, check_embedding_ctx_length=False,
        dimensions=8))


@pytest.mark.feature("embeddings", client="LangChain, GoogleGenerativeAIEmbeddings")
def test_embeddings_of_google(demo, provider, model):
    check_embeddings(provider, GoogleGenerativeAIEmbeddings(
        model=EMBEDDING.get(provider, model), base_url=demo.url, google_api_key="unused", output_dimensionality=8))
