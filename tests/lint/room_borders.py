#!/usr/bin/env python3
"""A room includes only the rooms that it may link to: the DEPENDS of its smg_room() line in CMakeLists.txt, followed transitively.
Pure rooms know no Asio (http may use Beast's types as data), and the rooms of the data path no nlohmann."""
import re
import sys

import harness

PURE = {"base", "http", "codec", "providers", "workers", "routing", "config"}
NO_NLOHMANN = {"base", "http", "codec", "providers", "net", "upstream"}
BEAST_AS_DATA = re.compile(r"boost/beast/(http|core)(/|\.hpp)")
BEAST_WITH_IO = re.compile(r"boost/beast/(core/.*stream|http/(read|write)\.hpp|core\.hpp|http\.hpp|websocket|ssl)")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def rooms_of(root):
    """{room: every room that it may include}, itself among them."""
    text = re.sub(r"#[^\n]*", "", (root / "CMakeLists.txt").read_text(encoding="utf-8"))
    direct = {}
    for name, rest in re.findall(r"smg_room\(\s*(\w+)([^)]*)\)", text):
        depends = re.search(r"\bDEPENDS\b(.*?)(?:\bLIBRARIES\b|$)", rest, re.S)
        direct[name] = set(depends.group(1).split()) if depends else set()

    def reach(room):
        found, waiting = set(), {room}
        while waiting:
            found |= waiting
            waiting = {other for each in waiting for other in direct.get(each, ())} - found
        return found

    return {room: reach(room) for room in direct}


def public_includes(root, header, seen):
    """What a header of include/smg brings in, through other public headers too: it must not be a way around a border."""
    path = root / "include" / header
    if header in seen or not path.is_file():
        return []
    seen.add(header)
    found = []
    for _, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
        found += public_includes(root, target, seen) if target.startswith("smg/") else [target]
    return found


def judge(room, target, rooms):
    first = target.split("/")[0]
    if first in rooms and "/" in target and first not in rooms[room]:
        return f"room {room} may not include {first} (<= {', '.join(sorted(rooms[room] - {room})) or 'nothing'})"
    if room in PURE and (target.startswith("boost/asio") or target == "netdb.h"):
        return f"pure room {room} includes {target}"
    if room in PURE and target.startswith("boost/beast"):
        if room != "http" or BEAST_WITH_IO.match(target) or not BEAST_AS_DATA.match(target):
            return f"pure room {room} includes {target}: Beast is data, and in http alone"
    if room in NO_NLOHMANN and target.startswith("nlohmann/"):
        return f"room {room} is on the data path and includes {target}"
    return None


def check(root):
    rooms = rooms_of(root)
    if not rooms:
        yield ("CMakeLists.txt", 1, "no smg_room() found")
    for relative in harness.files_under(root, ["src"], harness.CODE):
        if len(relative.parts) < 3:
            continue
        room = relative.parts[1]
        if room not in rooms:
            yield (str(relative), 1, f"folder {room} is no room of CMakeLists.txt")
            continue
        text = (root / relative).read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target = match.group(2)
            targets = [target] + (public_includes(root, target, set()) if target.startswith("smg/") else [])
            for each in targets:
                message = judge(room, each, rooms)
                if message:
                    yield (str(relative), harness.line_of(text, match.start()), message)


CMAKE = "smg_room(base)\nsmg_room(http DEPENDS base LIBRARIES x::y)\nsmg_room(codec DEPENDS http)\nsmg_room(net DEPENDS base)\n" \
        "smg_room(upstream DEPENDS\n  http net)\n"
CLEAN = {"CMakeLists.txt": CMAKE, "src/base/a.hpp": "#include <string>\n",
         "src/http/h.hpp": '#include "base/a.hpp"\n#include <boost/beast/http/fields.hpp>\n',
         "src/codec/c.cpp": '#include "base/a.hpp"\n#include "http/h.hpp"\n', "src/upstream/u.cpp": '#include "base/a.hpp"\n#include "net/n.hpp"\n',
         "src/net/n.hpp": "#include <boost/asio/io_context.hpp>\n", "include/smg/version.hpp": "#include <string>\n"}
PLANTS = [
    ("a border crossed upwards", {"src/base/b.hpp": '#include "http/h.hpp"\n'}, "room base may not include http"),
    ("a border crossed sideways", {"src/codec/d.cpp": '# include <net/n.hpp>\n'}, "room codec may not include net"),
    ("a way around through a public header", {"include/smg/all.hpp": '#include "net/n.hpp"\n', "src/codec/e.cpp": '#include "smg/all.hpp"\n'},
     "room codec may not include net"),
    ("Asio in a pure room", {"src/http/i.cpp": "#include <boost/asio/buffer.hpp>\n"}, "pure room http includes boost/asio"),
    ("Beast with I/O in http", {"src/http/j.cpp": "#include <boost/beast/core/tcp_stream.hpp>\n"}, "Beast is data"),
    ("Beast elsewhere", {"src/codec/k.cpp": "#include <boost/beast/http/fields.hpp>\n"}, "Beast is data"),
    ("nlohmann on the data path", {"src/codec/l.cpp": "#include <nlohmann/json.hpp>\n"}, "on the data path"),
    ("a folder that is no room", {"src/attic/m.cpp": "int x;\n"}, "no room"),
]

if __name__ == "__main__":
    sys.exit(harness.main("room_borders", check, CLEAN, PLANTS))
