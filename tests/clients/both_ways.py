"""Sync and async clients behind one face, so that each test is written once."""
import contextlib
import inspect

from typed_answers import checked


async def settled(value):
    """`value`, or what it comes to; an answer has the SDK's type."""
    return checked(await value if inspect.isawaitable(value) else value)


async def drained(stream):
    """All items of a stream, or of what comes to one; events have the SDK's types."""
    stream = await settled(stream)
    if hasattr(stream, "__aiter__"):
        return [checked(item) async for item in stream]
    return [checked(item) for item in stream]


@contextlib.asynccontextmanager
async def opened(manager):
    if hasattr(manager, "__aenter__"):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


async def collect(stream, items):
    """Adds what a stream says to `items`, until it ends or raises."""
    if hasattr(stream, "__aiter__"):
        async for item in stream:
            items.append(item)
    else:
        items.extend(stream)
