"""csource - reads C just well enough for the lint: no parser, no guesses about macros.

Knows where comments and strings are, which #else branches to leave out so that braces balance,
and where functions begin and end.
"""
import pathlib
import re

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<char>'(?:\\.|[^'\\\n])*')
""", re.X | re.S)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w+)", re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return TOKEN.sub(lambda m: _spaces(m[0]) if m["comment"] else m[0], text)


def code_only(text):
    """The text with comments and the insides of strings blanked; offsets and lines stay."""
    def blank(match):
        if match["comment"]:
            return _spaces(match[0])
        return match[0][0] + _spaces(match[0][1:-1]) + match[0][-1]
    return TOKEN.sub(blank, text)


def strings(text):
    """Yields (line, contents) of every string literal."""
    for match in TOKEN.finditer(text):
        if match["string"]:
            yield text.count("\n", 0, match.start()) + 1, match[0][1:-1]


def includes(text):
    """Yields (line, '<' or '"', path) of every #include."""
    for match in INCLUDE.finditer(without_comments(text)):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2]


def _without_directives(code):
    """Blanks directives with their continuation lines, and every #else and #elif branch."""
    out, skipping, stack, continued = [], 0, [], False
    for line in code.split("\n"):
        match = None if continued else DIRECTIVE.match(line)
        word = match[1] if match else ""
        if word in ("if", "ifdef", "ifndef"):
            stack.append(False)
        elif word in ("else", "elif") and stack and not stack[-1]:
            stack[-1] = True
            skipping += 1
        elif word == "endif" and stack:
            skipping -= stack.pop()
        directive = bool(match) or continued
        continued = directive and line.rstrip().endswith("\\")
        out.append("" if directive or skipping else line)
    return "\n".join(out)


def functions(text):
    """Yields (first line, lines, name) of every function body, counted from its return type."""
    code = _without_directives(code_only(text))
    depth, start, line, opened = 0, 0, 1, None
    for offset, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            if depth == 0 and code[start:offset].rstrip().endswith(")"):
                head = code[start:offset].strip()
                name = re.search(r"(\w+)\s*\(", head)
                opened = (line - head.count("\n"), name[1] if name else "?")
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                if opened:
                    yield opened[0], line - opened[0] + 1, opened[1]
                opened, start = None, offset + 1
        elif char == ";" and depth == 0:
            start = offset + 1


def files(root, folders, suffixes):
    """Every file below the folders with one of the suffixes, as (path from root, text)."""
    base = pathlib.Path(root)
    for folder in folders:
        for path in sorted((base / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield str(path.relative_to(base)), path.read_text(encoding="utf-8", errors="replace")
