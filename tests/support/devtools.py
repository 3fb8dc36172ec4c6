#!/usr/bin/python3
"""A running Chromium, spoken to by its DevTools protocol; as a program, a $BROWSER: devtools.py URL opens a
page in the profile $CHROMIUM_PROFILE of the Chromium that listens at $CHROMIUM.

One connection, one question at a time: whoever waits for something asks until it is so.
"""
import base64
import json
import os
import socket
import struct
import sys
import urllib.parse

ANSWER_S = 30
TEXT, CLOSE = 1, 8


class Refused(Exception):
    """Chromium answered with an error."""


class WebSocket:
    """As much of RFC 6455 as DevTools speaks: whole texts, nothing on the way but them."""

    def __init__(self, url):
        where = urllib.parse.urlsplit(url)
        self._sock = socket.create_connection((where.hostname, where.port), ANSWER_S)
        self._got = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self._sock.sendall(
            f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._got:
            self._more()
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise Refused(head.decode(errors="replace"))

    def _more(self):
        piece = self._sock.recv(65536)
        if not piece:
            raise ConnectionError("Chromium has gone")
        self._got += piece

    def _take(self, length):
        while len(self._got) < length:
            self._more()
        taken, self._got = self._got[:length], self._got[length:]
        return taken

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        length = len(data)
        if length < 126:
            head = bytes([0x80 | TEXT, 0x80 | length])
        elif length < 65536:
            head = bytes([0x80 | TEXT, 0x80 | 126]) + struct.pack(">H", length)
        else:
            head = bytes([0x80 | TEXT, 0x80 | 127]) + struct.pack(">Q", length)
        self._sock.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        text = b""
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self._take(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._take(8))
            data = self._take(length)
            if first & 0xF == CLOSE:
                raise ConnectionError("Chromium has gone")
            text += data
            if first & 0x80:
                return text.decode()

    def close(self):
        self._sock.close()


class Devtools:
    """The browser, and each page of it that was attached to (session)."""

    def __init__(self, url):
        self._line = WebSocket(url)
        self._number = 0

    def call(self, method, session=None, **params):
        """The answer; Refused where it is an error."""
        self._number += 1
        order = {"id": self._number, "method": method, "params": params}
        self._line.send(json.dumps(order | ({"sessionId": session} if session else {})))
        while True:
            said = json.loads(self._line.receive())
            if said.get("id") != self._number:
                continue  # an event, or what a page said before it went
            if "error" in said:
                raise Refused(f"{method}: {said['error']['message']}")
            return said["result"]

    def close(self):
        self._line.close()


def main():
    browser = Devtools(os.environ["CHROMIUM"])
    browser.call(
        "Target.createTarget", url=sys.argv[1], browserContextId=os.environ["CHROMIUM_PROFILE"]
    )
    browser.close()


if __name__ == "__main__":
    main()
