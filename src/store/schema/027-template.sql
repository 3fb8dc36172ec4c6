-- 027-template.sql - crmail.db: what is kept about templates beside their files [R28, R29]. Since
-- schema 27. `path` is relative to the folder of templates.
--   template_use      how often a template was taken, and when last
--   template_version  every text of a file that crmail saw, newest by id; `digest` is its SHA-256, in hex
CREATE TABLE template_use (
	path TEXT PRIMARY KEY,
	uses INTEGER NOT NULL,
	used_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE template_version (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	path TEXT NOT NULL,
	at INTEGER NOT NULL,
	digest TEXT NOT NULL,
	text TEXT NOT NULL
);
CREATE INDEX template_version_path ON template_version (path, id);
