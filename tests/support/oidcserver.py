"""An identity provider of the run's own (oidc.mjs), which Dovecot asks about tokens, and a browser that
signs in there without a screen (browser.py).

Node 20 or newer runs it: $CRMAIL_NODE, else `node`.  Its packages are in $CRMAIL_TEST_NPM, or fetched once
into the cache folder, pinned by npm/package-lock.json.
"""
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

from .ports import NotStarted, start_with_ports, wait_listening

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = f"{HERE}/browser.py"
PACKAGES = ("oidc-provider", "@inbox-zero/emulate", "@microsoft/microsoft-graph-client")


def missing(where):
    return [p for p in PACKAGES if not os.path.isdir(f"{where}/node_modules/{p}")]


def packages(cache):
    """The folder node_modules with what npm/package.json names."""
    given = os.environ.get("CRMAIL_TEST_NPM")
    where = given or f"{cache}/npm-servers"
    if missing(where):
        if given or not shutil.which("npm"):
            raise NotStarted(f"{missing(where)[0]} is missing: ./quickstart test installs it with npm")
        os.makedirs(where, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(f"{HERE}/npm/{name}", where)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", where],
            capture_output=True,
            timeout=180,
            check=False,
        )
    if missing(where):
        raise NotStarted(f"npm did not fetch {missing(where)[0]}")
    return f"{where}/node_modules"


def start(folder, keeper, cache):
    """Starts the provider; returns what tests and Dovecot need to know of it."""
    modules = packages(cache)
    node = os.environ.get("CRMAIL_NODE") or shutil.which("node")
    os.makedirs(folder, mode=0o755)

    def attempt(port):
        with open(f"{folder}/log", "ab") as log, open(f"{folder}/errors", "ab") as errors:
            proc = subprocess.Popen(
                [node, f"{HERE}/oidc.mjs", modules, str(port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=errors,
                start_new_session=True,
            )
        keeper.end_group_at_end(proc.pid)
        wait_listening(port, lambda: proc.poll() is None)
        return {
            "url": f"http://127.0.0.1:{port}",
            "log": f"{folder}/log",
            "host": f"127.0.0.1:{port}",
            "node": node,
            "modules": modules,
        }

    return start_with_ports(1, attempt)


class SignIn:
    """The provider, as one test sees it."""

    def __init__(self, t, pool):
        self._t, self.pool = t, pool
        self.url = pool["url"]

    def configure(self, name="office", client="crmail-test", **more):
        """Makes it known to the test's crmail as a provider of that name."""
        words = {
            "title": "Office",
            "authorize": f"{self.url}/auth",
            "token": f"{self.url}/token",
            "revoke": f"{self.url}/token/revocation",
            "userinfo": f"{self.url}/me",
            "device": f"{self.url}/device/auth",
            "issuer": self.url,
            "redirect": "http://127.0.0.1/callback",
            "scope": "openid offline_access email mail",
            "client_id": client,
            "parameters": {"prompt": "consent"},
            **more,
        }
        self._t.write(f"data/oauth/{name}.json", json.dumps(words))

    def browser(self, who, action="approve"):
        """The environment of a crmail whose browser signs in as `who`; page() is what it ended at."""
        self._page = self._t.path("page")
        return {
            "BROWSER": BROWSER,
            "SIGN_IN_AS": who,
            "SIGN_IN_ACTION": action,
            "SIGN_IN_PAGE": self._page,
            "SIGN_IN_PYTHON": sys.executable,
        }

    def page(self):
        """The text of the page that the browser ended at, once it has."""
        self._t.wait(lambda: os.path.exists(self._page), "the browser's last page")
        with open(self._page, encoding="utf-8") as f:
            return f.read()

    def _tell(self, what, who):
        with urllib.request.urlopen(f"{self.url}/{what}?{urllib.parse.urlencode({'who': who})}") as r:
            r.read()

    def take_back(self, who):
        """The person, or an administrator, ends what was granted."""
        self._tell("take-back", who)

    def expire(self, who):
        """Access tokens are void before their time, as after a change of password."""
        self._tell("expire", who)

    def events(self, who, what="granted", grant=None):
        """What the provider did for somebody, oldest first."""
        with open(self.pool["log"], encoding="utf-8") as f:
            all_of_it = [json.loads(line) for line in f if line.startswith("{") and line.endswith("\n")]
        return [
            e
            for e in all_of_it
            if e.get("who") == who and e["what"] == what and (not grant or e["grant"] == grant)
        ]
