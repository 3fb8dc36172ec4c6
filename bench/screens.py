"""screens - crmail's screen beside neomutt's on the same Maildir: first paint, keys, memory."""
import corpus
from measure import Measure, require
from screen import Screen

MEASURES = [
    Measure("first_paint", "from start to a painted inbox, again", "ms", "neomutt", bound=1.5, goal=0.02),
    Measure("key_to_paint", "one row down, key to last byte", "ms", "neomutt", bound=3.0),
    Measure("page_to_paint", "one page down, key to last byte", "ms", "neomutt", bound=3.0),
    Measure("memory", "resident with the mailbox open", "MiB", "neomutt", bound=1.5),
]
PAGE = b"\x1b[6~"


def _neomutt(place):
    rc = place.work / "neomuttrc"
    rc.write_text(f"set folder={place.mail}\nset spoolfile={place.mail}\nset sort=threads\n"
                  f"set sort_aux=reverse-last-date-received\nset header_cache={place.work}/hcache\n"
                  "set quit=yes\nset mark_old=no\n", encoding="utf-8")
    return ["neomutt", "-n", "-F", str(rc), "-f", str(place.mail)]


def _visit(command, env, ready, out):
    s = Screen(command, env)
    try:
        out["first_paint"].append(s.wait(ready))
        out["memory"].append(s.resident())
        out["key_to_paint"] += [t for t in (s.key(b"j") for _ in range(15)) if t is not None]
        out["page_to_paint"] += [t for t in (s.key(PAGE) for _ in range(8)) if t is not None]
    finally:
        s.close(b"q")


def run(place):
    require("neomutt")
    programs = {"crmail": (place.program(place.home), corpus.NEWEST.encode()),
                "neomutt": (_neomutt(place), rb"Msgs:\s*%d" % place.messages)}
    samples = {name: {m.name: [] for m in MEASURES} for name in programs}
    for number in range(place.runs + 1):
        for name, (command, ready) in programs.items():
            # The first start only warms caches.
            _visit(command, place.env, ready, samples[name] if number else {m.name: [] for m in MEASURES})
    return {m.name: {name: samples[name][m.name] for name in programs} for m in MEASURES}
