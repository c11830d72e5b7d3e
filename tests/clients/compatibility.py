#!/usr/bin/env python3
"""Makes the tables of docs/compatibility.md from what the client tests wrote down, and compares them with the committed page.

Usage: compatibility.py RESULTS_DIRECTORY      (the page as it should be is left there, as compatibility.md)"""
import difflib
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "compatibility.md"
FILES = ("openai_python.json", "openai_node.json", "judges.json")
PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "xai": "xAI", "gemini": "Gemini"}
JUDGES = ("official SDK", "LLMock")
HEAD = """# Compatibility

What was tried, and worked, with the version of the gateway that this page belongs to. It is written by the tests in
[tests/clients](../tests/clients/README.md), which fail when it no longer tells the truth.

## Clients

Official SDKs, unchanged but for their base URL, each with `http://HOST:PORT/v1` and with `http://HOST:PORT`. Behind the gateway stand the
simulated providers of `smg demo`. A dash: that client has no test of it.
"""
JUDGED = """
## What providers are sent

Chat requests of every kind ([corpus.py](../tests/clients/corpus.py)), as the gateway sends them on, before judges that are not its own.
*requests*: how many they accepted, with those that ask for what a provider cannot do and that the gateway refuses before anything is sent. The
other numbers count tests.
"""
FOOT = """
- *official SDK*: Anthropic's, OpenAI's and, for xAI, again OpenAI's types, strictly: an unknown member, a missing or a misshapen one is a
  fault. For Gemini the SDK itself, which takes what the gateway sent and must then send the same.
- *LLMock*: a mock server from PyPI. It also breaks its streams on demand, which must reach the client as an error each time.
"""


def version(package):
    pinned = re.search(rf"^{package}==(\S+)$", (HERE / "requirements.txt").read_text(), re.MULTILINE)
    return pinned.group(1)


def titles():
    """What stands in the tables for the names in the results."""
    node = json.loads((HERE / "package.json").read_text())["dependencies"]["openai"]
    python = version("openai")
    sdks = {"openai": f"`openai` {python}", "xai": f"`openai` {python}", "anthropic": f"`anthropic` {version('anthropic')}",
            "gemini": f"`google-genai` {version('google-genai')}"}
    names = {("OpenAI Node", provider): f"OpenAI Node {node}" for provider in PROVIDERS}
    for flavour in ("sync", "async"):
        names |= {(f"OpenAI Python, {flavour}", provider): f"OpenAI Python {python}, {flavour}" for provider in PROVIDERS}
    names |= {("official SDK", provider): f"official SDK: {sdks[provider]}" for provider in PROVIDERS}
    names |= {("LLMock", provider): f"LLMock {version('llmock')}" for provider in PROVIDERS}
    return names


def table(rows, cell):
    clients = sorted({row["client"] for row in rows}, key=lambda name: (name in JUDGES and JUDGES.index(name), name))
    features = list(dict.fromkeys(row["feature"] for row in rows))
    known = {(row["client"], row["provider"], row["feature"]): row for row in rows}
    names = titles()
    lines = ["| client | provider | " + " | ".join(features) + " |", "|" + "---|" * (2 + len(features))]
    for client in clients:
        for provider, title in PROVIDERS.items():
            cells = [cell(known.get((client, provider, feature))) for feature in features]
            lines.append(f"| {names[client, provider]} | {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def works(row):
    return "–" if row is None else "yes" if row["works"] else "**no**"


def counted(row):
    return f"{row['tests']}" if row and row["works"] else works(row)


def page(rows):
    clients = [row for row in rows if row["client"] not in JUDGES]
    judges = [row for row in rows if row["client"] in JUDGES]
    judged = table(judges, counted).replace("| client |", "| judge |", 1)
    return HEAD + "\n" + table(clients, works) + JUDGED + "\n" + judged + FOOT


def main():
    results = pathlib.Path(sys.argv[1])
    rows = [row for name in FILES for row in json.loads((results / name).read_text(encoding="utf-8"))]
    written = results / "compatibility.md"
    written.write_text(page(rows), encoding="utf-8")
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    difference = list(difflib.unified_diff(committed.splitlines(), page(rows).splitlines(), "docs/compatibility.md", "what was seen", lineterm=""))
    if difference:
        print("\n".join(difference))
        print(f"\ndocs/compatibility.md no longer tells what works. If the change is meant: cp {written} docs/compatibility.md")
        return 1
    print("docs/compatibility.md tells what works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
