#!/usr/bin/env python3
"""The expressions with co_await that g++ 12.2 miscompiles (AddressSanitizer sees a double free):
an aggregate built in the arguments of an awaited call; a capturing lambda inside the awaited expression; a co_await in a branch
of `?:`, behind `&&` or `||`, or in the condition of a while; a co_await inside the braces of an initialiser. Name the value first; use if/else."""
import re
import sys

import harness

AWAIT = re.compile(r"\bco_await\b")
BRACED_TYPE = re.compile(r"\b[A-Z]\w*(?:<[^;{}]*>)?\s*\{")
BRACED_ARGUMENT = re.compile(r"[(,]\s*\{(?!\s*\})")
CAPTURING_LAMBDA = re.compile(r"(?<![\w)\]\[])\s*\[(?!\[)\s*[^\]\s][^\]]*\]\s*(?:\(|\{|mutable\b|<)")
BODY_ENDINGS = {"else", "do", "try", "const", "noexcept", "override", "final", "mutable"}


def awaited_expression(text, start):
    """From behind co_await to the end of the full expression that it stands in."""
    depth = 0
    for index in range(start, len(text)):
        c = text[index]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth < 0:
                return text[start:index]
        elif c == ";" and depth == 0:
            return text[start:index]
    return text[start:]


def statement_before(text, start):
    return text[max(text.rfind(c, 0, start) for c in ";{}") + 1:start]


def enclosing_brace(text, start):
    """The offset of the innermost open brace around start, or -1."""
    depth = 0
    for index in range(start - 1, -1, -1):
        if text[index] == "}":
            depth += 1
        elif text[index] == "{":
            if depth == 0:
                return index
            depth -= 1
    return -1


def opens_initialiser(text, brace):
    """True when the brace starts an initialiser rather than a body."""
    between_statements = max(text.rfind(c, 0, brace) for c in ";{}")
    head = text[between_statements + 1:brace].strip()
    if not head or head.endswith((")", ":")) or "->" in head[head.rfind(")") + 1:]:
        return False
    if re.search(r"\b(?:class|struct|namespace|enum|union)\b", head):
        return False
    words = re.findall(r"\w+$", head)
    return not (words and words[0] in BODY_ENDINGS)


def check(root):
    for relative in harness.files_under(root, ["src", "include", "tests", "bench"], harness.CODE):
        source = (root / relative).read_text(encoding="utf-8")
        if "co_await" not in source:
            continue
        text = harness.without_comments_and_strings(source)
        for match in AWAIT.finditer(text):
            where = (str(relative), harness.line_of(text, match.start()))
            expression = awaited_expression(text, match.end())
            if CAPTURING_LAMBDA.search(expression):
                yield (*where, "capturing lambda inside the co_await expression")
            elif BRACED_TYPE.search(expression) or BRACED_ARGUMENT.search(expression):
                yield (*where, "braced value in the arguments of an awaited call")
            if "?" in statement_before(text, match.start()):
                yield (*where, "co_await in a branch of ?:")
            before = statement_before(text, match.start())
            inside_condition = before.count("(") > before.count(")")
            if inside_condition and re.search(r"\bwhile\s*\([^;{}]*$", before):
                yield (*where, "co_await in the condition of a while")
            elif inside_condition and re.search(r"(?:&&|\|\|)[^;{}]*$", before):
                yield (*where, "co_await behind && or ||")
            brace = enclosing_brace(text, match.start())
            if brace >= 0 and opens_initialiser(text, brace):
                yield (*where, "co_await inside the braces of an initialiser")


def function(line):
    return "net::Awaitable<void> f() {\n    " + line + "\n}\n"


CLEAN = {"src/net/a.cpp": "// co_await f(Peer{1})\n" + function("const Peer peer(host, port);\n    co_await connect(peer, table[index]);")
         + function("auto g = [peer]() -> Awaitable<Result<Peer>> { co_return co_await connect(peer); };")
         + function("if (co_await ready()) { Peer peer{1}; use(peer); } else { co_await idle(); }")
         + function("switch (n) { case 1: { co_await idle(); break; } }")
         + function("try { co_await idle(); } catch (...) { log(\"co_await f(Peer{1})\"); }")
         + function("auto [code, n] = co_await socket.async_read_some(buffer, as_value);\n    co_await write(batch, {});")
         + function("co_await spawn([](int a) { return a; });")
         + "struct Session final { Awaitable<> run() const noexcept { co_await idle(); } };\n"}
PLANTS = [
    ("an aggregate as an argument", {"src/net/b.cpp": function("co_await connect(Peer{host, port});")}, "braced value"),
    ("an aggregate as a later argument, on the next line",
     {"src/net/c.cpp": function("auto lease = co_await pool.acquire(loop,\n        upstream::Request{path});")}, "braced value"),
    ("bare braces as an argument", {"src/net/d.cpp": function("co_await connect({host, port});")}, "braced value"),
    ("a capturing lambda", {"src/net/e.cpp": function("co_await wait([&] { return done; });")}, "capturing lambda"),
    ("a capturing lambda with parameters", {"src/net/f.cpp": function("co_await wait(loop, [this, n](int a) mutable { return a; });")}, "capturing"),
    ("the conditional operator", {"src/net/g.cpp": function("auto x = fast ? co_await a() : b;")}, "branch of ?:"),
    ("its other branch", {"tests/flow/h.cpp": function("auto x = fast ? b : co_await a();")}, "branch of ?:"),
    ("a while that awaits", {"src/net/l.cpp": function("while (co_await serve_one()) {}")}, "condition of a while"),
    ("a short circuit", {"src/net/m.cpp": function("if (blocked && !co_await drain()) return;")}, "behind &&"),
    ("a co_await inside an initialiser", {"src/net/i.cpp": function("auto x = Pair{co_await a(), 2};")}, "inside the braces"),
    ("a co_await inside a declaration's braces", {"src/net/j.cpp": function("const Pair pair{1, co_await a()};")}, "inside the braces"),
    ("a co_await inside a returned list", {"src/net/k.cpp": function("co_return {co_await a(), 2};")}, "inside the braces"),
]

if __name__ == "__main__":
    sys.exit(harness.main("coroutine_pitfalls", check, CLEAN, PLANTS))
