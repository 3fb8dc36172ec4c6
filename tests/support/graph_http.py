"""The mailbox of graph_stub.py and its sign-in over HTTP."""
import http.server
import re
import urllib.parse

from .graph_item import Answer


class GraphHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner = None

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def _send(self, got):
        raw = got.raw()
        self.send_response(got.status)
        for name, value in got.headers.items():
            self.send_header(name, value)
        if raw:
            self.send_header("Content-Type", got.kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # several fields of one name are one list (RFC 9110 5.3)
        names = {k.lower() for k in self.headers}
        headers = {k: ", ".join(self.headers.get_all(k)) for k in names}
        parts = urllib.parse.urlsplit(self.path)
        login = re.fullmatch(r"/[^/]+/oauth2/v2\.0/(authorize|token|devicecode)", parts.path)
        if login:
            query = dict(urllib.parse.parse_qsl(parts.query))
            form = dict(urllib.parse.parse_qsl(body.decode()))
            got = self.owner.sign_in(login.group(1), query, form)
            self._send(Answer(302, None, {"Location": got}) if isinstance(got, str) else got)
            return
        if parts.path.startswith("/upload/"):
            self._send(self.owner.upload(parts.path.split("/")[2], headers, body))
            return
        self._serve_graph(headers, body)

    def _serve_graph(self, headers, body):
        stub = self.owner
        # OData lets the key stand in brackets too: mailFolders('ID')
        target = re.sub(r"/(mailFolders|messages)\('([^']*)'\)", r"/\1/\2", self.path)
        target = re.sub(r"/(mailFolders|messages)\(%27(.*?)%27\)", r"/\1/\2", target)
        try:
            if stub.enter():
                got = stub.answer(self.command, target, headers, body)
            else:
                got = Answer(
                    429,
                    {"error": {"code": "ApplicationThrottled", "message": "Application is over its MailboxConcurrency limit."}},
                    {"Retry-After": "1"},
                )
        finally:
            stub.leave()
        lost, then = stub.loses(self.command, target)
        if lost:
            if then:
                then()
            self.close_connection = True
            return
        self._send(got)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve
