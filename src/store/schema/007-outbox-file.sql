-- 007-outbox-file.sql - files attached to a draft, copied when they are attached: what happens to
-- the file afterwards no longer matters.
CREATE TABLE outbox_file (
	id INTEGER PRIMARY KEY,
	outbox INTEGER NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	data BLOB NOT NULL
);
CREATE INDEX outbox_file_of ON outbox_file (outbox);
-- They go with their mail, or with its bytes.
CREATE TRIGGER outbox_file_gone AFTER DELETE ON outbox BEGIN
	DELETE FROM outbox_file WHERE outbox = old.id;
END;
CREATE TRIGGER outbox_file_filed AFTER UPDATE OF is_filed ON outbox WHEN new.is_filed <> 0 BEGIN
	DELETE FROM outbox_file WHERE outbox = new.id;
END;
