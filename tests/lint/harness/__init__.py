"""What every lint shares: the command line, the walk over the tree, and the proof that the lint can fail.

A lint is a function `check(root) -> iterable of (path, line, message)` and a list of plants. A plant is a small tree with one
violation; `--self-test` writes each into a temporary directory and demands that the lint finds it, and that it finds nothing
in the clean tree.
"""
import pathlib
import re
import sys
import tempfile

CODE = (".cpp", ".hpp")


def main(name, check, clean, plants):
    """clean: {path: text}. plants: [(what is planted, {path: text}, a part of the expected message)]."""
    if sys.argv[1:] == ["--self-test"]:
        return self_test(name, check, clean, plants)
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    findings = sorted(set(check(root)))
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    print(f"{name}: {len(findings)} finding(s)")
    return 1 if findings else 0


def self_test(name, check, clean, plants):
    failures = [f"the clean tree gives {found}" for found in run_on(check, clean)]
    for what, files, expected in plants:
        found = run_on(check, {**clean, **files})
        if not any(expected in message for _, _, message in found):
            failures.append(f"planted, not found: {what} (wanted '{expected}', got {found})")
    for failure in failures:
        print(f"{name} --self-test: {failure}")
    print(f"{name} --self-test: {len(plants)} plant(s), {len(failures)} failure(s)")
    return 1 if failures or not plants else 0


def run_on(check, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            if text is None:
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return list(check(root))


def files_under(root, folders, suffixes):
    """Relative paths of the files below the folders, in order; build trees and caches left out."""
    skipped = {"build", ".git", ".cache", "__pycache__", "node_modules", ".venv"}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and path.suffix in suffixes and not skipped.intersection(relative.parts):
                yield relative


def without_comments_and_strings(text):
    """The same text with the insides of comments, strings and character literals blanked; line numbers stay."""
    pattern = re.compile(
        r'R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)

    def blank(match):
        kept = re.sub(r"[^\n]", " ", match.group(0))
        return '""' + kept[2:] if match.group(0)[0] in "\"R" and len(kept) > 1 else kept

    return pattern.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
