-- cache-003-opened.sql - when a body was read last: what the cache limit evicts first.
CREATE TABLE opened (
	message INTEGER PRIMARY KEY,
	at INTEGER NOT NULL
);
