-- 008-found.sql - what a server's own search found for a query, beyond the local answer [R20].
-- Rows live for a day; the messages stay.
CREATE TABLE found (
	query TEXT NOT NULL,
	message INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (query, message)
) WITHOUT ROWID;
CREATE INDEX found_at ON found (at);
