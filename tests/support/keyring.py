"""A desktop's keyring: gnome-keyring on a bus of its own, that a test can lock, stop and kill."""
import os
import shlex
import signal
import subprocess

from support.dbus import Bus, Refused

SERVICE = "org.freedesktop.secrets"
ROOT = "/org/freedesktop/secrets"
SECRETS = "org.freedesktop.Secret"
PASSWORD = "of the desktop"
PASSPHRASE = "correct horse battery"
# Nothing is started on demand: whether a keyring runs is the test's to say.
CONF = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow own="*"/>
<allow eavesdrop="true"/></policy></busconfig>
"""


class Keyring:
    """The bus, with a keyring that is open unless told otherwise."""

    def __init__(self, t, is_running=True):
        self.t = t
        # a socket's path has to be short, whatever the test's folder is
        self.dir = os.path.dirname(t.path("k", "x"))
        self.path = os.path.join(self.dir, "bus")
        self.env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.path}"}
        self.daemon = None
        conf = t.write("bus.conf", CONF.format(self.path))
        self.bus_daemon = self._start("dbus-daemon", f"--config-file={conf}", "--nofork")
        t.wait(self._has_bus, "a bus")
        if is_running:
            self.start()

    def _start(self, *argv):
        env = self.t.environment(**self.env, GSETTINGS_BACKEND="memory")
        log = self.t.open_log(argv[0])
        p = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=log, stderr=log, env=env)
        self.t.at_end(lambda: self._end(p))
        return p

    def _has_bus(self):
        try:
            Bus(self.path).close()
            return True
        except OSError:
            return False

    @staticmethod
    def _end(p):
        if p.poll() is None:
            p.kill()
        p.wait()

    def start(self):
        """As the desktop's login does it, which knows the password."""
        self.daemon = self._start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
        self.daemon.stdin.write(PASSWORD.encode())
        self.daemon.stdin.close()
        self.t.wait(self._is_ready, "an open keyring")

    def _ask(self, path, member, *args):
        bus = Bus(self.path)
        try:
            return bus.call(SERVICE, path, f"{SECRETS}.{member}", *args)
        finally:
            bus.close()

    def collection(self):
        return self._ask(ROOT, "Service.ReadAlias", "s", "default")

    def is_locked(self):
        return self._property(self.collection(), "Collection", "Locked")

    def _property(self, path, interface, name):
        bus = Bus(self.path)
        try:
            what = ("ss", f"{SECRETS}.{interface}", name)
            return bus.call(SERVICE, path, "org.freedesktop.DBus.Properties.Get", *what)
        finally:
            bus.close()

    def _is_ready(self):
        try:
            return self.collection() != "/" and not self.is_locked()
        except Refused:
            return False

    def lock(self, which=None):
        which = which or self.collection()
        self._ask(ROOT, "Service.Lock", "ao", [which])
        self.t.true(self._property(which, "Collection", "Locked"), "the keyring is locked")

    def _with_password(self, member, signature, what):
        """Without the question on a screen, by an interface that gnome-keyring has for its own tools."""
        guilt = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
        bus = Bus(self.path)
        try:
            _, session = bus.call(SERVICE, ROOT, f"{SECRETS}.Service.OpenSession", "sv", "plain", ("s", ""))
            secret = (session, b"", PASSWORD.encode(), "text/plain")
            return bus.call(SERVICE, ROOT, f"{guilt}.{member}", f"{signature}(oayays)", what, secret)
        finally:
            bus.close()

    def unlock(self, which=None):
        which = which or self.collection()
        self._with_password("UnlockWithMasterPassword", "o", which)
        self.t.true(not self._property(which, "Collection", "Locked"), "the keyring is open")

    def add_collection(self, label):
        """Another one beside that of the login; its path."""
        what = {f"{SECRETS}.Collection.Label": ("s", label)}
        return self._with_password("CreateWithMasterPassword", "a{sv}", what)

    def make_default(self, which):
        """Where new entries go; "/" = none is."""
        self._ask(ROOT, "Service.SetAlias", "so", "default", which)

    def mute_prompter(self):
        """A desktop that takes questions to the person, and never answers one."""
        bus = Bus(self.path)
        self.t.at_end(bus.close)
        bus.own("org.gnome.keyring.SystemPrompter")
        return bus

    def stand_still(self):
        """It answers nothing from here on."""
        self.daemon.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.daemon.send_signal(signal.SIGCONT)

    def die(self):
        self._end(self.daemon)

    def items(self):
        """Label and attributes of all that crmail keeps there, by label."""
        paths = self._ask(ROOT, "Service.SearchItems", "a{ss}", {"application": "crmail"})
        rows = [(self._property(p, "Item", "Label"), self._property(p, "Item", "Attributes")) for p in sum(paths, [])]
        return sorted(rows, key=lambda row: row[0])

    def values(self):
        """The secrets of all that crmail keeps there."""
        paths = sum(self._ask(ROOT, "Service.SearchItems", "a{ss}", {"application": "crmail"}), [])
        bus = Bus(self.path)
        try:
            _, session = bus.call(SERVICE, ROOT, f"{SECRETS}.Service.OpenSession", "sv", "plain", ("s", ""))
            found = bus.call(SERVICE, ROOT, f"{SECRETS}.Service.GetSecrets", "aoo", paths, session)
        finally:
            bus.close()
        return [bytes(secret[2]).decode() for secret in found.values()]


def crmail(t, keyring, *args, stdin=b"", code=0, env=None):
    """As in a desktop's session, where nobody is asked for a passphrase."""
    words = [t.crmail_program, "--home", t.home(), *args]
    return t.run(words, stdin=stdin, code=code, env={**keyring.env, **(env or {})})


def passphrase_words(t, *args):
    file = t.write("passphrase", PASSPHRASE + "\n")
    words = [t.crmail_program, "--home", t.home(), "--passphrase-fd", "3", *args]
    return ["sh", "-c", f"exec {shlex.join(words)} 3<{shlex.quote(file)}"]


def with_passphrase(t, keyring, *args, stdin=b"", code=0, env=None):
    return t.run(passphrase_words(t, *args), stdin=stdin, code=code, env={**keyring.env, **(env or {})})


def add_words(box, name="work"):
    """`account add` with a password that is to be saved."""
    args = box.account_args()
    at = args.index("--password-command")
    words = args[:at] + args[at + 2 :]
    return ["account", "add", name, *words, "--history", "all", "--password-fd", "0"]


def add(t, keyring, box):
    crmail(t, keyring, *add_words(box), stdin=box.password.encode() + b"\n")
