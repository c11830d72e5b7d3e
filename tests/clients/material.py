"""What the clients ask for: prompts that make the simulated providers do something, tools, a picture, a schema."""
import struct
import zlib

from pydantic import BaseModel

PROMPT = "Tell me about the sea."
LONG_TEXT = PROMPT * 600  # beyond the least that each provider's prompt cache keeps
STRICT = {"x-smg-strict-params": "true"}
PARALLEL_PROMPT = "In parallel: what is the weather in Oslo and Rome?"
SCHEMA_PROMPT = "Alice and Bob meet on Friday. Give me the meeting."

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
            "required": ["city"],
        },
    },
}

MEETING_SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "people": {"type": "array", "items": {"type": "string"}},
        "minutes": {"type": "integer"},
    },
    "required": ["title", "people", "minutes"],
    "additionalProperties": False,
}


class Meeting(BaseModel):
    """What MEETING_SCHEMA describes."""

    title: str
    people: list[str]
    minutes: int


def png(width=2, height=2):
    """A valid red picture, in bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
