#!/usr/bin/env python3
"""No notes to self, no tabs, no line over 150 characters, a newline at the end, no source file over 600 lines, no trailing blanks."""
import re
import sys

import harness

FOLDERS = ["src", "include", "tests", "cmake", "scripts", "bench", "docs", "docker", "deploy", ".ci"]
SUFFIXES = {".cpp", ".hpp", ".py", ".mjs", ".js", ".ts", ".sh", ".cmake", ".md", ".txt", ".conf", ".toml", ""}
WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
MAX_COLUMNS = 150
MAX_LINES = 600


def check(root):
    for relative in harness.files_under(root, FOLDERS, SUFFIXES):
        try:
            text = (root / relative).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            yield (str(relative), 1, "is not UTF-8")
            continue
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if WORDS.search(line):
                yield (str(relative), number, f"note to self: {WORDS.search(line).group(0)}")
            if "\t" in line:
                yield (str(relative), number, "tab")
            if line.endswith("\r"):
                yield (str(relative), number, "CR LF line end")
            elif line != line.rstrip():
                yield (str(relative), number, "blank at the end of the line")
            if len(line) > MAX_COLUMNS and relative.suffix != ".md":
                yield (str(relative), number, f"{len(line)} columns; at most {MAX_COLUMNS}")
        if text and not text.endswith("\n"):
            yield (str(relative), len(lines), "no newline at the end of the file")
        if relative.suffix in harness.CODE and len(lines) - 1 > MAX_LINES:
            yield (str(relative), len(lines) - 1, f"{len(lines) - 1} lines; split before {MAX_LINES}")


CLEAN = {"src/base/a.hpp": "int a;\n", "docs/long.md": "x" * 400 + "\n", "scripts/run": "mktemp /tmp/a." + "X" * 6 + "\n"}
PLANTS = [
    ("a note to self", {"src/base/b.cpp": "// TO" + "DO later\n"}, "note to self"),
    ("another", {"docs/c.md": "FIX" + "ME\n"}, "note to self"),
    ("a tab", {"src/base/d.cpp": "\tint d;\n"}, "tab"),
    ("a long line", {"tests/unit/e.cpp": "/" * 151 + "\n"}, "151 columns"),
    ("no final newline", {"src/base/f.cpp": "int f;"}, "no newline"),
    ("a long file", {"src/base/g.cpp": "int g;\n" * 601}, "601 lines"),
    ("blanks at the end", {"src/base/h.cpp": "int h; \n"}, "blank at the end"),
    ("a Windows line end", {"src/base/i.cpp": "int i;\r\n"}, "CR LF"),
]

if __name__ == "__main__":
    sys.exit(harness.main("text_hygiene", check, CLEAN, PLANTS))
