-- 024-reminder.sql - crmail.db: reminders for the case that nobody answers [R27]. Since schema 24.
--   id        of the act that set it
--   message   the newest mail of the conversation when it was set, account its account
--   after     the answer has a greater message id
--   due_at    when somebody wants to be reminded
--   told_at   when it was found due, and noted; 0 = it waits
--   ended_at  0 = it has not; why is enum reminder_why
--   ended_by  the user's act that ended it, for undo; 0 = it was not one
CREATE TABLE reminder (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	thread INTEGER NOT NULL,
	message INTEGER NOT NULL,
	after INTEGER NOT NULL,
	made_at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	told_at INTEGER NOT NULL DEFAULT 0,
	ended_at INTEGER NOT NULL DEFAULT 0,
	why INTEGER NOT NULL DEFAULT 0,
	ended_by INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX reminder_thread ON reminder (thread, ended_at, due_at);
CREATE INDEX reminder_due ON reminder (due_at) WHERE ended_at = 0;
CREATE INDEX reminder_untold ON reminder (due_at) WHERE ended_at = 0 AND told_at = 0;
CREATE INDEX reminder_message ON reminder (message);
CREATE INDEX reminder_ended_by ON reminder (ended_by) WHERE ended_by <> 0;
CREATE TRIGGER reminder_message_gone AFTER DELETE ON message BEGIN
	DELETE FROM reminder WHERE message = old.id;
END;

-- New mail is noted once; a reminder of the same mail may be told beside it, and again.
DROP INDEX notice_message;
CREATE UNIQUE INDEX notice_message ON notice (message) WHERE message <> 0 AND kind = 1;
