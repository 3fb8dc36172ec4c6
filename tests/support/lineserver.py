"""A server of a few lines for what real servers do not do: it answers each line by a function of the test."""

import socket
import threading


class LineServer:
    """Sends `greeting`, then answer(line) for each line; `lines` is everything that clients sent.
    answer returns bytes, or None to hang up.  `came` and `left` count connections and their ends."""

    def __init__(self, t, greeting, answer):
        self.lines = []
        self.came = self.left = 0
        self._clients = set()
        self._greeting, self._answer = greeting, answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        t.at_end(self.close)
        t.show_on_failure("what clients sent", lambda: "\n".join(repr(x) for x in self.lines))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Hangs up on everybody; whoever comes now is refused."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone leaves a running accept() be
        except OSError:
            pass  # it is closed
        self._listener.close()
        for client in list(self._clients):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it left by itself

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        self.came += 1
        self._clients.add(client)
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
            finally:
                self._clients.discard(client)
                self.left += 1
