-- 004-saved-search.sql - searches the user keeps; each is an entry of the sidebar [R20].
CREATE TABLE saved_search (
	id INTEGER PRIMARY KEY,
	query TEXT NOT NULL UNIQUE,
	created_at INTEGER NOT NULL
);
