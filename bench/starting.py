"""starting - what it costs to start at all: --version of crmail and of its peers, whole processes."""
from measure import Measure, cost, require

BATCH = 10  # starts in one sample: one takes too little to be counted alone
PEERS = (("mutt", ["mutt", "-v"]), ("neomutt", ["neomutt", "-v"]), ("notmuch", ["notmuch", "--version"]))

MEASURES = [Measure(f"start_{peer}", "crmail --version, processor", "ms", peer, bound=2.0, goal=1.0) for peer, _ in PEERS]


def _names(word):
    def check(out):
        if word not in out.lower():
            raise ValueError(f"this is no version of {word.decode()}")
    return check


def _start(command, env, word):
    return sum(cost(command, env, _names(word)).cpu for _ in range(BATCH)) / BATCH


def run(place):
    require("mutt", "neomutt", "notmuch")
    ours, out = [*place.program(place.home), "--version"], {}
    for peer, command in PEERS:
        mine, theirs = [], []
        for number in range(place.runs + 1):    # the first only warms caches
            samples = _start(ours, place.env, b"crmail"), _start(command, place.env, peer.encode())
            if number:
                mine.append(samples[0])
                theirs.append(samples[1])
        out[f"start_{peer}"] = {"crmail": mine, peer: theirs}
    return out
