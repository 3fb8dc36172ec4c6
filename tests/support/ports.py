"""Free loopback ports, and waiting until something listens.  A port found free may be taken by the
time it is used: whoever starts a server tries again with others (start_with_ports)."""
import socket
import time


class NotStarted(Exception):
    """A server did not come up; another try with other ports may help."""


def free_ports(n, host="127.0.0.1"):
    """n different ports that were free a moment ago."""
    socks = [socket.socket() for _ in range(n)]
    try:
        for s in socks:
            s.bind((host, 0))
        return [s.getsockname()[1] for s in socks]
    finally:
        for s in socks:
            s.close()


def wait_listening(port, alive=lambda: True, host="127.0.0.1", seconds=20):
    """Returns when host:port accepts; NotStarted when the deadline passes or alive() says no."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            if not alive():
                break
            time.sleep(0.02)
    raise NotStarted(f"nothing listens on {host}:{port}")


def start_with_ports(n, start, tries=4):
    """start(*ports) until it no longer raises NotStarted."""
    for left in reversed(range(tries)):
        try:
            return start(*free_ports(n))
        except NotStarted:
            if not left:
                raise
