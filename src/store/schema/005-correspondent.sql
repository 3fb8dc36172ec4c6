-- 005-correspondent.sql - who mail was exchanged with, for completing addresses [R23]. Mail and
-- people that are there already are counted bit by bit after the upgrade: `meta` holds how far.
CREATE TABLE correspondent (
	id INTEGER PRIMARY KEY,
	norm TEXT NOT NULL UNIQUE,
	addr TEXT NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	fold TEXT NOT NULL DEFAULT '',
	n_to INTEGER NOT NULL DEFAULT 0,
	n_from INTEGER NOT NULL DEFAULT 0,
	last_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX correspondent_last ON correspondent (last_at);
CREATE TABLE correspondent_word (
	word TEXT NOT NULL,
	correspondent INTEGER NOT NULL,
	PRIMARY KEY (word, correspondent)
) WITHOUT ROWID;
CREATE INDEX correspondent_word_of ON correspondent_word (correspondent);
INSERT INTO meta SELECT 'correspondent_message', 0 WHERE EXISTS (SELECT 1 FROM message);
INSERT INTO meta SELECT 'correspondent_contact', 0 WHERE EXISTS (SELECT 1 FROM contact);
