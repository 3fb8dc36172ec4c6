-- 011-tombstone.sql - messages that were purged: hashes, keyed with `meta`'s purge_key, of what
-- makes messages equal. No sync brings such a message back.
CREATE TABLE tombstone (
	hash TEXT PRIMARY KEY,
	at INTEGER NOT NULL
) WITHOUT ROWID;
