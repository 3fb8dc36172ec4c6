-- 001-core.sql - crmail.db: accounts, folders, messages, conversations, changes, outbox.
-- doc/schema.md says in prose what each table and column is; never edit this file once released.
-- Times are seconds UTC, flags are enum msg_flag, roles enum folder_role, booleans 0 or 1.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

CREATE TABLE account (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	email TEXT NOT NULL DEFAULT '',
	real_name TEXT,
	crm INTEGER,
	status INTEGER NOT NULL DEFAULT 0,
	error TEXT,
	last_sync_at INTEGER NOT NULL DEFAULT 0,
	added_at INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE account_setting (
	account INTEGER NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (account, key)
) WITHOUT ROWID;

-- total and unread count messages, threads and unread_threads conversations, as shown.
CREATE TABLE folder (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account INTEGER NOT NULL,
	name TEXT NOT NULL,
	server_name TEXT NOT NULL,
	role INTEGER NOT NULL DEFAULT 0,
	is_synced INTEGER NOT NULL DEFAULT 1,
	cursor TEXT,
	total INTEGER NOT NULL DEFAULT 0,
	unread INTEGER NOT NULL DEFAULT 0,
	threads INTEGER NOT NULL DEFAULT 0,
	unread_threads INTEGER NOT NULL DEFAULT 0,
	UNIQUE (account, server_name)
);
CREATE INDEX folder_role ON folder (role, account);

-- id = received << 20 | counter. copy_of: the first of a group of equal messages, itself for the
-- first. refs: 8-byte hashes of the ids it answers, nearest first. joined: NULL = not joined by
-- subject, 0 = waits for a message to join, else that message. listed: LISTED_* bits of a first
-- copy. body: enum body_state. indexed: heads are in cache.db.
CREATE TABLE message (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	thread INTEGER NOT NULL,
	copy_of INTEGER NOT NULL,
	equal_key BLOB,
	mid TEXT,
	mid_hash INTEGER,
	refs BLOB,
	base_hash INTEGER,
	joined INTEGER,
	received INTEGER NOT NULL,
	date INTEGER NOT NULL,
	date_offset INTEGER NOT NULL DEFAULT 0,
	size INTEGER NOT NULL DEFAULT 0,
	flags INTEGER NOT NULL DEFAULT 0,
	remote_flags INTEGER NOT NULL DEFAULT 0,
	facts INTEGER NOT NULL DEFAULT 0,
	listed INTEGER NOT NULL DEFAULT 0,
	files INTEGER NOT NULL DEFAULT 0,
	body INTEGER NOT NULL DEFAULT 0,
	indexed INTEGER NOT NULL DEFAULT 0,
	parked TEXT,
	subject TEXT,
	snippet TEXT
);
CREATE INDEX message_thread ON message (thread);
CREATE INDEX message_equal ON message (equal_key) WHERE equal_key IS NOT NULL;
CREATE INDEX message_mid ON message (mid_hash) WHERE mid_hash IS NOT NULL;
CREATE INDEX message_base ON message (base_hash, id) WHERE base_hash IS NOT NULL;
CREATE INDEX message_waiting ON message (base_hash, id) WHERE joined = 0;
CREATE INDEX message_copy ON message (copy_of, id) WHERE copy_of <> id;
CREATE INDEX message_listed ON message (id) WHERE listed & 1;
CREATE INDEX message_unread ON message (id) WHERE listed & 2;
CREATE INDEX message_starred ON message (id) WHERE listed & 4;
CREATE INDEX message_files ON message (id) WHERE files > 0;
CREATE INDEX message_no_body ON message (account, id) WHERE body = 0;
CREATE INDEX message_not_indexed ON message (id) WHERE indexed = 0;

-- Where a message lies. server_id NULL: moved here by the user, not yet seen by a server.
CREATE TABLE placement (
	id INTEGER PRIMARY KEY,
	folder INTEGER NOT NULL,
	message INTEGER NOT NULL,
	server_id TEXT,
	is_remote INTEGER NOT NULL,
	is_shown INTEGER NOT NULL,
	seen_pass INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX placement_server ON placement (folder, server_id);
CREATE INDEX placement_folder ON placement (folder, message, is_shown);
CREATE INDEX placement_message ON placement (message, folder, is_shown);

CREATE TABLE party (
	id INTEGER PRIMARY KEY,
	addr TEXT NOT NULL,
	name TEXT NOT NULL DEFAULT '',
	norm TEXT NOT NULL,
	domain TEXT NOT NULL,
	UNIQUE (addr, name)
);
CREATE INDEX party_norm ON party (norm);
CREATE INDEX party_domain ON party (domain);

CREATE TABLE message_party (
	message INTEGER NOT NULL,
	role INTEGER NOT NULL,
	pos INTEGER NOT NULL,
	party INTEGER NOT NULL,
	PRIMARY KEY (message, role, pos)
) WITHOUT ROWID;
CREATE INDEX message_party_party ON message_party (party, message);

-- merged_into: this conversation became part of that one; rows stay so that ids keep meaning.
CREATE TABLE thread (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	merged_into INTEGER,
	newest INTEGER NOT NULL DEFAULT 0,
	count INTEGER NOT NULL DEFAULT 0,
	unread INTEGER NOT NULL DEFAULT 0,
	facts INTEGER NOT NULL DEFAULT 0,
	peer INTEGER,
	people TEXT
);
CREATE INDEX thread_merged ON thread (merged_into) WHERE merged_into IS NOT NULL;

-- The list: one row per folder and conversation. Negative folders are the lists over an account.
CREATE TABLE thread_list (
	thread INTEGER NOT NULL,
	folder INTEGER NOT NULL,
	sort_at INTEGER NOT NULL,
	message INTEGER NOT NULL,
	total INTEGER NOT NULL,
	unread INTEGER NOT NULL,
	PRIMARY KEY (thread, folder)
) WITHOUT ROWID;
CREATE INDEX thread_list_page ON thread_list (folder, sort_at, thread, message, unread);
CREATE INDEX thread_list_unread ON thread_list (folder, sort_at, thread, message, unread)
	WHERE unread > 0;

-- Message-ID hash to conversation, also of ids that were only referred to.
CREATE TABLE ref (
	hash INTEGER PRIMARY KEY,
	thread INTEGER NOT NULL
);
CREATE TABLE provider_thread (
	account INTEGER NOT NULL,
	id TEXT NOT NULL,
	thread INTEGER NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID;

-- state: 0 waits, 1 parked (error says why), 2 withdrawn by undo while it may be on its way.
CREATE TABLE op (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind INTEGER NOT NULL,
	account INTEGER NOT NULL,
	message INTEGER,
	folder INTEGER,
	to_folder INTEGER,
	flags_add INTEGER NOT NULL DEFAULT 0,
	flags_remove INTEGER NOT NULL DEFAULT 0,
	grp INTEGER NOT NULL DEFAULT 0,
	depends_on INTEGER,
	state INTEGER NOT NULL DEFAULT 0,
	not_before INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	error TEXT
);
CREATE INDEX op_account ON op (account, state, id);
CREATE INDEX op_message ON op (message);
CREATE INDEX op_group ON op (grp) WHERE grp > 0;

-- What a user's change did, for undo after its ops are gone.
CREATE TABLE change (
	id INTEGER PRIMARY KEY,
	grp INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	message INTEGER NOT NULL,
	flags_add INTEGER NOT NULL DEFAULT 0,
	flags_remove INTEGER NOT NULL DEFAULT 0,
	folder INTEGER,
	to_folder INTEGER,
	at INTEGER NOT NULL
);
CREATE INDEX change_group ON change (grp);
CREATE INDEX change_at ON change (at);

CREATE TABLE body_request (
	message INTEGER PRIMARY KEY,
	at INTEGER NOT NULL
);

-- state: enum outbox_state. raw goes when the copy in Sent was seen.
CREATE TABLE outbox (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	state INTEGER NOT NULL,
	message_id TEXT NOT NULL,
	subject TEXT NOT NULL DEFAULT '',
	sender TEXT NOT NULL,
	not_before INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	error TEXT,
	reply_to INTEGER NOT NULL DEFAULT 0,
	is_filed INTEGER NOT NULL DEFAULT 0,
	sent_message INTEGER NOT NULL DEFAULT 0,
	draft_json TEXT,
	raw BLOB
);
CREATE INDEX outbox_due ON outbox (account, state, not_before);
CREATE INDEX outbox_message_id ON outbox (message_id);

CREATE TABLE outbox_recipient (
	outbox INTEGER NOT NULL,
	pos INTEGER NOT NULL,
	addr TEXT NOT NULL,
	state INTEGER NOT NULL DEFAULT 0,
	reply TEXT,
	PRIMARY KEY (outbox, pos)
) WITHOUT ROWID;
