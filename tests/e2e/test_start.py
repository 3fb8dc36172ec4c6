"""How the program starts: with few libraries."""
LATE = ("libcrypto", "libssl", "libcurl", "libetpan", "libgnutls", "libkrb5", "libldap")


def test_start_loads_no_network_library(t):
    """They are loaded at their first use: what the dynamic linker lists is what every start pays for."""
    listed = t.run([t.crmail_program, "--version"], env={"LD_TRACE_LOADED_OBJECTS": "1"}).out
    t.true("libsqlite3" in listed, f"this is the list of libraries: {listed!r}")
    for name in LATE:
        t.true(name not in listed, f"{name} is not loaded at the start")
