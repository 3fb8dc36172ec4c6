"""documented - what the program offers stands in its manual: verbs, warnings, exit codes and
actions. Rules and PLANTED as in rules; a source that is not there is not asked about.
"""
import pathlib
import re

import csource

MANUAL, CONFIG_MANUAL = "doc/crmail.1.in", "doc/crmail-config.5.in"
ACTION = re.compile(r'^ACTION\((\w+),\s*"([^"]*)",.*?N_\("((?:\\.|[^"\\])*)"\),\s*N_\("((?:\\.|[^"\\])*)"\)\)$', re.M)


def _read(root, name):
    path = pathlib.Path(root, name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _missing(root, source, found, manual, shape):
    """A finding for each (offset, word) whose entry does not stand in the manual."""
    text, page = _read(root, source), _read(root, manual)
    for offset, word in found:
        if not re.search(shape.format(re.escape(word)), page, re.M):
            yield source, text.count("\n", 0, offset) + 1, f"{word} is not in {manual}"


def verbs(root):
    source = "src/cli/verbs.c"
    text = csource.without_comments(_read(root, source))
    found = [(m.start(), m[1]) for m in re.finditer(r'^\s*\{\s*"([a-z-]+)"', text, re.M)]
    yield from _missing(root, source, found, MANUAL, r"^\.It Cm {}\b")


def options(root):
    """Options in the tables of src/cli and before the verb, as ".Fl -name" or "Fl -name"."""
    for path, text in csource.files(root, ("src/cli", "src/main"), (".c",)):
        shapes = r'\.name = "--([a-z-]+)"|strcmp\(\w+, "--([a-z-]+)"\)'
        found = [(m.start(), m[1] or m[2]) for m in re.finditer(shapes, text)]
        found = [(at, word) for at, word in found if word != "auth-helper"]
        yield from _missing(root, path, found, MANUAL, r"\bFl -{}\b")


def warnings(root):
    source = "include/crmail/mail/message.h"
    text = _read(root, source)
    found = [(m.start(), m[1].lower().replace("_", "-")) for m in re.finditer(r"^\s*WARN_(\w+) =", text, re.M)]
    yield from _missing(root, source, found, MANUAL, r"^\.It Cm {}$")


def exit_codes(root):
    source = "include/crmail/cli/cli.h"
    match = re.search(r"enum cli_exit \{([^}]*)\}", _read(root, source))
    found = [(match.start(), m) for m in re.findall(r"= (\d+)", match[1])] if match else []
    yield from _missing(root, source, found, MANUAL, r"^\.It {}$")


def config_options(root):
    source = "include/crmail/cli/config_options.def"
    text = _read(root, source)
    found = [(m.start(), m[1]) for m in re.finditer(r'^OPTION\(\w+, "([^"]+)"', text, re.M)]
    yield from _missing(root, source, found, CONFIG_MANUAL, r"^\.It Cm {}$")


def actions(root):
    """The manual's keys are made from actions.def; so each line must be whole, and no name twice."""
    source = "src/ui/actions.def"
    text, names = _read(root, source), set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("ACTION("):
            continue
        match = ACTION.match(line)
        if not match or not match[2] or not match[3] or not match[4].endswith("."):
            yield source, number, "an action has a name, a label and a sentence that helps"
        elif match[2] in names:
            yield source, number, f"{match[2]} stands there twice"
        else:
            names.add(match[2])


RULES = [verbs, options, warnings, exit_codes, config_options, actions]
PLANTED = {
    "verbs": [{"src/cli/verbs.c": '\t{"fly", cli_fly, "", ""},\n', MANUAL: ".It Cm flyer\n"}],
    "options": [{"src/cli/x.c": '\t{.name = "--fly", .value = &f},\n', MANUAL: ".Fl -flyer\n"},
                {"src/main/options.c": '\tif (strcmp(a, "--fly") == 0)\n', MANUAL: ".Fl -home\n"}],
    "warnings": [{"include/crmail/mail/message.h": "\tWARN_BAD_HAIR = 1,\n", MANUAL: ".It Cm bad-date\n"}],
    "exit_codes": [{"include/crmail/cli/cli.h": "enum cli_exit { CLI_OK = 0, CLI_X = 9 };\n", MANUAL: ".It 0\n"}],
    "config_options": [{"include/crmail/cli/config_options.def": 'OPTION(A, "ui.fly", TEXT, 0, 0, "", "", "")\n',
                        CONFIG_MANUAL: ".It Cm ui.flyer\n"}],
    "actions": [{"src/ui/actions.def": 'ACTION(A, "a", W, "x", "x", N_("a"), N_("Do a."))\n' * 2},
                {"src/ui/actions.def": 'ACTION(A, "a", W, "x", "x", N_("a"), N_(""))\n'}],
}
