#!/usr/bin/env python3
"""Every room that has sources has a README.md of 10 to 25 lines."""
import sys

import harness


def check(root):
    for folder in sorted((root / "src").iterdir()):
        if not folder.is_dir() or not any(path.suffix in harness.CODE for path in folder.rglob("*")):
            continue
        readme = folder / "README.md"
        name = str(readme.relative_to(root))
        if not readme.is_file():
            yield (name, 1, "the room has sources and no README.md")
            continue
        lines = len(readme.read_text(encoding="utf-8").splitlines())
        if not 10 <= lines <= 25:
            yield (name, 1, f"{lines} lines; a room's README has 10 to 25")


CLEAN = {"src/base/a.hpp": "\n", "src/base/README.md": "line\n" * 12, "src/empty/notes.txt": "\n", "src/main.cpp": "\n"}
PLANTS = [
    ("a room without a README", {"src/http/h.cpp": "\n"}, "no README.md"),
    ("a README of one line", {"src/base/README.md": "short\n"}, "1 lines"),
    ("a README that grew", {"src/base/README.md": "line\n" * 26}, "26 lines"),
]

if __name__ == "__main__":
    sys.exit(harness.main("room_readme", check, CLEAN, PLANTS))
