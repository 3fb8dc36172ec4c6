-- cache-001-core.sql - cache.db: what can be made again from the servers. Rows carry the id of the
-- message in crmail.db and may be missing. doc/schema.md has the prose.

-- data: zstd of the raw message, or of its headers while state is 0; NULL when it lies in `file`
-- (sha256 of the raw bytes, files/xx/NAME.zst).
CREATE TABLE body (
	message INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	size INTEGER NOT NULL,
	file TEXT,
	data BLOB
);

-- Folded heads: substrings are found in these columns.
CREATE TABLE head (
	message INTEGER PRIMARY KEY,
	fold INTEGER NOT NULL,
	subject TEXT NOT NULL,
	sender TEXT NOT NULL,
	rcpt TEXT NOT NULL,
	cc TEXT NOT NULL,
	files TEXT NOT NULL
);

-- The exact text given to `fts` (zstd), without which a row of it cannot be taken out.
CREATE TABLE text (
	message INTEGER PRIMARY KEY,
	fold INTEGER NOT NULL,
	data BLOB NOT NULL
);

CREATE VIRTUAL TABLE fts USING fts5(body, content='', columnsize=0,
	tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE fts_head USING fts5(subject, sender, rcpt, cc, files, content='',
	columnsize=0, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE tri USING fts5(subject, sender, rcpt, cc, files, content='',
	columnsize=0, tokenize='trigram case_sensitive 1');
