"""The terminal harness itself: the emulator's rendering, its record, and driving a program in tmux."""
import re

from support.terminal import Pty, Tmux
from support.vt import Screen

# A shell's read ends early when a signal comes, so this one goes on until it has read "end".
ECHO_LOOP = """trap 'stty size' WINCH; stty size
while :; do read x || continue; echo got "$x"; test "$x" = end && exit 3; done"""


def fed(text, width=20, height=5):
    s = Screen(width, height)
    s.feed(text if isinstance(text, bytes) else text.encode())
    return s


def test_vt_renders_text_and_motion(t):
    s = fed("hello\r\nworld\x1b[1;3HX\x1b[2;1H\x1b[K\x1b[3;1Habc\x1b[2D!")
    t.equal(s.text().split("\n")[:3], ["heXlo", "", "a!c"], "rows")
    t.equal(s.record, [], "record")


def test_vt_wide_and_combining_characters_keep_rows_full(t):
    s = fed("日本e\u0301x\x1b[2;19H語語\x1b[1;2H.")
    t.equal(s.row_widths(), [20] * 5, "cells in each row")
    t.equal(s.grid()[0].rstrip(), " .本e\u0301x", "a half overwritten wide character goes")
    t.true(("wrap", "row 1") in s.record, "the wide character that did not fit is noted")


def test_vt_scrolls_within_its_region(t):
    s = fed("a\r\nb\r\nc\r\nd\r\ne\x1b[2;4r\x1b[4;1H\n\x1b[2;1H\x1bM")
    t.equal([r.strip() for r in s.grid()], ["a", "", "c", "d", "e"], "rows")


def test_vt_erases_inserts_deletes_and_repeats(t):
    s = fed(
        "abcdef\x1b[1;3H\x1b[2P\x1b[1;1H\x1b[2@\x1b[2;1Hx\x1b[4b\x1b[2;2H\x1b[2X\x1b[3;1Hgone\x1b[3;1H\x1b[L\x1b[4;2H\x1b[1K"
    )
    t.equal([r.rstrip() for r in s.grid()], ["  abef", "x  xx", "", "  ne", ""], "rows")


def test_vt_writes_down_everything_that_is_not_text(t):
    cases = {
        "\x1b]0;hi\x07": "title",
        "\x1b]52;c;aGk=\x1b\\": "clipboard",
        "\x1b]4;1;rgb:00/00/00\x07": "palette",
        "\x1bPq#0\x1b\\": "DCS",
        "\x1b_x\x1b\\": "APC",
        "\x1b^x\x1b\\": "PM",
        "\x1bXx\x1b\\": "SOS",
        "\x1b[6n": "report",
        "\x1b[c": "report",
        "\x1b[?1049h": "mode",
        "\x1b[8;5;5t": "window",
        "\a": "bell",
        "\u009b31m": "c1",
        "\x1bc": "reset",
        "\x1b(0": "charset",
        "\x1b]8;;http://x\x1b\\": "hyperlink",
        "\x1b[>4;1m": "keyboard",
        "\x1b]777;notify;a;b\x07": "notify",
        "\x1b[2 q": "cursor-style",
        "\x01": "control",
    }
    for sent, kind in cases.items():
        t.equal(fed("a" + sent + "b").kinds(), {kind}, f"record of {sent!r}")
    for raw, kind in (
        (b"a\x9b31mb", "c1"),
        (b"a\xc3b", "invalid"),
        (b"a\xffb", "invalid"),
        (b"a\xed\xa0\x80b", "invalid"),
    ):
        t.equal(fed(raw).kinds(), {kind}, f"record of {raw!r}")


def test_vt_takes_input_in_any_pieces(t):
    sent = "é日\x1b]2;t\x1b\\\x1b[2;2Hx\x1b[?25l".encode()
    whole, pieces = fed(sent), Screen(20, 5)
    for byte in sent:
        pieces.feed(bytes([byte]))
    t.equal((pieces.grid(), pieces.record), (whole.grid(), whole.record), "screen and record")


def test_pty_records_size_keys_and_end(t):
    term = Pty(
        t,
        ["/bin/sh", "-c", "stty size; read x; printf '\\033]2;%s\\007got %s' title $x; exit 3"],
        90,
        30,
    )
    term.wait("30 90")
    term.send("word\r")
    term.wait("got word")
    term.wait_end(3)
    t.equal(term.screen.record, [("title", "2;title")], "record")


def test_tmux_drives_a_program(t):
    term = Tmux(t, ["/bin/sh", "-c", ECHO_LOOP], 70, 12)
    term.wait("12 70")
    term.type("a; b $HOME")
    term.keys("Enter")
    term.wait("got a; b $HOME")
    term.resize(60, 10)
    t.wait(lambda: term.size() == (60, 10), "the new size")
    term.type("end")
    term.keys("Enter")
    term.wait_end(3)
    t.true(re.search(r"got end", term.screen()), "the last screen stays")
