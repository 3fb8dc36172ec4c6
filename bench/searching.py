"""searching - from the command line: crmail search beside notmuch search, whole processes."""
import json

import corpus
from measure import Measure, cost, require

MEASURES = [
    # At 2,000 messages this is mostly the start of the program.
    Measure("search_rare", "a rare word, processor", "ms", "notmuch", bound=4.0, goal=0.1),
    Measure("search_common", "a common word, first 50, processor", "ms", "notmuch", bound=2.0, goal=0.1),
]


def _found(wanted):
    """A check of crmail's answer: exactly so many hits, or with None at least one."""
    def check(out):
        total = json.loads(out)["total"]
        if total < 1 or (wanted and total != wanted):
            raise ValueError(f"the search found {total}, not {wanted or 'any'}")
    return check


def _threads(out):
    if not json.loads(out):
        raise ValueError("notmuch found nothing")


def run(place):
    require("notmuch")
    program, out = place.program(place.home), {}
    for name, word, wanted in (("search_rare", corpus.RARE, corpus.RARE_COUNT), ("search_common", corpus.COMMON, None)):
        ours, theirs = [], []
        for number in range(place.runs + 1):    # the first only warms caches
            mine = cost([*program, "search", word, "--json", "--limit", "50"], place.env, _found(wanted))
            other = cost(["notmuch", "search", "--format=json", "--limit=50", word], place.notmuch, _threads)
            if number:
                ours.append(mine.cpu)
                theirs.append(other.cpu)
        out[name] = {"crmail": ours, "notmuch": theirs}
    return out
