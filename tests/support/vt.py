"""A terminal emulator for tests: renders what a program sends, and writes down everything it asked for.

Screen.feed(bytes) takes the program's output.  grid() is what a person sees.  `record` is the list of
everything that is not text or cursor motion: titles, clipboard, palette, modes, reports, OSC, DCS and
other strings, C1 bytes, bells, character sets, sequences not known here.  Widths are the C library's,
as the program's own.
"""
import ctypes
import functools
import locale

ESC = 0x1B
# Final bytes of control sequences that only move, erase, scroll or colour.
HARMLESS_CSI = set("ABCDEFGHIJKLMPSTXZ@`abdefgmrs")
STRING_KINDS = {"P": "DCS", "]": "OSC", "^": "PM", "_": "APC", "X": "SOS"}
OSC_KINDS = {
    "0": "title",
    "1": "title",
    "2": "title",
    "4": "palette",
    "5": "palette",
    "7": "directory",
    "8": "hyperlink",
    "9": "notify",
    "10": "palette",
    "11": "palette",
    "12": "palette",
    "17": "palette",
    "52": "clipboard",
    "104": "palette",
    "110": "palette",
    "111": "palette",
    "112": "palette",
    "777": "notify",
    "1337": "iterm",
}
MAX_STRING = 1 << 20

_libc = ctypes.CDLL(None)
_libc.wcwidth.argtypes = [ctypes.c_wchar]


@functools.lru_cache(maxsize=None)
def cell_width(ch):
    """Cells that a character takes: 0, 1 or 2; -1 for a control character."""
    if locale.setlocale(locale.LC_CTYPE) == "C":
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    return _libc.wcwidth(ch)


class Screen:
    """A grid of cells with a cursor.  A wide character's second cell holds ""."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.record = []
        self._state, self._string, self._string_kind, self._params = self._ground, "", "", ""
        self._utf8 = b""
        self.reset()

    def reset(self):
        self.cells = [[" "] * self.width for _ in range(self.height)]
        self.links = [[""] * self.width for _ in range(self.height)]
        self._link = ""
        self.row = self.col = 0
        self.top, self.bottom = 0, self.height - 1
        self._wrap_next = False
        self._saved = (0, 0)
        self._last = " "

    def resize(self, width, height):
        """A new size, cleared: programs redraw on SIGWINCH."""
        self.width, self.height = width, height
        self.reset()

    # ---- what a test asks

    def grid(self):
        """The rows as strings, each of exactly `width` cells."""
        return ["".join(row) for row in self.cells]

    def text(self):
        return "\n".join(row.rstrip() for row in self.grid())

    def linked(self):
        """{URL: the text that leads there}, of all hyperlinks on the screen."""
        found = {}
        for texts, urls in zip(self.cells, self.links):
            for text, url in zip(texts, urls):
                if url:
                    found[url] = found.get(url, "") + text
        return found

    def kinds(self):
        """The record without its details, as a set of kinds."""
        return {kind for kind, _ in self.record}

    def row_widths(self):
        """How many cells each row's characters take together."""
        return [sum(max(0, cell_width(ch)) for text in row for ch in text) for row in self.cells]

    # ---- input

    def feed(self, data):
        for byte in data:
            self._byte(byte)

    def note(self, kind, detail):
        self.record.append((kind, detail))

    def _byte(self, byte):
        if self._utf8:
            if byte & 0xC0 == 0x80:
                self._utf8 += bytes([byte])
                need = 2 if self._utf8[0] < 0xE0 else 3 if self._utf8[0] < 0xF0 else 4
                if len(self._utf8) == need:
                    raw, self._utf8 = self._utf8, b""
                    try:
                        self._state(raw.decode())
                    except UnicodeDecodeError:
                        self.note("invalid", raw.hex())
                return
            self.note("invalid", self._utf8.hex())
            self._utf8 = b""
        if byte < 0x80:
            self._state(chr(byte))
        elif 0xC2 <= byte <= 0xF4:
            self._utf8 = bytes([byte])
        elif byte < 0xA0:
            self.note("c1", f"raw {byte:02x}")
        else:
            self.note("invalid", f"{byte:02x}")

    # ---- the states: each takes one character

    def _ground(self, ch):
        code = ord(ch)
        if code == ESC:
            self._state = self._escape
        elif code < 0x20 or code == 0x7F:
            self._control(ch)
        elif 0x80 <= code < 0xA0:
            self.note("c1", f"U+{code:04X}")
        else:
            self._put(ch)

    def _control(self, ch):
        self._wrap_next = False if ch in "\r\n\b\t" else self._wrap_next
        if ch == "\r":
            self.col = 0
        elif ch in "\n\v\f":
            self._line_feed()
        elif ch == "\b":
            self.col = max(0, self.col - 1)
        elif ch == "\t":
            self.col = min(self.width - 1, (self.col // 8 + 1) * 8)
        elif ch == "\a":
            self.note("bell", "")
        elif ch not in "\0\x0e\x0f":
            self.note("control", f"{ord(ch):02x}")
        elif ch != "\0":
            self.note("charset", f"{ord(ch):02x}")

    def _escape(self, ch):
        self._params = ""
        self._state = self._ground
        if ch == "[":
            self._state = self._csi
        elif ch in STRING_KINDS:
            self._string, self._string_kind, self._state = "", STRING_KINDS[ch], self._in_string
        elif ch in "()*+-./ #%":
            self._params, self._state = ch, self._charset
        elif ch == "7":
            self._saved = (self.row, self.col)
        elif ch == "8":
            self.row, self.col = self._saved
        elif ch == "M":
            self._reverse_line_feed()
        elif ch == "D":
            self._line_feed()
        elif ch == "E":
            self.col = 0
            self._line_feed()
        elif ch in "=>":
            self.note("mode", f"ESC {ch}")
        elif ch == "\\":
            pass
        else:
            self.note("reset" if ch == "c" else "unknown", f"ESC {ch!r}")

    def _charset(self, ch):
        self._state = self._ground
        self.note("charset", self._params + ch)

    def _in_string(self, ch):
        if ch == "\x07" and self._string_kind == "OSC":
            self._end_string()
        elif ch == "\x1b":
            self._state = self._string_escape
        elif ch in "\x18\x1a" or len(self._string) > MAX_STRING:
            self._end_string()
        else:
            self._string += ch

    def _string_escape(self, ch):
        self._end_string()
        if ch != "\\":
            self._escape(ch)

    def _end_string(self):
        self._state = self._ground
        number = self._string.partition(";")[0]
        kind = OSC_KINDS.get(number, "OSC") if self._string_kind == "OSC" else self._string_kind
        self.note(kind, self._string)
        if kind == "hyperlink":
            self._link = self._string.split(";", 2)[2]

    def _csi(self, ch):
        if ch == "\x1b":
            self._state = self._escape
        elif ord(ch) < 0x20:
            self._control(ch)
        elif ch in "\x7f":
            pass
        elif "\x40" <= ch <= "\x7e":
            self._state = self._ground
            self._run_csi(ch)
        else:
            self._params += ch

    # ---- control sequences

    def _numbers(self):
        return [int(p) if p.isdigit() else 0 for p in self._params.replace(":", ";").split(";")]

    def _run_csi(self, final):
        marks = [c for c in self._params if not (c.isdigit() or c in ";:")]
        if marks or final not in HARMLESS_CSI:
            kind = {
                "h": "mode",
                "l": "mode",
                "c": "report",
                "n": "report",
                "t": "window",
                "u": "keyboard",
                "p": "mode",
                "q": "cursor-style",
                "m": "keyboard",
            }.get(final, "unknown")
            self.note(kind, f"CSI {self._params}{final}")
            return
        n = self._numbers()
        first = max(1, n[0])
        if final not in "mb":
            self._wrap_next = False
        self._move(final, n, first) or self._edit(final, n, first)

    def _move(self, final, n, first):
        if final in "Hf":
            self.row = min(max(1, n[0]), self.height) - 1
            self.col = min(max(1, n[1] if len(n) > 1 else 1), self.width) - 1
        elif final in "Ae":
            self.row = (
                max(0, self.row - first) if final == "A" else min(self.height - 1, self.row + first)
            )
        elif final == "B":
            self.row = min(self.height - 1, self.row + first)
        elif final in "Ca":
            self.col = min(self.width - 1, self.col + first)
        elif final == "D":
            self.col = max(0, self.col - first)
        elif final in "EF":
            self.row = (
                min(self.height - 1, self.row + first) if final == "E" else max(0, self.row - first)
            )
            self.col = 0
        elif final in "G`":
            self.col = min(first, self.width) - 1
        elif final == "d":
            self.row = min(first, self.height) - 1
        elif final == "I":
            self.col = min(self.width - 1, (self.col // 8 + first) * 8)
        elif final == "Z":
            self.col = max(0, ((self.col - 1) // 8 - first + 1) * 8)
        elif final == "r":
            self.top = max(1, n[0]) - 1
            self.bottom = min(n[1] if len(n) > 1 and n[1] else self.height, self.height) - 1
            self.row = self.col = 0
        elif final == "s":
            self._saved = (self.row, self.col)
        else:
            return False
        return True

    def _edit(self, final, n, first):
        if final == "J":
            self._erase_rows(n[0])
        elif final == "K":
            self._erase_line(n[0])
        elif final == "X":
            self._blank(self.row, self.col, min(self.width, self.col + first))
        elif final == "P":
            for row, blank in ((self.cells[self.row], " "), (self.links[self.row], "")):
                del row[self.col : self.col + first]
                row += [blank] * (self.width - len(row))
        elif final == "@":
            for row, blank in ((self.cells[self.row], " "), (self.links[self.row], "")):
                row[self.col : self.col] = [blank] * first
                del row[self.width :]
        elif final in "LM":
            if self.top <= self.row <= self.bottom:
                self._scroll(self.row, self.bottom, -first if final == "L" else first)
        elif final in "ST":
            self._scroll(self.top, self.bottom, first if final == "S" else -first)
        elif final == "b":
            for _ in range(min(first, self.width * self.height)):
                self._put(self._last)
        elif final == "g":
            self.note("tabs", f"CSI {self._params}g")

    def _erase_rows(self, how):
        self._erase_line(how if how < 3 else 2)
        rows = (
            range(self.row + 1, self.height)
            if how == 0
            else range(self.row)
            if how == 1
            else range(self.height)
        )
        for row in rows:
            self._blank(row, 0, self.width)

    def _erase_line(self, how):
        begin, end = {0: (self.col, self.width), 1: (0, self.col + 1)}.get(how, (0, self.width))
        self._blank(self.row, begin, end)

    def _blank(self, row, begin, end):
        line = self.cells[row]
        if begin < self.width and line[begin] == "" and begin:
            line[begin - 1] = " "
        if end < self.width and line[end] == "":
            line[end] = " "
        line[begin:end] = [" "] * (end - begin)
        self.links[row][begin:end] = [""] * (end - begin)

    def _scroll(self, top, bottom, by):
        for _ in range(min(abs(by), bottom - top + 1)):
            for rows, blank in ((self.cells, " "), (self.links, "")):
                del rows[top if by > 0 else bottom]
                rows.insert(bottom if by > 0 else top, [blank] * self.width)

    def _line_feed(self):
        if self.row == self.bottom:
            self._scroll(self.top, self.bottom, 1)
        else:
            self.row = min(self.height - 1, self.row + 1)

    def _reverse_line_feed(self):
        if self.row == self.top:
            self._scroll(self.top, self.bottom, -1)
        else:
            self.row = max(0, self.row - 1)

    def _put(self, ch):
        width = cell_width(ch)
        if width < 0:
            self.note("control", f"U+{ord(ch):04X}")
            return
        if width == 0:
            self._combine(ch)
            return
        if self._wrap_next or self.col + width > self.width:
            self.note("wrap", f"row {self.row}")
            self.col = 0
            self._line_feed()
        self._blank(self.row, self.col, min(self.width, self.col + width))
        self.cells[self.row][self.col] = ch
        self.links[self.row][self.col : self.col + width] = [self._link] * width
        if width == 2 and self.col + 1 < self.width:
            self.cells[self.row][self.col + 1] = ""
        self._last = ch
        self._wrap_next = self.col + width >= self.width
        self.col = min(self.width - 1, self.col + width)

    def _combine(self, ch):
        """A mark joins the character before the cursor."""
        col = self.col if self._wrap_next else self.col - 1
        while col > 0 and self.cells[self.row][col] == "":
            col -= 1
        if col >= 0:
            self.cells[self.row][col] += ch
