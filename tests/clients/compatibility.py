#!/usr/bin/env python3
"""Makes the tables of docs/compatibility.md from what the client tests wrote down, and compares them with the committed page.

Usage: compatibility.py RESULTS_DIRECTORY      (the page as it should be is left there, as compatibility.md)

A cell says no for a reason in gaps.json alone: anything else that does not work fails here, as does a reason that no test meets."""
import difflib
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "compatibility.md"
FILES = ("openai_python", "anthropic_python", "google_python", "frameworks_python", "node_openai_sdk", "node_openai_responses",
         "node_anthropic_sdk", "node_coding_agent", "node_google_sdk", "node_vercel_ai", "judges", "node_aimock")
PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "xai": "xAI", "gemini": "Gemini"}
JUDGES = ("official SDK", "LLMock", "aimock")
EMBEDDERS = "What embeds with them"
FRAMEWORKS = ("LangChain", "Pydantic AI", "OpenAI Agents", "Vercel AI SDK")
# How a table's clients begin, its heading, and what is said of it.
TABLES = [
    (("OpenAI Python", "OpenAI Node"), "OpenAI's SDKs",
     "Chat Completions, Responses and embeddings, each with `http://HOST:PORT/v1` and with `http://HOST:PORT`."),
    (("Anthropic ",), "Anthropic's SDKs", "Messages, each with `http://HOST:PORT` and with `http://HOST:PORT/v1`, with a key and with a token."),
    (("Google ",), "Google's SDKs", "generateContent, each with the API versions `v1beta` and `v1` at `http://HOST:PORT`."),
    (FRAMEWORKS, "What is built on them",
     "Their models of each format. The tool loops are with models that show their thoughts, which the next request brings back."),
    (FRAMEWORKS, EMBEDDERS, "Their classes for embeddings, which are others than those for text."),
]
HEAD = """# Compatibility

What was tried, and worked, with the version of the gateway that this page belongs to. It is written by the tests in
[tests/clients](../tests/clients/README.md), which fail when it no longer tells the truth.

Clients are unchanged but for their base URL. Behind the gateway stand the simulated providers of `smg demo`. A dash: that client has no test
of it. A *no* has a number, which is its reason below; that the gateway refuses, and does not pretend, was tried too.
"""
JUDGED = """
## What providers are sent

Requests of every kind, of Chat Completions ([corpus.py](../tests/clients/corpus.py)), Responses
([corpus_responses.py](../tests/clients/corpus_responses.py)), Messages ([corpus_messages.py](../tests/clients/corpus_messages.py)) and
generateContent ([corpus_gemini.py](../tests/clients/corpus_gemini.py)), as the gateway sends them on, before judges that are not its own.
*requests*: how many they accepted, with those that ask for what a provider cannot do and that the gateway refuses before anything is sent. The
other numbers count tests.
"""
FOOT = """
- *official SDK*: Anthropic's, OpenAI's and, for xAI, again OpenAI's types, strictly: an unknown member, a missing or a misshapen one is a
  fault. For Gemini the SDK itself, which takes what the gateway sent and must then send the same. Messages to Anthropic, generateContent to
  Gemini and Responses to OpenAI and xAI must arrive byte for byte.
- *LLMock*: a mock server from PyPI. It also breaks its streams on demand, which must reach the client as an error each time.
- *aimock*: a mock server from npm, asked by the SDKs of all four formats. It refuses thinking whose signature got lost on the way.
"""


def pinned(name, package):
    return re.search(rf"^{package}==(\S+)$", (HERE / name).read_text(), re.MULTILINE).group(1)


def of_sdks(package):
    return pinned("requirements.txt", package)


def of_frameworks(package):
    return pinned("requirements-frameworks.txt", package)


def of_node(package):
    return json.loads((HERE / "package.json").read_text())["dependencies"][package]


def versions():
    """By how a client's name begins."""
    return {
        "OpenAI Python": of_sdks("openai"), "OpenAI Node": of_node("openai"),
        "Anthropic Python": of_frameworks("anthropic"), "Anthropic Node": of_node("@anthropic-ai/sdk"),
        "Google Gen AI Python": of_sdks("google-genai"), "Google Gen AI Node": of_node("@google/genai"),
        "LangChain": of_frameworks("langchain"), "Pydantic AI": of_frameworks("pydantic-ai-slim"),
        "OpenAI Agents": of_frameworks("openai-agents"), "Vercel AI SDK": of_node("ai"), "LLMock": of_sdks("llmock"),
        "aimock": of_node("@copilotkit/aimock"),
    }


def title(client, provider):
    """What stands in a table for a client's name."""
    if client == "official SDK":
        package = {"anthropic": "anthropic", "gemini": "google-genai"}.get(provider, "openai")
        return f"official SDK: `{package}` {of_sdks(package)}"
    for name, version in versions().items():
        if client.startswith(name):
            return f"{name} {version}{client[len(name):]}"
    raise KeyError(client)


def table(rows, cell, first="client"):
    clients = sorted({row["client"] for row in rows}, key=lambda name: (name in JUDGES and JUDGES.index(name), name))
    features = list(dict.fromkeys(row["feature"] for row in rows))
    known = {(row["client"], row["provider"], row["feature"]): row for row in rows}
    lines = [f"| {first} | provider | " + " | ".join(features) + " |", "|" + "---|" * (2 + len(features))]
    for client in clients:
        for provider, name in PROVIDERS.items():
            cells = [cell(known.get((client, provider, feature))) for feature in features]
            lines.append(f"| {title(client, provider)} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def gap_of(row, gaps):
    for number, gap in enumerate(gaps, 1):
        if gap["feature"] == row["feature"] and row["provider"] in gap["providers"] and not row["client"].startswith(JUDGES):
            return number
    return None


def page(rows, gaps):
    def works(row):
        if row is None:
            return "–"
        number = gap_of(row, gaps)
        return "**broken**" if not row["works"] else f"no [{number}](#reasons)" if number else "yes"

    def counted(row):
        return f"{row['tests']}" if row and row["works"] else works(row)

    parts = [HEAD]
    for starts, heading, words in TABLES:
        of_heading = [row for row in rows if row["client"].startswith(starts)
                      and (starts != FRAMEWORKS or (row["feature"] == "embeddings") == (heading == EMBEDDERS))]
        parts.append(f"\n## {heading}\n\n{words}\n\n" + table(of_heading, works))
    reasons = "".join(f"{number}. {gap['reason']}: <{gap['source']}>\n" for number, gap in enumerate(gaps, 1))
    parts.append("\n## Reasons\n\n" + reasons)
    return "".join(parts) + JUDGED + "\n" + table([row for row in rows if row["client"] in JUDGES], counted, "judge") + FOOT


def merged(rows):
    """One row a cell: several runs may have tested it."""
    cells = {}
    for row in rows:
        cell = cells.setdefault((row["client"], row["provider"], row["feature"]), {**row, "works": True, "tests": 0})
        cell["works"] &= row["works"]
        cell["tests"] += row.get("tests", 1)
    return list(cells.values())


def main():
    results = pathlib.Path(sys.argv[1])
    rows = merged(row for name in FILES for row in json.loads((results / f"{name}.json").read_text(encoding="utf-8")))
    gaps = json.loads((HERE / "gaps.json").read_text(encoding="utf-8"))
    written = results / "compatibility.md"
    written.write_text(page(rows, gaps), encoding="utf-8")
    faults = [f"{row['client']}, {row['provider']}: {row['feature']} is broken" for row in rows if not row["works"]]
    met = {gap_of(row, gaps) for row in rows}
    faults += [f"gaps.json: no test meets number {number}, {gap['feature']}" for number, gap in enumerate(gaps, 1) if number not in met]
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    names = ("docs/compatibility.md", "what was seen")
    difference = list(difflib.unified_diff(committed.splitlines(), page(rows, gaps).splitlines(), *names, lineterm=""))
    if difference:
        print("\n".join(difference))
        print(f"\ndocs/compatibility.md no longer tells what works. If the change is meant: cp {written} docs/compatibility.md")
    print("\n".join(faults) or "docs/compatibility.md tells what works" * (not difference))
    return 1 if faults or difference else 0


if __name__ == "__main__":
    sys.exit(main())
