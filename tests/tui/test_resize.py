"""Random resizes with keys between end in the screen of a fresh start at that size."""
import os
import random

from support import minicorpus
from support.context import NoReply, Wrong
from support.discover import mark
from support.terminal import Tmux

CLOCK = minicorpus.END + 3600
LOOK_EVERY = 5
# What is pressed in between; g i g g leads back to the first screen from wherever it led.
MOVES = (
    ("j",),
    ("k",),
    ("G",),
    ("C-d",),
    ("C-u",),
    ("NPage",),
    ("PPage",),
    ("Down",),
    ("Up",),
    ("Enter",),
    ("J",),
    ("K",),
    ("g", "t"),
    ("g", "s"),
    ("?", "q"),
)
BACK = ("g", "i", "g", "g")


def mailbox(t):
    corpus = minicorpus.make(t.path("mini"), 11)
    t.crmail(
        "account",
        "add",
        "work",
        "--email",
        minicorpus.ME[1],
        "--maildir",
        corpus.maildir,
        "--sendmail",
        "cat",
        "--history",
        "all",
    )
    t.crmail("sync", "--once", "--json", seconds=120)


def start(t, width, height):
    env = {"CRMAIL_TEST": "clock=" + t.write("clock", str(CLOCK))}
    return Tmux(t, [t.crmail_program, "--home", t.home()], width, height, env)


def check_like_fresh(t, term, size):
    """Both programs end in the same screen.  What a difference looks like is shown."""
    other = start(t, *size)
    both = [None, None]

    def same():
        both[:] = term.screen(), other.screen()
        if both[0] == both[1] and "nbox" in both[0]:
            return True
        # A line about an earlier key stays until a key comes after it was shown.
        term.keys("g", "g")
        return False

    try:
        t.wait(same, f"the screen of a fresh start at {size}", 20)
    except NoReply as e:
        raise Wrong(f"{e}; after resizes:\n{both[0]}\nfresh:\n{both[1]}") from None
    other.close()


def sweep(t, rounds, seed):
    rng = random.Random(seed)
    mailbox(t)
    term = start(t, 120, 40)
    term.wait("nbox")
    for number in range(1, rounds + 1):
        size = (
            (rng.randint(1, 200), rng.randint(1, 50))
            if number % LOOK_EVERY
            else rng.choice(
                ((80, 24), (120, 40), (200, 50), (rng.randint(20, 200), rng.randint(5, 50)))
            )
        )
        term.resize(*size)
        if number % LOOK_EVERY:
            for move in rng.choices(MOVES, k=rng.randint(0, 3)):
                term.keys(*move)
            continue
        term.keys(*BACK)
        check_like_fresh(t, term, size)
    term.close()
    t.equal(term.errors(), "", "standard error")


@mark(timeout=300)
def test_random_resizes_end_in_the_screen_of_a_fresh_start(t):
    sweep(t, 100, 1)


@mark(tier="slow", timeout=1500)
def test_many_random_resizes(t):
    sweep(t, 500, int.from_bytes(os.urandom(4), "big"))


def test_smallest_screens_survive(t):
    """One cell and one row: nothing to see, but the program lives and recovers."""
    mailbox(t)
    term = start(t, 1, 1)
    for size in ((1, 1), (2, 1), (1, 50), (200, 1), (5, 3), (80, 24)):
        term.resize(*size)
        term.keys("j", "Enter", "g", "i")
    term.wait("Inbox")
    t.equal(term.status(), None, "it still runs")
