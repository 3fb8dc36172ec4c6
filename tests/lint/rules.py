"""rules - what the lint asks of the text of the tree. A rule is a function of the tree's root that
yields (file, line, message); PLANTED names, for each, a small tree in which it must find something.
"""
import pathlib
import re

import csource

C = (".c", ".h", ".def")
LAYERS = {
    "base": "",
    "net": "base",
    "mail": "base",
    "store": "base mail",
    "provider": "base net mail",
    "crm": "base net mail",
    "sync": "base net mail store provider crm",
    "cli": "base net mail store provider crm sync",
    "ui": "base mail store",
    "main": "base net mail store provider crm sync cli ui",
}
# What is called by its plain name; a member or a longer name is something else.
BANNED = ("strcpy strcat sprintf vsprintf strncpy strncat strtok gets atoi atol atoll atof gmtime "
          "localtime ctime asctime mktemp system popen alloca signal printw wprintw mvprintw "
          "mvwprintw vwprintw vw_printw").split()
FUNCTION_LINES, FILE_LINES = 80, 1000
# Put together here so that this file does not name what it looks for.
WORDS = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
HOSTS = [".".join(p) for p in (("npmjs", "org"), ("npmjs", "com"), ("pypi", "org"), ("debian", "org"),
                               ("nodesource", "com"), ("pythonhosted", "org"), ("crates", "io"))]
CRM_NAMES = ("hubspot salesforce pipedrive zoho odoo espocrm suitecrm supabase postgrest "
             "ce_contacts ce_partners ce_activities").split()
SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT (OR \w+ )?INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE)\b")
TRANSLATED = re.compile(r"(?<!\w)(_|N_|ngettext|gettext)\s*\(")


def _line(text, offset):
    return text.count("\n", 0, offset) + 1


def _layer(path):
    parts = pathlib.PurePath(path).parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return parts[2] if parts[:2] == ("include", "crmail") and len(parts) > 3 else None


def layers(root):
    for path, text in csource.files(root, ("src", "include"), C):
        here = _layer(path)
        if here not in LAYERS:
            yield path, 1, f"{here} is not in the layer table"
            continue
        allowed = {here, *LAYERS[here].split()}
        for line, kind, name in csource.includes(text):
            parts = pathlib.PurePath(name).parts
            if parts[0] == "crmail":
                if parts[1] not in allowed:
                    yield path, line, f"{here} must not include {name}"
            elif kind == '"' and name != "config.h":
                if ".." in parts or (parts[0] in LAYERS and parts[0] != here):
                    yield path, line, f"{name} is another folder's; only crmail/... headers are public"


def banned_functions(root):
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path, text in csource.files(root, ("src", "include", "tests", "bench"), C):
        if path.endswith("base/banned.h"):
            continue
        code = csource.code_only(text)
        for match in call.finditer(code):
            yield path, _line(code, match.start()), f"{match[1]}() is banned"
        for match in re.finditer(r"\bsqlite3_exec\s*\([^,]*,\s*([^,]*)", code):
            if not re.match(r'"|[A-Z0-9_]+$|\w+->sql$|\w+\.sql$|sql$', match[1].strip()):
                yield path, _line(code, match.start()), "sqlite3_exec() takes constant text only"
        for line, value in csource.strings(text):
            if path.startswith("src/store/") and re.search(r"%[Qq]", value):
                yield path, line, "values are bound, never printed into SQL"


def sizes(root):
    for path, text in csource.files(root, ("src", "include", "tests", "bench"), (".c", ".h")):
        if text.count("\n") > FILE_LINES:
            yield path, 1, f"{text.count(chr(10))} lines, {FILE_LINES} is the limit"
        for line, lines, name in csource.functions(text):
            if lines > FUNCTION_LINES:
                yield path, line, f"{name}() has {lines} lines, {FUNCTION_LINES} is the limit"


def potfiles(root):
    listing = pathlib.Path(root, "po/POTFILES.in").read_text(encoding="utf-8").splitlines()
    listed = [entry.strip() for entry in listing if entry.strip() and not entry.startswith("#")]
    for entry in sorted(set(e for e in listed if listed.count(e) > 1)):
        yield "po/POTFILES.in", 1, f"{entry} stands there twice"
    for entry in listed:
        if not pathlib.Path(root, entry).is_file():
            yield "po/POTFILES.in", listing.index(entry) + 1, f"{entry} does not exist"
    for path, text in csource.files(root, ("src",), C):
        match = TRANSLATED.search(csource.code_only(text))
        if match and path not in listed:
            yield path, _line(text, match.start()), "has a translatable string but is not in po/POTFILES.in"


def sql_only_in_store(root):
    for path, text in csource.files(root, ("src", "include"), C):
        if _layer(path) == "store":
            continue
        code = csource.code_only(text)
        for match in re.finditer(r"\bsqlite3(_\w+|\.h\b)", code):
            yield path, _line(code, match.start()), f"{match[0]} outside src/store"
        for line, value in csource.strings(text):
            if SQL.search(value):
                yield path, line, "SQL outside src/store"


def curses_only_in_ui(root):
    for path, text in csource.files(root, ("src", "include"), C):
        if _layer(path) == "ui":
            continue
        for line, _, name in csource.includes(text):
            if re.search(r"(curses|panel|/term|^term)\.h$", name):
                yield path, line, f"{name} outside src/ui"


def no_crm_names(root):
    name = re.compile("(" + "|".join(CRM_NAMES) + r")(?!\.com\b)", re.I)    # a domain is no CRM
    for path, text in csource.files(root, ("src", "include"), C):
        for match in name.finditer(text):
            yield path, _line(text, match.start()), f"{match[0]}: a CRM is data below share/crmail/crm, not code"


def leftover_words(root):
    word = re.compile(r"\b(" + "|".join(WORDS) + r")\b")
    folders = ("src", "include", "tests", "bench", "doc", "share")
    for path, text in csource.files(root, folders, (".c", ".h", ".def", ".py", ".sql", ".mk", ".md", ".sh")):
        for match in word.finditer(text):
            yield path, _line(text, match.start()), f"{match[1]}: do it, or open an issue"


def registry_hosts(root):
    host = re.compile(r"\b(" + "|".join(re.escape(h) for h in HOSTS) + r")\b")
    folders = ("src", "include", "tests", "bench", "doc", "share", "contrib", ".ci", "po")
    for path in sorted(p for f in folders for p in pathlib.Path(root, f).rglob("*") if p.is_file()):
        yield from _hosts_in(root, path, host)
    for name in ("quickstart", "bootstrap", "configure.ac", "Makefile.am", "NEWS", "README.md", "HACKING.md"):
        yield from _hosts_in(root, pathlib.Path(root, name), host)


def _hosts_in(root, path, host):
    if "__pycache__" in path.parts or not path.is_file() or path.stat().st_size > 1 << 20:
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in host.finditer(text):
        yield str(path.relative_to(root)), _line(text, match.start()), f"names the registry {match[1]}"


def conventions(root):
    for path, text in csource.files(root, ("src", "include", "tests", "bench"), (".c", ".h")):
        if not text.startswith("/*"):
            yield path, 1, "begins without the comment that says what it is responsible for"
        found = list(csource.includes(text))
        if path.endswith(".c") and not path.startswith("tests/lint/"):
            if not found or found[0][2] != "config.h":
                yield path, found[0][0] if found else 1, "config.h is the first include of a .c"
        if path.endswith(".h") and any(name == "config.h" for _, _, name in found):
            yield path, 1, "config.h belongs in .c files only"
        code = csource.code_only(text)
        for match in re.finditer(r"\btypedef\s+(struct|enum|union)\b", code):
            yield path, _line(code, match.start()), f"typedef of a {match[1]}"

def include_guards(root):
    """CRMAIL_NAME_H, or CRMAIL_FOLDER_NAME_H where two folders have a header of that name."""
    owners = {}
    for path, text in csource.files(root, ("include",), (".h",)):
        parts = pathlib.PurePath(path[:-2]).parts[1:]
        names = [re.sub(r"\W", "_", "_".join(p)).upper() + "_H" for p in ((parts[0], parts[-1]), parts)]
        match = re.search(r"^#ifndef (\w+)\n#define \1$", text, re.M)
        if not match or match[1] not in names:
            yield path, 1, f"the include guard is {names[0]}"
        elif owners.setdefault(match[1], path) != path:
            yield path, 1, f"{match[1]} is the guard of {owners[match[1]]} too"



RULES = [layers, banned_functions, sizes, potfiles, sql_only_in_store, curses_only_in_ui, no_crm_names,
         leftover_words, registry_hosts, conventions, include_guards]

HEAD = "/* x.c - something. */\n#include \"config.h\"\n"
PLANTED = {
    "layers": [{"src/mail/x.c": HEAD + '#include "crmail/net/tls.h"\n'},
               {"src/ui/x.c": HEAD + '#include "crmail/sync/host.h"\n'},
               {"src/store/x.c": HEAD + '#include "../mail/private.h"\n'}],
    "banned_functions": [{"src/base/x.c": HEAD + "void f(char *p)\n{\n\tstrcpy (p, q);\n}\n"},
                         {"src/ui/x.c": HEAD + 'void f(void)\n{\n\tmvwprintw(w, 0, 0, "x");\n}\n'},
                         {"src/store/x.c": HEAD + "void f(void)\n{\n\tsqlite3_exec(db, text.p, 0, 0, 0);\n}\n"}],
    "sizes": [{"src/base/x.c": HEAD + "int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n"
               + "\tg(\"}\"); /* } */\n" * 80 + "}\n"},
              {"src/base/x.c": HEAD + "int x;\n" * 1000}],
    "potfiles": [{"po/POTFILES.in": "", "src/ui/x.c": HEAD + 'const char *s = _("Hello.");\n'},
                 {"po/POTFILES.in": "src/gone.c\n"}],
    "sql_only_in_store": [{"src/ui/x.c": HEAD + "sqlite3_stmt *s;\n"},
                          {"src/ui/x.c": HEAD + 'char *s = "SELECT id FROM message";\n'}],
    "curses_only_in_ui": [{"src/main/x.c": HEAD + "#include <ncurses.h>\n"}],
    "no_crm_names": [{"src/crm/x.c": HEAD + "/* as HubSpot wants it */\n"}],
    "leftover_words": [{"src/base/x.c": HEAD + f"/* {WORDS[0]}: later */\n"}],
    "registry_hosts": [{"doc/x.md": f"see https://registry.{HOSTS[0]}/x\n"}],
    "conventions": [{"src/base/x.c": "#include \"config.h\"\n"},
                    {"src/base/x.c": "/* x */\n#include <stdio.h>\n#include \"config.h\"\n"},
                    {"src/base/x.c": HEAD + "typedef struct x { int a; } x_t;\n"}],
    "include_guards": [{"include/crmail/base/x.h": "/* x */\n#ifndef X_H\n#define X_H\n#endif\n"},
                       {f"include/crmail/{f}/x.h": "/* x */\n#ifndef CRMAIL_X_H\n#define CRMAIL_X_H\n#endif\n"
                        for f in ("base", "mail")}],
}
HARMLESS = {
    "po/POTFILES.in": "# none\nsrc/ui/x.c\n",
    "src/ui/x.c": HEAD + '#include <ncurses.h>\n#include "crmail/store/store.h"\n'
    + 'static const char *s = N_("gets(");\n/* strcpy(a, b) */\n'
    + "static void f(struct x *x)\n{\n\tx->signal(1);\n\tmy_sprintf(s);\n}\n",
    "include/crmail/store/store.h": "/* store.h - x. */\n#ifndef CRMAIL_STORE_STORE_H\n"
    "#define CRMAIL_STORE_STORE_H\n#endif\n",
}
