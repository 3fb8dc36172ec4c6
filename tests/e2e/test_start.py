"""How the program starts: with few libraries, and without making anything where somebody only asks."""
import os

LATE = ("libcrypto", "libssl", "libcurl", "libetpan", "libgnutls", "libkrb5", "libldap")
ASKING = (
    ("search", "word", "--json"),
    ("threads", "--json"),
    ("status", "--json"),
    ("outbox", "--json"),
    ("contact", "list", "--json"),
    ("partner", "list", "--json"),
    ("deal", "list", "--json"),
    ("account", "list"),
    ("crm", "list"),
    ("export", "contacts", "--csv"),
)


def test_start_loads_no_network_library(t):
    """They are loaded at their first use: what the dynamic linker lists is what every start pays for."""
    listed = t.run([t.crmail_program, "--version"], env={"LD_TRACE_LOADED_OBJECTS": "1"}).out
    t.true("libsqlite3" in listed, f"this is the list of libraries: {listed!r}")
    for name in LATE:
        t.true(name not in listed, f"{name} is not loaded at the start")


def test_asking_makes_no_folder(t):
    nowhere = os.path.join(t.home(), "not", "made")
    for args in ASKING:
        got = t.run([t.crmail_program, "--home", nowhere, *args], code=3)
        t.equal(got.out, "", f"what {args[0]} prints")
        t.true(f"There is no folder {nowhere}" in got.err, f"{args[0]} says why: {got.err!r}")
    t.equal(os.listdir(t.home()), [], "what was made beside it")
