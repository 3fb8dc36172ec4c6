"""mbsync as a witness: another program's view of whether a mailbox has changed."""
import os
import subprocess

CONF = """
IMAPAccount far
Host {host}
Port {port}
User {user}
PassCmd "cat {password}"
SSLType IMAPS
SystemCertificates no
CertificateFile {certificate}
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
Path {near}/
Inbox {near}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync All
SyncState *
"""


class Mbsync:
    """A Maildir that follows a mailbox."""

    def __init__(self, t, box):
        near = os.path.dirname(t.path("mbsync/near/x"))
        password = t.write("mbsync/password", box.password)
        self._t = t
        self._conf = t.write(
            "mbsync/rc",
            CONF.format(host=box.host, port=box.imaps_port, user=box.address, password=password,
                        certificate=os.path.join(os.path.dirname(box.ca_file), "server.pem"), near=near),
        )  # fmt: skip
        self.near = near

    def _files(self):
        """Every message file with its flags, which stand in its name."""
        found = (
            os.path.join(where, name) for where, _, names in os.walk(self.near) if where[-4:] in ("/cur", "/new")
            for name in names
        )  # fmt: skip
        return {os.path.relpath(path, self.near) for path in found}

    def sync(self):
        """What came, went or changed its flags."""
        before = self._files()
        done = subprocess.run(
            ["mbsync", "-c", self._conf, "-a"], capture_output=True, text=True, timeout=120, check=False,
            env=self._t.environment(),
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"mbsync ended with {done.returncode}: {done.stdout}{done.stderr}")
        return sorted(before ^ self._files())
