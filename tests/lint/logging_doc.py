#!/usr/bin/env python3
"""docs/logging.md names the fields of an access-log line that src/telemetry/access_log.cpp writes, all of them and no others."""
import re
import sys

import harness

CODE, DOCUMENT = "src/telemetry/access_log.cpp", "docs/logging.md"
WRITTEN = re.compile(r'\badd(?:_\w+)?<"([a-z_]+)">\(')
HEADING = "## A line a request"


def written(text):
    return set(WRITTEN.findall(text))


def told(document):
    """The first column of the table in the section on requests' lines."""
    section = document.partition(HEADING)[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.split("\n") if line.startswith("|") and "---" not in line]
    return {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}


def check(root):
    if not (root / CODE).is_file():
        return
    in_code, in_document = written((root / CODE).read_text(encoding="utf-8")), told((root / DOCUMENT).read_text(encoding="utf-8"))
    for name in sorted(in_code - in_document):
        yield (DOCUMENT, 1, f"does not name the field {name}")
    for name in sorted(in_document - in_code):
        yield (DOCUMENT, 1, f"names {name}, which {CODE} does not write")


A_TABLE = f"{HEADING}\n\n| field | |\n|---|---|\n| `status`, `cost_usd` | what; see `other` |\n\n## More\n\n| `level` | |\n"
CLEAN = {CODE: 'line.add_number<"status">(1);\nadd_text<"cost_usd">(line, x);\n', DOCUMENT: A_TABLE}
PLANTS = [
    ("a field that nobody is told of", {CODE: CLEAN[CODE] + 'line.add<"tenant">(x);\n'}, "does not name the field tenant"),
    ("a field that is not written", {DOCUMENT: A_TABLE.replace("`status`", "`status`, `phase`")}, "names phase, which"),
    ("a field of another section", {DOCUMENT: A_TABLE.replace("`status`, ", "").replace("`level`", "`status`")}, "does not name the field status"),
]

if __name__ == "__main__":
    sys.exit(harness.main("logging_doc", check, CLEAN, PLANTS))
