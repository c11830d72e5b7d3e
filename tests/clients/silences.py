"""Streams that are silent for longer than the gateway lets a connection be, all at once: each of them mostly waits."""
import concurrent.futures

import httpx
from material import PROMPT

# A keep-alive comes after a second; the simulated providers wait for longer between any two events.
KEEP_ALIVE = ("--sse-keepalive-secs", "1")
SILENT_PROMPT = f"simulate:chunks=2,interval=1300 {PROMPT}"


def at_once(jobs):
    """What each of `jobs`, functions by their names, came to; an exception too."""
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        running = {name: pool.submit(job) for name, job in jobs.items()}
    return {name: future.exception() or future.result() for name, future in running.items()}


def raw_stream(url, body):
    """The bytes of a stream, as text."""
    answer = httpx.post(url, json=body, timeout=30)
    answer.raise_for_status()
    return answer.content.decode()


def result_of(outcomes, *name):
    """An outcome of `at_once`; raised if it was an exception."""
    outcome = outcomes[name]
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
