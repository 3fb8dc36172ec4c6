-- 009-kept.sql - bodies that no server has any more.

-- Bodies in kept/xx/FILE.zst (sha256 of the raw bytes), by first copy. state as in cache.db's body.
CREATE TABLE kept (
	message INTEGER PRIMARY KEY,
	file TEXT NOT NULL,
	size INTEGER NOT NULL,
	state INTEGER NOT NULL
);
CREATE INDEX kept_file ON kept (file);

-- Messages whose last placement went, to be looked at; role: of the folder where that was.
CREATE TABLE keep_queue (
	message INTEGER PRIMARY KEY,
	role INTEGER NOT NULL
);
CREATE TRIGGER keep_unplaced AFTER DELETE ON placement
WHEN NOT EXISTS (SELECT 1 FROM placement WHERE message = old.message)
BEGIN
	INSERT OR REPLACE INTO keep_queue
		VALUES (old.message, ifnull((SELECT role FROM folder WHERE id = old.folder), 0));
END;
CREATE TRIGGER keep_gone_message AFTER DELETE ON message
BEGIN
	DELETE FROM keep_queue WHERE message = old.id;
	DELETE FROM kept WHERE message = old.id;
END;
INSERT INTO keep_queue SELECT id, 0 FROM message m
	WHERE NOT EXISTS (SELECT 1 FROM placement WHERE message = m.id);
