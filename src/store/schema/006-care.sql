-- 006-care.sql - what keeps the data folder whole, and who did what.

-- The last result of each kind of care. what: check, copy, cache. state: 0 fine, 1 mended, 2 needs
-- the user. text: one sentence for the user; NULL while there is nothing to say.
CREATE TABLE care (
	what TEXT PRIMARY KEY,
	at INTEGER NOT NULL,
	state INTEGER NOT NULL,
	text TEXT
) WITHOUT ROWID;

-- Who did what when: sends, sign-ins, exports, purges. kind: enum audit_kind, never renumber.
-- ref: row id of what it was about, 0 = none. n: how many. reason: an error code's name.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	is_ok INTEGER NOT NULL,
	account INTEGER NOT NULL DEFAULT 0,
	crm INTEGER NOT NULL DEFAULT 0,
	ref INTEGER NOT NULL DEFAULT 0,
	n INTEGER NOT NULL DEFAULT 0,
	reason TEXT
);
CREATE INDEX audit_kind ON audit (kind, account, crm, id);
