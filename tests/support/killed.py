"""Work that is killed at one commit after the other and has to end as if nothing had been."""
import signal
import subprocess


def start(t, home="data", **hooks):
    """crmail sync --once as a process that may be killed; hooks are the words of CRMAIL_TEST."""
    words = ",".join(f"{k}={v}" for k, v in hooks.items())
    return subprocess.Popen(
        [t.crmail_program, "--home", t.home(home), "sync", "--once"],
        env=t.environment(**({"CRMAIL_TEST": words} if words else {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def nth(number):
    """A claim that holds for the n-th unit it is asked about."""
    asked = []

    def is_it(_):
        asked.append(1)
        return len(asked) == number

    return is_it


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
