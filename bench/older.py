"""older - the database of a data folder as an older crmail would have left it, to measure upgrading it:
the schema files up to a version, and the rows of every table and column that there were then.
"""
import contextlib
import re
import shutil
import sqlite3

from measure import SOURCE

SCHEMA = SOURCE / "src" / "store" / "schema"


def _files(prefix):
    return sorted(p for p in SCHEMA.glob("*.sql") if re.match(prefix + r"\d{3}-", p.name))


def latest():
    return int(_files("")[-1].name[:3])


def _names(db, sql, *values):
    return [row[0] for row in db.execute(sql, values)]


def _columns(db, schema, table):
    """Those that can be written, in order; generated ones are not."""
    return _names(db, "SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden = 0", table, schema)


def _copy_rows(db):
    """From the attached database `now`, without what triggers would do a second time."""
    triggers = db.execute("SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for table in _names(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        kept = [c for c in _columns(db, "main", table) if c in _columns(db, "now", table)]
        names = ", ".join(kept)
        db.execute(f"INSERT OR REPLACE INTO main.{table} ({names}) SELECT {names} FROM now.{table}")
    for _, sql in triggers:
        db.execute(sql)


def _empty_cache(home, copy):
    """One that belongs to the database: what is measured is the database alone."""
    with contextlib.closing(sqlite3.connect(home / "cache.db")) as db:
        number, version = (db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("application_id", "user_version"))
    with contextlib.closing(sqlite3.connect(copy / "cache.db")) as db:
        for path in _files("cache-"):
            db.executescript(path.read_text(encoding="utf-8"))
        db.executescript(f"PRAGMA application_id={number}; PRAGMA user_version={version}")


def make(home, copy, version):
    """A data folder copy with the rows of home at the schema version."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(copy / "crmail.db", isolation_level=None)) as db:
        for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        for path in _files("")[:version]:
            db.executescript(path.read_text(encoding="utf-8"))
        db.execute("ATTACH ? AS now", (str(home / "crmail.db"),))
        db.execute("BEGIN")
        _copy_rows(db)
        db.execute(f"PRAGMA user_version={version}")
        db.execute("COMMIT")
        db.execute("DETACH now")
        db.execute("PRAGMA journal_mode=WAL").fetchall()
    _empty_cache(home, copy)
