"""Microsoft's own client for Graph is content with the stub that crmail is tested against."""
import hashlib
import json
import subprocess

from support import oidcserver
from support.graph_stub import GraphStub
from support.letters import letter

NEEDS = ("oidc",)  # for its folder of npm packages
TIMEOUT = 60


def test_microsofts_client_reads_changes_batches_and_uploads(t):
    stub = GraphStub()
    t.at_end(stub.stop)
    ids = [
        stub.deliver(letter("a@elsewhere.test", stub.address, f"note {n}", "x\n", f"<n{n}@elsewhere.test>").as_bytes())
        for n in range(30)
    ]
    raw = letter(stub.address, "laura@partner.test", "draft", "Dear Laura\n", "<d@contoso.test>")
    draft = stub.deliver(raw.as_bytes(), folder="drafts")
    stub.messages[draft].is_draft = True
    pool = t.sign_in().pool
    words = [pool["node"], f"{oidcserver.HERE}/graph_client.mjs", pool["modules"]]
    log = t.open_log("client.log")
    proc = subprocess.Popen(
        [*words, stub.host, stub.token(), stub.id_of("inbox"), draft],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    t.at_end(proc.kill)
    first = json.loads(proc.stdout.readline() or "{}")
    t.equal(sorted(first["first"]["ids"]), sorted(ids), "messages of the first round")
    t.true("$deltatoken=" in first["first"]["delta"] and first["first"]["complete"], "its delta link")
    want = [stub.messages[i].head["Subject"] for i in first["first"]["ids"][:5]]
    t.equal(first["batch"], {"subjects": want, "none": 404, "count": 6}, "the batch")
    files = [(p.get_filename(), hashlib.sha256(p.get_payload(decode=True)).digest()) for p in stub.parts(draft)]
    sent = hashlib.sha256(bytes(n % 251 for n in range(4_000_000))).digest()
    t.equal(files, [("large.bin", sent)], "the file that was attached")
    stub.change(ids[3], is_read=True)
    stub.remove(ids[4])
    proc.stdin.write("\n")
    proc.stdin.flush()
    second = json.loads(proc.stdout.readline() or "{}")["second"]
    t.equal(sorted(second["ids"]), sorted([ids[3], "-" + ids[4]]), "messages of the second round")
    t.equal(proc.wait(20), 0, "how the client ended")
    t.true(stub.most_at_once <= 4, "requests at a time")
