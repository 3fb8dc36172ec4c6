"""comments - their width, which clang-format leaves alone here: what is beyond the columns goes to the next line.

Rulers ("---- subject ----") are made shorter. What stands behind code, in lists and in tables is left to people.
"""
import re

import csource

COLUMNS = 100
RULER = re.compile(r"\s*/\* (-+) .* (-+)( \*/)?$")
PROSE = re.compile(r"\s*(/\*|\*)( )(?=\S)")


def width(line):
    return len(line.expandtabs(8))


def _shorter(ruler):
    while width(ruler) > COLUMNS and re.search(r"-{4}( \*/)?$", ruler):
        ruler = re.sub(r"-( \*/)?$", r"\1", ruler)
    return ruler


def _split(line):
    """What fits of a line of a comment, and the words that do not, with its end if it has one."""
    end = " */" if line.endswith(" */") else ""
    words, rest = line.removesuffix(end).split(" "), []
    while len(words) > 1 and width(" ".join(words)) > COLUMNS - (0 if rest else len(end)):
        rest.insert(0, words.pop())
    return " ".join(words), " ".join(rest) + end


def _rewrap(lines, indent):
    """The lines of a comment that stands alone."""
    lines, at = list(lines), 0
    while at < len(lines):
        if width(lines[at]) > COLUMNS and RULER.match(lines[at]):
            lines[at] = _shorter(lines[at])
        elif width(lines[at]) > COLUMNS and PROSE.match(lines[at]):
            lines[at], rest = _split(lines[at])
            following = lines[at + 1] if at + 1 < len(lines) else ""
            goes_on = PROSE.match(following) and not rest.endswith("*/") and following.strip() != "*/"
            if goes_on:
                lines[at + 1] = f"{indent} * {rest} {following[PROSE.match(following).end():]}"
            else:
                lines.insert(at + 1, f"{indent} * {rest}")
        at += 1
    return lines


def rewrapped(text):
    """The text with every comment that stands alone within the columns, where that can be done."""
    out, after = [], 0
    for match in csource.TOKEN.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        alone = not text[start:match.start()].strip() and not text[match.end():end].strip()
        if match["comment"] and alone and start >= after:
            indent = text[start:match.start()]
            out += [text[after:start], "\n".join(_rewrap((indent + match[0]).split("\n"), indent))]
            after = match.end()
    return "".join(out) + text[after:]


def comment_width(root):
    """No line with a comment goes beyond the columns; tables that are formatted by hand may."""
    for path, text in csource.files(root, ("src", "include", "tests", "bench"), (".c", ".h")):
        for match in csource.TOKEN.finditer(text):
            if not match["comment"] or match[0].startswith("//"):
                continue
            start = text.rfind("\n", 0, match.start()) + 1
            first = text.count("\n", 0, start) + 1
            for number, line in enumerate((text[start:match.start()] + match[0]).split("\n")):
                if width(line) > COLUMNS:
                    yield path, first + number, f'{width(line)} columns, {COLUMNS} is the limit; run "make format"'


RULES = [comment_width]
PLANTED = {
    "comment_width": [{"src/base/x.c": "/* x.c - " + "some words " * 10 + "*/\n"},
                      {"src/base/x.c": "/*\n * x.c - some\n * " + "words " * 20 + "\n */\n"},
                      {"src/base/x.h": "/* x.h - x. */\nstruct x {\n\tint a; /* " + "some words " * 9 + "*/\n};\n"}],
}
