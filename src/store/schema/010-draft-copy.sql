-- 010-draft-copy.sql - crmail.db: which version of a draft lies in the server's Drafts.

-- draft_copy: one row for a draft of ours (outbox) and the account whose Drafts hold a copy of it;
-- written by the account's worker, and by the screen for a draft taken over from the server.
-- message_id: Message-ID of the version that is there, NULL before the first. server_id: what the
-- server calls it, NULL where it does not tell. next_id: version that is being put there; after a
-- crash it may have arrived. is_seen: a listing of the folder has shown it, so that its absence
-- means something. synced_at: when it was put there; retry_at: not before, after a failure.
CREATE TABLE draft_copy (
	outbox INTEGER NOT NULL,
	account INTEGER NOT NULL,
	message_id TEXT,
	server_id TEXT,
	next_id TEXT,
	is_seen INTEGER NOT NULL DEFAULT 0,
	synced_at INTEGER NOT NULL DEFAULT 0,
	retry_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (outbox, account)
) WITHOUT ROWID;
CREATE INDEX draft_copy_account ON draft_copy (account);
