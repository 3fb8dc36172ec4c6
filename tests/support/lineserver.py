"""A server of a few lines for what real servers do not do: it answers each line by a function of the test."""

import socket
import threading


class LineServer:
    """Sends `greeting`, then answer(line) for each line; `lines` is everything that clients sent.
    answer returns bytes, or None to hang up."""

    def __init__(self, t, greeting, answer):
        self.lines = []
        self._greeting, self._answer = greeting, answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        t.at_end(self._listener.close)
        t.show_on_failure("what clients sent", lambda: "\n".join(repr(x) for x in self.lines))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                client.sendall(self._greeting)
                for line in client.makefile("rb"):
                    self.lines.append(line)
                    said = self._answer(line)
                    if said is None:
                        return
                    client.sendall(said)
            except OSError:
                return
