#!/usr/bin/env python3
"""docs/metrics.md says what the table of src/telemetry/metric_table.hpp says, and nothing is exported that the table does not hold.
`tests/lint/metrics_doc.py . --write` writes it anew."""
import pathlib
import re
import sys

import harness

TABLE = "src/telemetry/metric_table.hpp"
DOCUMENT = "docs/metrics.md"
BEGIN, END = "<!-- from the code: tests/lint/metrics_doc.py . --write -->", "<!-- end -->"
STRING = r'"((?:[^"\\]|\\.)*)"'
ROW = re.compile(r"\{\s*" + r",\s*".join([STRING] * 4) + r"\s*\}")
NAME = re.compile(r'"(smg_[a-z_]+)"')


def rows(text):
    # Neighbouring literals are one text to the compiler.
    return ROW.findall(re.sub(r'"\s*\n\s*"', "", text))


def table(text):
    lines = ["| metric | type | labels | what it tells |", "|---|---|---|---|"]
    for name, kind, labels, told in rows(text):
        shown = ", ".join(f"`{label.strip()}`" for label in labels.split(",") if label.strip()) or "–"
        lines.append(f"| `{name}` | {kind} | {shown} | {told} |")
    return "\n".join(lines)


def between(document):
    begin, end = document.find(BEGIN), document.find(END)
    return None if begin < 0 or end < begin else document[begin + len(BEGIN):end].strip()


def check(root):
    if not (root / TABLE).is_file():
        return
    code = (root / TABLE).read_text(encoding="utf-8")
    known = {row[0] for row in rows(code)}
    if between((root / DOCUMENT).read_text(encoding="utf-8")) != table(code):
        yield (DOCUMENT, 1, "is not what the table of the code says; tests/lint/metrics_doc.py . --write")
    for path in sorted([*(root / "src/telemetry").rglob("*.cpp"), *(root / "src/app").rglob("*.cpp")]):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            for name in NAME.findall(line):
                if name not in known:
                    yield (str(path.relative_to(root)), number, f"{name} is not in {TABLE}")


def write(root):
    code, document = (root / TABLE).read_text(encoding="utf-8"), root / DOCUMENT
    text = document.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    document.write_text(f"{text[:begin]}\n{table(code)}\n{text[end:]}", encoding="utf-8")


A_ROW = '{"smg_a_total", "counter", "path", "How "\n "many"},\n'
A_LINE = "| metric | type | labels | what it tells |\n|---|---|---|---|\n| `smg_a_total` | counter | `path` | How many |"
CLEAN = {TABLE: A_ROW, DOCUMENT: f"{BEGIN}\n{A_LINE}\n{END}\n", "src/telemetry/m.cpp": 'add("smg_a_total");\n', "src/app/a.cpp": "\n"}
PLANTS = [
    ("a document that lags behind", {DOCUMENT: f"{BEGIN}\n{END}\n"}, "is not what the table"),
    ("another help text", {TABLE: A_ROW.replace("many", "often")}, "is not what the table"),
    ("a metric that is in no table", {"src/app/a.cpp": 'sink.add("smg_b_total");\n'}, "smg_b_total is not in"),
]

if __name__ == "__main__":
    if "--write" in sys.argv:
        write(pathlib.Path(sys.argv[1]))
        sys.exit(0)
    sys.exit(harness.main("metrics_doc", check, CLEAN, PLANTS))
