"""million - as many messages as there can be, beside a tenth of them: what a screen, a search and the
care of the files cost must not grow with the mailbox. big.py makes both data folders; with --work they
stay, and are used again.
"""
import contextlib
import json
import os
import re
import shutil
import sqlite3
import time

import big
import older
from measure import Measure, cost, size
from screen import Screen

TENTH = "a tenth of it"
QUIET_KEYS = "without it"

MEASURES = [
    Measure("million_first_paint", "first paint", "ms", TENTH, bound=2.5, goal=1.25),
    Measure("million_start_cpu", "first paint and what follows at once, processor", "ms", TENTH, bound=2.5, goal=1.25),
    Measure("million_row", "one row down, key to last byte", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_page", "one page down", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_end", "to the end of the inbox", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_top", "back to its top", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_page_end", "one page up and down near the end", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_typed_rare", "search as you type: a rare word, to its hits", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_typed_common", "a word that a third of all mail has", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_typed_from", "from: and three letters", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_typed_dates", "that word in some months of years ago", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_thread_open", "opening the longest conversation", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_thread_end", "from its one end to the other", "ms", TENTH, bound=50.0, goal=1.25),
    Measure("million_idle", "resident with the inbox open", "MiB", bound=96, goal=64),
    Measure("million_peak", "the most of it after all of this", "MiB", bound=144, goal=96),
    Measure("million_cli_rare", "crmail search, rare word, processor", "ms", TENTH, bound=4.0, goal=1.25),
    Measure("million_cli_common", "crmail search, common word, processor", "ms", TENTH, bound=12.0),
    Measure("million_disk", "both files on the disk", "MiB", TENTH, bound=12.0, goal=10.5),
    Measure("million_check", "background check after an unclean end", "s"),
    Measure("million_backup", "daily copy, made and verified", "s"),
    Measure("million_row_care", "one row down during check and copy", "ms", QUIET_KEYS, bound=50.0, goal=2.0),
    Measure("million_upgrade_oldest", "upgrade from schema 1", "s"),
    Measure("million_upgrade_timeline", "upgrade from schema 13: timelines are made", "s"),
    Measure("million_upgrade_newest", "the newest schema file", "s"),
]
PAGE_DOWN, PAGE_UP, ESCAPE = b"\x1b[6~", b"\x1b[5~", b"\x1b"
FIRST_ROW = big.LONG_SUBJECT.encode()
CARE_S = 2          # after the start the care of the files begins
CARE_MOST_S = 1800


class Scale:
    """One data folder, and what was measured in it."""

    def __init__(self, place, total):
        self.place, self.total = place, total
        self.home = place.work / f"big-{total}"
        self.program = place.program(self.home)
        self.out = {m.name: [] for m in MEASURES}
        big.make(self.program, place.env, self.home, total)

    def start(self):
        screen = Screen(self.program, self.place.env)
        return screen, screen.wait(FIRST_ROW)

    def add(self, name, value):
        if value is not None:
            self.out[name].append(value)


@contextlib.contextmanager
def _open(scale):
    screen, took = scale.start()
    try:
        screen.settle(0.1)
        yield screen, took
    finally:
        screen.close(b"qqq")


def _first_paint(scale, counts):
    with _open(scale) as (screen, took):
        if counts:
            scale.add("million_first_paint", took)
            scale.add("million_start_cpu", screen.cpu())
            scale.add("million_idle", screen.memory())


def _walk(scale, screen):
    for key, name, n in ((b"G", "million_end", 1), (PAGE_UP, "million_page_end", 2), (PAGE_DOWN, "million_page_end", 1),
                         (b"gg", "million_top", 1), (b"j", "million_row", 10), (PAGE_DOWN, "million_page", 3)):
        for _ in range(n):
            scale.add(name, screen.key(key, seconds=2))
    _press(screen, b"gg")


def _press(screen, key):
    """What comes of it is not measured."""
    os.write(screen.fd, key)
    screen.settle(0.1)


def _first_hit(scale, query):
    """The subject of the newest hit, and how many there are."""
    out = cost([*scale.program, "search", query, "--json", "--limit", "1"], scale.place.env).out
    found = json.loads(out)
    return found["messages"][0]["subject"], found["total"]


def _common_sender(scale):
    """Three letters that many addresses begin with."""
    with contextlib.closing(sqlite3.connect(scale.home / "crmail.db")) as db:
        return db.execute("SELECT substr(norm, 1, 3) FROM party WHERE id > 2 GROUP BY 1 ORDER BY count(*) DESC"
                          ).fetchone()[0]


def _queries(scale):
    """{measure: (query, pattern of its newest hit)}"""
    queries = {"rare": big.RARE, "common": big.COMMON, "from": f"from:{_common_sender(scale)}",
               "dates": f"{big.COMMON} after:2019-06-01 before:2020-02-01"}
    return {f"million_typed_{name}": (query, re.escape(_first_hit(scale, query)[0][:30]))
            for name, query in queries.items()}


def _search(scale, screen, queries):
    for name, (query, hit) in queries.items():
        _press(screen, b"/")
        scale.add(name, screen.key(query.encode(), shows=hit, seconds=60))
        _press(screen, ESCAPE)


def _thread(scale, screen):
    _press(screen, b"gg")
    length = min(10000, scale.total // 4)
    scale.add("million_thread_open", screen.key(b"\r", shows=rf"\b{length} messages", seconds=60))
    screen.settle(0.1)
    for _ in range(2):
        scale.add("million_thread_end", screen.key(b"gg", shows=big.LONG_END, seconds=60))
        screen.settle(0.1)
        scale.add("million_thread_end", screen.key(b"G"))
        screen.settle(0.1)
    _press(screen, b"q")


def _visit(scale, queries):
    with _open(scale) as (screen, _):
        _walk(scale, screen)
        _search(scale, screen, queries)
        _thread(scale, screen)
        scale.add("million_peak", screen.memory("VmHWM"))


def _command_line(scale, counts):
    for name, word in (("million_cli_rare", big.RARE), ("million_cli_common", big.COMMON)):
        took = cost([*scale.program, "search", word, "--json", "--limit", "50"], scale.place.env)
        total = json.loads(took.out)["total"]
        wanted = big.RARE_COUNT if word == big.RARE else scale.total // 4
        if total < wanted or (word == big.RARE and total != wanted):
            raise ValueError(f"{word}: {total} found, not {wanted}")
        if counts:
            scale.add(name, took.cpu)


def _care(scale):
    """The first start of a day after an unclean end: check, then copy; and keys meanwhile."""
    unclean, backup = scale.home / "open" / "unclean", scale.home / "backup"
    shutil.rmtree(backup, ignore_errors=True)
    unclean.touch()
    with _open(scale) as (screen, _):
        begin, checked, copying = time.perf_counter() + CARE_S, None, None
        while not list(backup.glob("crmail-*.db")) or not scale.out["million_row_care"]:
            now = time.perf_counter()
            if not checked and not unclean.exists():
                checked = now
            if not copying and (backup / "unfinished").exists():
                copying = now
            if now > begin + CARE_MOST_S:
                raise TimeoutError("the care of the files did not end")
            if now > begin:
                scale.add("million_row_care", screen.key(b"j", seconds=2))
            time.sleep(0.01)
        end = time.perf_counter()
    scale.add("million_check", max(0.001, (checked or copying or end) - begin))
    scale.add("million_backup", max(0.001, end - (copying or checked or end)))


def _upgrade(scale):
    copy = scale.place.work / "older"
    for name, version in (("oldest", 1), ("timeline", 13), ("newest", older.latest() - 1)):
        older.make(scale.home, copy, version)
        took = cost([*scale.place.program(copy), "status", "--json"], scale.place.env)
        with contextlib.closing(sqlite3.connect(copy / "crmail.db")) as db:
            if db.execute("PRAGMA user_version").fetchone()[0] != older.latest():
                raise ValueError(f"schema {version} was not upgraded")
        scale.add(f"million_upgrade_{name}", took.wall)
    shutil.rmtree(copy)


def run(place):
    scales = [Scale(place, place.messages), Scale(place, place.messages // 10)]
    for number in range(place.runs + 1):    # the first only warms caches
        for scale in scales:
            _first_paint(scale, number)
            _command_line(scale, number)
    queries = [_queries(scale) for scale in scales]
    for _ in range(min(3, place.runs)):
        for scale, asked in zip(scales, queries):
            _visit(scale, asked)
    for scale in scales:
        scale.add("million_disk", size(scale.home / "crmail.db") + size(scale.home / "cache.db"))
    large, small = scales
    _care(large)
    _upgrade(large)
    out = {m.name: {"crmail": large.out[m.name], **({TENTH: small.out[m.name]} if m.peer == TENTH else {})}
           for m in MEASURES}
    out["million_row_care"][QUIET_KEYS] = large.out["million_row"]
    return out
