-- 025-reminder-copy.sql - crmail.db: a reminder whose mail goes hangs on another copy of it, in whichever
-- account, and what was told of it does, too. Since schema 25.
DROP TRIGGER reminder_message_gone;
CREATE TRIGGER reminder_message_gone AFTER DELETE ON message
WHEN EXISTS (SELECT 1 FROM reminder WHERE message = old.id) BEGIN
	UPDATE reminder SET (message, account) = (SELECT m.id, m.account FROM message m
		WHERE m.equal_key = old.equal_key ORDER BY m.account <> old.account, m.id LIMIT 1)
	WHERE message = old.id AND EXISTS (SELECT 1 FROM message m WHERE m.equal_key = old.equal_key);
	UPDATE notice SET (message, account) = (SELECT m.id, m.account FROM message m
		WHERE m.equal_key = old.equal_key ORDER BY m.account <> old.account, m.id LIMIT 1)
	WHERE message = old.id AND kind IN (6, 7)
	AND EXISTS (SELECT 1 FROM message m WHERE m.equal_key = old.equal_key);
	DELETE FROM reminder WHERE message = old.id;
END;
