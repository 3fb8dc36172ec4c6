"""What is in the memory of a process, for tests that claim what is not."""

LARGEST = 256 << 20  # bytes of a part of memory; larger ones are a sanitizer's books


class Image:
    """All that a process may write to, as root sees it."""

    def __init__(self, pid):
        self.parts = []
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(
            f"/proc/{pid}/mem", "rb", buffering=0
        ) as mem:
            for line in maps:
                where, rights = line.split()[:2]
                start, end = (int(x, 16) for x in where.split("-"))
                if rights.startswith("rw") and end - start <= LARGEST:
                    self._read(mem, start, end)

    def _read(self, mem, start, end):
        mem.seek(start)
        try:
            self.parts.append(mem.read(end - start))
        except OSError:  # not memory
            pass

    def holds(self, text):
        """As bytes, or as the code points that a terminal library reads."""
        ways = (text.encode(), text.encode("utf-32-le"))
        return any(way in part for part in self.parts for way in ways)
