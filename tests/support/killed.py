"""Work that is killed at one commit after the other and has to end as if nothing had been."""
import signal


def at_commits(t, work, step):
    """Kills a run of `work` at every step-th crash point (CRMAIL_TEST=crash=N), each from the same beginning, until
    one ends by itself: work.run(crash=N) gives the exit status, work.finish(what) lets what is left be done and looks
    at it. How many points there were."""
    number = step
    while work.run(crash=number) == -signal.SIGKILL:
        work.finish(f"a kill at crash point {number}")
        number += step
    t.equal(work.process.returncode, 0, "the run that nothing disturbed")
    return number // step - 1
