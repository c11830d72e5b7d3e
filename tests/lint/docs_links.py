#!/usr/bin/env python3
"""What the documents point to exists: relative links and their headings, paths in code spans, and flags, those of smg by the tables of
src/config, those of our scripts by the script's own text."""
import re
import sys

import harness

FOLDERS = ["docs", "docker", "bench", "deploy", "src", "tests"]
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"(`+)(.+?)\1")
FLAG = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*)")
PATH = re.compile(r"(?:src|include|docs|tests|scripts|bench|cmake|docker|deploy|\.ci)/[\w./-]+")
# A row of a table: its name stands before its kind; also({…}, "alias").
BUILT_ROW = re.compile(r'\{\s*"([a-z][a-z0-9-]*)",\s*Kind::|no_effect\(\s*"([a-z][a-z0-9-]*)"|\},\s*"([a-z][a-z0-9-]*)"')
ALWAYS = {"config", "check-config", "help", "version"}


def flags_of(root):
    """The flags that smg takes."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "src/config").glob("settings_*.cpp")))
    built = {name for row in BUILT_ROW.findall(text) for name in row if name}
    return built | ALWAYS


def pieces(text):
    """(line, code, text): a line of a shell block or a code span is code, the rest of a line is text. Other blocks are left out."""
    block = None
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"\s*```(\w*)", line)
        if fence:
            block = None if block is not None else fence.group(1)
        elif block is not None:
            if block in ("", "sh", "bash", "console"):
                yield number, re.sub(r"(^|\s)#.*", "", line), None
        else:
            for span in SPAN.finditer(line):
                yield number, span.group(2), None
            yield number, None, line


def slugs(text):
    """The anchors of a document's headings."""
    found = set()
    for line in re.sub(r"```.*?```", "", text, flags=re.S).split("\n"):
        if line.startswith("#"):
            title = line.lstrip("#").strip().lower()
            found.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title)))
    return found


def check_link(root, document, target):
    if re.match(r"[a-z]+:", target):
        return None
    path, _, anchor = target.partition("#")
    file = (root / document).parent / path if path else root / document
    if not file.exists():
        return f"broken link: {target}"
    if anchor and file.suffix == ".md" and anchor not in slugs(file.read_text(encoding="utf-8")):
        return f"no such heading: {target}"
    return None


def check_flags(root, command, built):
    """A command line, or a span that begins with a flag."""
    words = command.split()
    while words and re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    program = words[0] if words else ""
    if program == "docker":
        # The image's name ends docker's own flags.
        words = words[words.index("smg"):] if "smg" in words else []
    elif PATH.fullmatch(program) and (root / program).is_file():
        own = (root / program).read_text(encoding="utf-8", errors="replace")
        for flag in FLAG.findall(command):
            if f"--{flag}" not in own:
                yield f"{program} has no --{flag}"
        return
    elif not program.startswith("--") and program.rsplit("/", 1)[-1] != "smg":
        return
    for flag in FLAG.findall(" ".join(words)):
        if flag not in built:
            yield f"smg has no --{flag}"


def check_code(root, document, code, built):
    if document.parts[0] == "src":
        return  # a room's README: its paths are the room's own, and `--name` stands for any flag
    for command in re.split(r"&&|\|\||[;|]", code):
        yield from check_flags(root, command.strip(), built)
    if PATH.fullmatch(code.strip()) and not (root / code.strip()).exists():
        yield f"no such file: {code.strip()}"


def check(root):
    built = flags_of(root)
    documents = sorted(path.relative_to(root) for path in root.glob("*.md"))
    documents += harness.files_under(root, FOLDERS, {".md"})
    for document in documents:
        for line, code, text in pieces((root / document).read_text(encoding="utf-8")):
            if code is not None:
                for message in check_code(root, document, code, built):
                    yield (str(document), line, message)
            else:
                for target in LINK.findall(text):
                    message = check_link(root, document, target)
                    if message:
                        yield (str(document), line, message)


TABLE = """return {
    {"port", Kind::single, "PORT"},
    also({"threads", Kind::single, "N"}, "runtime-worker-threads")};
"""
README = """[page](docs/page.md#whats-in-it) [self](#top) [web](https://example.org/x)
# Top
`--port 1` `cmake --preset x` `scripts/run --once`
```sh
smg --threads 2 --runtime-worker-threads 2   # not --a-flag
docker run --rm smg --port 0
```
```json
{"--no": 1}
```
"""
CLEAN = {
    "src/config/settings_gateway.cpp": TABLE,
    "scripts/run": 'case "$1" in --once) ;; esac\n',
    "docs/page.md": "# One page\n\n## What's in it?\n",
    "README.md": README,
}
PLANTS = [
    ("a link to nowhere", {"docs/a.md": "[x](gone.md)\n"}, "broken link: gone.md"),
    ("a link to a heading that is not there", {"docs/a.md": "[x](page.md#gone)\n"}, "no such heading: page.md#gone"),
    ("a flag that smg lacks", {"docs/a.md": "use `--prot 1`\n"}, "smg has no --prot"),
    ("the same in a block", {"docs/a.md": "```sh\nKEY=1 build/release/smg --prot 1\n```\n"}, "smg has no --prot"),
    ("the same behind docker", {"docs/a.md": "`docker run --rm smg --prot 1`\n"}, "smg has no --prot"),
    ("a flag that a script lacks", {"README.md": "`scripts/run --twice`\n"}, "scripts/run has no --twice"),
    ("a file that is gone", {"docs/a.md": "see `src/base/gone.hpp`\n"}, "no such file: src/base/gone.hpp"),
]

if __name__ == "__main__":
    sys.exit(harness.main("docs_links", check, CLEAN, PLANTS))
