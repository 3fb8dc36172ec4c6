"""A clock for crmail that goes on by itself, ahead of the machine's by as much as the test wants."""
import threading
import time


class Later:
    def __init__(self, t, ahead=0):
        self._t, self._end = t, threading.Event()
        self.ahead = ahead
        self._write()
        self._thread = threading.Thread(target=self._run, daemon=True)
        t.at_end(self._stop)
        self._thread.start()

    def _write(self):
        self._file = self._t.write("later-clock", f"{int(time.time()) + self.ahead}\n")

    def _run(self):
        while not self._end.wait(0.2):
            self._write()

    def _stop(self):
        self._end.set()
        self._thread.join()

    @property
    def env(self):
        return {"CRMAIL_TEST": f"clock={self._file}"}
