-- 017-day.sql - crmail.db: open tasks and meetings by their moment, so that the day's are found
-- without looking at the rest; and what happened that somebody may want to know.
CREATE INDEX activity_task ON activity(due_at, id)
	WHERE kind = 4 AND due_at <> 0 AND ifnull(status, '') <> 'completed';
CREATE INDEX activity_meeting ON activity(at, id) WHERE kind = 2;

-- notice: newest last.
--   kind     enum notice_kind
--   message  of new mail, else 0; thread its conversation
--   count    how often it happened before it was seen
--   text     of an alert: one sentence; NULL = none
CREATE TABLE notice (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account INTEGER NOT NULL DEFAULT 0,
	crm INTEGER NOT NULL DEFAULT 0,
	message INTEGER NOT NULL DEFAULT 0,
	thread INTEGER NOT NULL DEFAULT 0,
	count INTEGER NOT NULL DEFAULT 1,
	text TEXT,
	is_seen INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notice_message ON notice(message) WHERE message <> 0;
CREATE INDEX notice_unseen ON notice(id) WHERE is_seen = 0;

-- pass_hour: passes of an account in one hour (seconds UTC / 3600), and how many of them failed.
CREATE TABLE pass_hour (
	account INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	done INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (account, hour)
) WITHOUT ROWID;
