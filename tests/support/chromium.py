"""Chromium without a screen, one for the whole run; each test has a profile of its own in it.

    chromium = t.chromium()
    t.crmail(..., env=chromium.env)             what crmail opens comes as a page
    page = chromium.page()                      the page that was opened last
    page.click("button[type=submit]")           as a person does, with the mouse
    page.wait("You are signed in")

It reaches nothing but this machine.  As root it needs --no-sandbox; it sees the run's own pages alone.
"""
import os
import shutil
import subprocess
import time

from .devtools import Devtools, Refused
from .ports import NotStarted

HERE = os.path.dirname(os.path.abspath(__file__))
START_S = 60
WAIT_S = 30
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's is small
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--disable-search-engine-choice-screen",
    "--password-store=basic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
    "about:blank",
)


def start(folder, keeper):
    """Starts it; returns what a test needs to know of it."""
    program = shutil.which("chromium")
    if not program:
        raise NotStarted("chromium is missing: Debian's package of that name is needed")
    home = f"{folder}/home"
    os.makedirs(home)
    with open(f"{folder}/log", "ab") as log:
        proc = subprocess.Popen(
            [program, f"--user-data-dir={folder}/profile", *ARGUMENTS],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **os.environ,
                "HOME": home,
                "XDG_CONFIG_HOME": home,
                "XDG_CACHE_HOME": home,
                "TMPDIR": folder,
            },
        )
    keeper.end_group_at_end(proc.pid)
    told = f"{folder}/profile/DevToolsActivePort"
    end = time.monotonic() + START_S
    while time.monotonic() < end and proc.poll() is None:
        try:
            with open(told, encoding="ascii") as f:
                port, path = f.read().split()
            return {"at": f"ws://127.0.0.1:{port}{path}", "log": f"{folder}/log"}
        except (OSError, ValueError):
            time.sleep(0.02)  # between two looks, up to the deadline: nothing tells when its address is written
    with open(f"{folder}/log", encoding="utf-8", errors="replace") as f:
        raise NotStarted(f"chromium did not come up: {f.read()[-2000:]}")


class Chromium:
    """A person's browser: cookies and pages of this test alone."""

    def __init__(self, t, pool):
        self._t, at = t, pool["at"]
        self.tools = Devtools(at)
        t.at_end(self.tools.close)
        self._profile = self.tools.call("Target.createBrowserContext")["browserContextId"]
        t.at_end(
            lambda: self.tools.call("Target.disposeBrowserContext", browserContextId=self._profile)
        )
        self.env = {
            "BROWSER": f"{HERE}/devtools.py",
            "CHROMIUM": at,
            "CHROMIUM_PROFILE": self._profile,
        }
        self._known = []  # targets of before
        t.show_on_failure("pages", self._story)

    def targets(self):
        """Ids of the pages that are open, oldest first as far as they are known."""
        infos = self.tools.call("Target.getTargets")["targetInfos"]
        ours = [
            i["targetId"]
            for i in infos
            if i["type"] == "page" and i.get("browserContextId") == self._profile
        ]
        self._known = [i for i in self._known if i in ours] + [
            i for i in ours if i not in self._known
        ]
        return self._known

    def page(self):
        """The page that has come since the last call."""
        before = list(self._known)

        def come():
            return [i for i in self.targets() if i not in before]

        return Page(self._t, self.tools, self._t.wait(come, "a page in Chromium", WAIT_S)[-1])

    def open(self, url):
        """What a person types into the address line of a new page."""
        target = self.tools.call(
            "Target.createTarget", url=url, browserContextId=self._profile
        )["targetId"]
        self.targets()
        return Page(self._t, self.tools, target)

    def _story(self):
        return "\n\n".join(Page(self._t, self.tools, i).story() for i in self.targets())


class Page:
    """One page, driven as a person does."""

    def __init__(self, t, tools, target):
        self._t, self._tools, self._target = t, tools, target
        self._session = tools.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]

    def _call(self, method, **params):
        return self._tools.call(method, self._session, **params)

    def ask(self, script):
        """The value of a script; None while the page changes under it."""
        try:
            said = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        except Refused:
            return None
        return said["result"].get("value")

    def text(self):
        """What can be read on it."""
        return self.ask("document.body.innerText") or ""

    def url(self):
        return self.ask("location.href") or ""

    def story(self):
        return f"{self.url().partition('?')[0]}\n{self.text()}"

    def wait(self, claim, seconds=WAIT_S):
        """Its text, once claim (a text, or a function of its text) holds."""
        holds = claim if callable(claim) else lambda text: claim in text
        seen = []

        def look():
            seen[:] = [self.text()]
            return holds(seen[0])

        self._t.wait(look, f"a page with {claim!r}", seconds)
        return seen[0]

    def _place(self, selector):
        """The middle of the element that a selector names, once it is to be seen and the page stands."""
        script = (
            "(() => { const e = document.readyState == 'complete' && document.querySelector(%r);"
            " if (!e) return null; e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const r = e.getBoundingClientRect();"
            " return r.width ? [r.x + r.width / 2, r.y + r.height / 2] : null })()"
        )
        return self._t.wait(
            lambda: self.ask(script % selector), f"{selector} in the page", WAIT_S
        )

    def click(self, selector):
        x, y = self._place(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def type(self, selector, text):
        """Clicks into a field and types."""
        self.click(selector)
        self._call("Input.insertText", text=text)

    def reload(self):
        self._call("Page.reload")

    def close(self):
        self._tools.call("Target.closeTarget", targetId=self._target)

    def look(self, size, dark=False):
        """From now on it is of that size, and the person prefers light pages or dark ones."""
        width, height = size
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self._call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
