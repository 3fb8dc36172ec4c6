"""Where somebody else's emulator of Graph has a call, our stub answers it alike and ends in the same state."""
import datetime
import json
import subprocess

from support import graph_script, oidcserver
from support.graph_stub import GraphStub
from support.letters import letter
from support.ports import start_with_ports, wait_listening

NEEDS = ("oidc",)  # for its folder of npm packages
TIMEOUT = 60
NAMES = ("one", "two", "three", "four", "five")
ADDRESS = "anna@contoso.test"


def received(number):
    return datetime.datetime(2026, 11, 20, 10 + number, tzinfo=datetime.timezone.utc)


def sender(number):
    return f"w{number}@elsewhere.test"


def stub_line(t):
    stub = GraphStub(ADDRESS)
    t.at_end(stub.stop)
    for number, name in enumerate(NAMES):
        raw = letter(sender(number), ADDRESS, graph_script.OURS + name, "x\n", f"<{name}@elsewhere.test>")
        stub.deliver(raw.as_bytes(), received=received(number))
    return graph_script.Line(stub.url, stub.token())


def emulator_line(t):
    messages = [
        {
            "id": f"m-{name}",
            "user_email": ADDRESS,
            "subject": graph_script.OURS + name,
            "body_content": "x",
            "body_content_type": "text",
            "from": {"name": "Writer", "address": sender(number)},
            "to_recipients": [{"address": ADDRESS}],
            "received_date_time": received(number).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "is_read": False,
            "is_draft": False,
            "parent_folder_id": "inbox",
        }
        for number, name in enumerate(NAMES)
    ]
    seed = {
        "tokens": {"emulated": {"login": ADDRESS}},
        "microsoft": {"users": [{"email": ADDRESS, "name": "Anna"}], "messages": messages},
    }
    file = t.write("seed.json", json.dumps(seed))
    pool = t.sign_in().pool
    log = t.open_log("emulator.log")

    def attempt(port):
        words = [pool["node"], f"{oidcserver.HERE}/emulator.mjs", pool["modules"], "microsoft", str(port), file]
        proc = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        t.at_end(proc.wait)
        t.at_end(proc.kill)
        wait_listening(port, lambda: proc.poll() is None)
        return port

    return graph_script.Line(f"http://127.0.0.1:{start_with_ports(1, attempt)}", "emulated")


def test_the_same_script_ends_in_the_same_state(t):
    saw, left = graph_script.run(stub_line(t))
    saw_there, left_there = graph_script.run(emulator_line(t))
    t.equal(len(left), 6, "messages in the end")
    for what, value in saw.items():
        t.equal(value, saw_there[what], f"{what}: the stub, and the emulator")
    t.equal(left, left_there, "the end at the stub, and at the emulator")
