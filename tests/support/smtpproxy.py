"""A submission server that breaks: it passes everything on to the real one and loses the line at a chosen moment.

    SmtpProxy(t, box, "before-data")    the connection breaks when the message is announced, once
    SmtpProxy(t, box, "after-dot")      the server has taken the message, its answer never arrives, once

TLS ends here, with the run's own certificate.  After the one break it only passes things on.
"""

import socket
import ssl
import threading

from . import certs

DOT = b"\r\n.\r\n"


class SmtpProxy:
    """Listens on `port`; `breaks` counts how often it broke a connection, `messages` what was handed over."""

    def __init__(self, t, box, when):
        self._target, self._box, self._when = box.submissions_port, box, when
        self.breaks = self.messages = 0
        folder = box.ca_file.rpartition("/")[0]
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
        self._listener = socket.create_server((certs.GOOD_HOST, 0))
        self.port = self._listener.getsockname()[1]
        t.at_end(self._listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            client = self._tls.wrap_socket(raw, server_side=True)
            plain = socket.create_connection((certs.GOOD_HOST, self._target), 20)
            server = self._box.tls().wrap_socket(plain, server_hostname=certs.GOOD_HOST)
        except OSError:
            raw.close()
            return
        with client, server:
            try:
                self._talk(client, server)
            except OSError:
                return

    def _talk(self, client, server):
        """One reply for each command, as SMTP without pipelining goes; DATA's body is one long command."""
        client.sendall(_reply(server))
        in_data = False
        for command in _commands(client, lambda: in_data):
            if in_data:
                self.messages += 1
            elif self._when == "before-data" and command[:4].upper() == b"DATA" and not self.breaks:
                self.breaks += 1
                return
            server.sendall(command)
            answer = _reply(server)
            if in_data and self._when == "after-dot" and not self.breaks:
                self.breaks += 1
                return
            in_data = command.upper().startswith(b"DATA") and answer.startswith(b"354")
            if command.upper().startswith(b"EHLO"):
                answer = _without_pipelining(answer)
            client.sendall(answer)


def _without_pipelining(answer):
    """EHLO's answer without what would let several commands come before one reply."""
    lines = [x for x in answer.splitlines() if b"PIPELINING" not in x and b"CHUNKING" not in x]
    return (
        b"".join(x[:3] + b"-" + x[4:] + b"\r\n" for x in lines[:-1])
        + lines[-1][:3]
        + b" "
        + lines[-1][4:]
        + b"\r\n"
    )


def _reply(server):
    """A whole reply, all its lines."""
    got = b""
    while True:
        piece = server.recv(65536)
        if not piece:
            raise OSError("the server left")
        got += piece
        last = got[:-2].rpartition(b"\r\n")[2]
        if got.endswith(b"\r\n") and last[3:4] in (b" ", b""):
            return got


def _commands(client, is_data):
    """Lines, or what follows DATA up to and with the dot."""
    got = b""
    while True:
        end = DOT if is_data() else b"\r\n"
        if got.startswith(b".\r\n") and is_data():
            end = b".\r\n"
        at = got.find(end)
        if at >= 0:
            yield got[: at + len(end)]
            got = got[at + len(end) :]
            continue
        piece = client.recv(65536)
        if not piece:
            return
        got += piece
