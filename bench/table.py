"""table - what was measured, as one table: on the terminal, as markdown for bench/README.md, as JSON with
every sample, and as the result lines that the tests' tally counts.
"""
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess

from measure import SCALE, SOURCE

HEAD = ("what", "crmail", "peer", "ratio", "goal", "reached")
TIMES = ("s", "ms")
PEERS = ("neomutt", "mutt", "aerc", "isync", "notmuch", "dovecot-core")


def number(value):
    """Three digits that say something."""
    if value == 0:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(samples, unit):
    """The median and, of several, the least and the most."""
    values = [s * SCALE[unit] for s in samples]
    suffix = "" if unit == "count" else f" {unit}"
    middle = number(statistics.median(values))
    if len(values) == 1:
        return middle + suffix
    return f"{middle}{suffix} ({number(min(values))}-{number(max(values))})"


class Row:
    """One measure with its samples; without samples it failed."""

    def __init__(self, subject, measure, samples):
        self.subject, self.measure, self.samples = subject, measure, samples or {}
        self.ours = self.samples.get("crmail") or []
        self.theirs = self.samples.get(measure.peer) or []
        self.complete = bool(self.ours and (self.theirs or measure.peer is None))

    @property
    def figure(self):
        """What bound and goal limit: the ratio, or without a peer crmail's median as shown."""
        mine = statistics.median(self.ours)
        if self.measure.peer is None:
            return mine * SCALE[self.measure.unit]
        theirs = statistics.median(self.theirs)
        return mine / theirs if theirs else float("inf") if mine else 1.0

    @property
    def is_over(self):
        """Whether it is above its bound."""
        return self.complete and self.measure.bound is not None and self.figure > self.measure.bound

    @property
    def passed(self):
        """A time above its bound is told and fails nothing: the next run on a shared machine has another."""
        return self.complete and (self.measure.unit in TIMES or not self.is_over)

    @property
    def reached(self):
        if self.measure.goal is None:
            return "-"
        return "yes" if self.complete and self.figure <= self.measure.goal else "no"

    def cells(self):
        m = self.measure
        goal = "-" if m.goal is None else f"{number(m.goal)}{'' if m.peer or m.unit == 'count' else ' ' + m.unit}"
        if not self.complete:
            return m.what, "not measured", m.peer or "", "-", goal, "-" if m.goal is None else "no"
        peer = f"{m.peer} {spread(self.theirs, m.unit)}" if m.peer else "-"
        return m.what, spread(self.ours, m.unit), peer, number(self.figure) if m.peer else "-", goal, self.reached


def text(rows):
    """Lines for the terminal; what is above its bound says so."""
    cells = [HEAD] + [row.cells() for row in rows]
    notes = [""] + [f"  above its bound of {row.measure.bound}" if row.is_over else "" if row.complete else "  failed"
                    for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEAD))]
    return [("  ".join(cell.ljust(width) for cell, width in zip(line, widths)) + note).rstrip()
            for line, note in zip(cells, notes)]


def markdown_line(cells):
    return "| " + " | ".join(cells) + " |"


def markdown_head(names):
    return [markdown_line(names), "|" + "---|" * len(names)]


def about_line(about):
    """When, which commit, what machine, which versions."""
    machine = about["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (f"{about['date']}, commit {about['commit']}; {machine['processors']} processors, {machine['memory_mib']:,} MiB, "
            f"Linux {machine['kernel']} on {machine['architecture']}; {versions}.")


def markdown(rows, about):
    return [f"### {about['messages']:,} messages", "", about_line(about), "", *markdown_head(HEAD),
            *(markdown_line(row.cells()) for row in rows)]


def _output(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _memory():
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemTotal:"):
            return round(int(line.split()[1]) / 1024)
    return None


def circumstances(place):
    """What a figure means nothing without: when, which commit, which versions, what machine."""
    try:
        versions = {name: _output(["dpkg-query", "-W", "-f=${Version}", name]) for name in PEERS}
    except FileNotFoundError:
        versions = {}   # not a Debian: the table stands without them
    return {"date": datetime.date.today().isoformat(),
            "commit": _output(["git", "-C", str(SOURCE), "describe", "--always", "--dirty"]),
            "messages": place.messages, "runs": place.runs, "versions": {k: v for k, v in versions.items() if v},
            "machine": {"processors": os.cpu_count(), "memory_mib": _memory(), "kernel": platform.release().partition("-")[0],
                        "architecture": platform.machine()}}


def write_json(path, rows, about):
    measures = {f"{row.subject}/{row.measure.name}": {
        "what": row.measure.what, "unit": row.measure.unit, "peer": row.measure.peer, "bound": row.measure.bound,
        "goal": row.measure.goal, "samples": row.samples} for row in rows}
    pathlib.Path(path).write_text(json.dumps(about | {"measures": measures}, indent=1) + "\n", encoding="utf-8")


def write_results(path, rows, seconds):
    """seconds: how long each subject took; its first line carries them."""
    lines, left = [], dict(seconds)
    for row in rows:
        verdict = "ok" if row.passed else "not ok"
        lines.append(f"{verdict} {left.pop(row.subject, 0):.1f} bench/{row.measure.name}\n")
    pathlib.Path(path).write_text("".join(lines), encoding="utf-8")
