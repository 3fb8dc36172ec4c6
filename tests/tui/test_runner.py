"""The runner itself: what counts as a failure, and that nothing is left behind."""
import os
import subprocess
import sys

INNER = '''
import subprocess
from support.context import Skip
from support.discover import mark

def test_passes(t):
    t.equal(1, 1)

def test_fails(t):
    t.show_on_failure("a clue", lambda: "it was the butler")
    t.equal(1, 2, "the count")

def test_is_skipped(t):
    raise Skip("there is none")

def test_dies(t):
    import os
    os._exit(0)

@mark(timeout=1)
def test_hangs(t):
    import time
    while True:
        time.sleep(60)

def test_leaves_a_process(t):
    subprocess.Popen(["sleep", "600"], start_new_session=True)

@mark(tier="slow")
def test_slow(t):
    pass

@mark(tier="slow")
def test_the_second_time(t):
    import os
    been = os.path.join(os.path.dirname(__file__), "been")
    if not os.path.exists(been):
        open(been, "w").close()
        t.equal("once", "twice", "how often")
'''


def run_inner(t, *args):
    t.write("inner/e2e/test_inner.py", INNER)
    results = t.path("results.txt")
    done = subprocess.run(
        [
            sys.executable,
            os.path.join(os.environ["CRMAIL_SRCDIR"], "tests", "run"),
            "--tests",
            t.path("inner"),
            "--crmail",
            "/bin/true",
            "--results",
            results,
            *args,
        ],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    with open(results, encoding="utf-8") as f:
        verdicts = {
            line.split("::")[1].split()[0]: line.split(" ")[0] for line in f.read().splitlines()
        }
    return done, verdicts


def test_every_kind_of_failure_is_one(t):
    done, verdicts = run_inner(t)
    t.equal(
        verdicts,
        {
            "test_passes": "ok",
            "test_fails": "not",
            "test_is_skipped": "skip",
            "test_dies": "not",
            "test_hangs": "not",
            "test_leaves_a_process": "not",
        },
        "verdicts",
    )
    t.equal(
        (done.returncode, done.stdout.splitlines()[-1]),
        (1, "1 passed, 4 failed, 1 skipped"),
        "exit and last line",
    )
    for said in (
        "the count: got 1, wanted 2",
        "it was the butler",
        "did not end within 1 s",
        "1 processes were left running",
        "# there is none",
    ):
        t.true(said in done.stdout, f"{said!r} in:\n{done.stdout}")


def test_passing_run_exits_zero_and_nothing_found_does_not(t):
    t.equal(run_inner(t, "--only", "passes")[0].returncode, 0, "one that passes")
    t.equal(run_inner(t, "--only", "no such test")[0].returncode, 1, "none at all")
    t.equal(
        run_inner(t, "--tier", "slow", "--only", "slow")[1], {"test_slow": "ok"}, "the slow tier"
    )


def test_a_second_try_counts_and_is_said(t):
    done, verdicts = run_inner(t, "--tier", "slow", "--only", "second_time", "--second-try")
    t.equal((done.returncode, verdicts), (0, {"test_the_second_time": "ok"}), "the second try counts")
    for said in ("how often: got 'once', wanted 'twice'", "needed a second try: e2e/test_inner.py::test_the_second"):
        t.true(said in done.stdout, f"{said!r} in:\n{done.stdout}")
    done, verdicts = run_inner(t, "--only", "fails", "--second-try")
    t.equal((done.returncode, verdicts), (1, {"test_fails": "not"}), "failing twice is failing")
    done, _ = run_inner(t, "--second-try")
    t.equal(done.stdout.splitlines()[-1], "1 passed, 4 failed, 1 skipped", "four failures are no accident")
    t.true("tried again" not in done.stdout, "and are not tried again")
