-- 002-crm.sql - CRMs and what is known of people: contacts, partners, leads, deals, what mail has
-- to do with them, and what is logged where. Since schema 2. Needs 001-core.sql: message(id,
-- account) and account(id, crm).
--
-- Unless said otherwise a column is written by the CRM worker, times are seconds UTC, 0 means
-- "none", and NULL means "not known". Every row that stands in a CRM belongs to exactly one
-- organisation through its `crm` column; nothing is ever matched across two of them.

-- crm: one connected organisation.
--   name             label of the user's choosing, unique; written by `crm add`
--   profile          name or path of the JSON profile that describes its REST API
--   url              where it answers; NULL for a CRM without a remote
--   organization_id  ORG of the activity ids; what whoami answers, or a setting
--   user_id          created_by of what we log; what whoami answers
--   log_mode         known, replies, everything, off
--   log_level        headers, snippet, full
--   log_side         activity (we insert the activity), message, off
--   log_since        older mail is not logged; 0 = all
--   status           word of formats.md: connected, syncing, offline, sign-in, error, paused
--   error            one sentence, NULL = none
--   last_pull_at     end of the last complete pull
CREATE TABLE crm (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	profile TEXT NOT NULL,
	url TEXT,
	organization_id TEXT,
	user_id TEXT,
	log_mode TEXT NOT NULL DEFAULT 'known',
	log_level TEXT NOT NULL DEFAULT 'snippet',
	log_side TEXT NOT NULL DEFAULT 'activity',
	log_since INTEGER NOT NULL DEFAULT 0,
	status TEXT NOT NULL DEFAULT 'offline',
	error TEXT,
	last_pull_at INTEGER NOT NULL DEFAULT 0,
	added_at INTEGER NOT NULL DEFAULT 0
);

-- crm_setting: words of the profile's `config` and of crmail-config(5). No secrets.
CREATE TABLE crm_setting (
	crm INTEGER NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (crm, key)
) WITHOUT ROWID;

-- crm_cursor: where the pull of an object stands. The text is made and read by the profile engine;
-- it is committed together with the page it follows.
CREATE TABLE crm_cursor (
	crm INTEGER NOT NULL,
	object TEXT NOT NULL,
	cursor TEXT NOT NULL,
	PRIMARY KEY (crm, object)
) WITHOUT ROWID;

-- partner: a company or organisation. crm_id is the CRM's id, NULL until the CRM has it. digest,
-- here and below: sha256 over the record as pulled, so that an unchanged one costs a look.
CREATE TABLE partner (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	crm_id TEXT,
	name TEXT NOT NULL,
	updated_at INTEGER NOT NULL DEFAULT 0,
	digest TEXT,
	UNIQUE (crm, crm_id)
);

-- partner_domain: lower case, IDN as ASCII, without a leading "www.".
CREATE TABLE partner_domain (
	crm INTEGER NOT NULL,
	domain TEXT NOT NULL,
	partner INTEGER NOT NULL,
	PRIMARY KEY (crm, domain, partner)
) WITHOUT ROWID;
CREATE INDEX partner_domain_partner ON partner_domain(partner);

-- contact: a person. partner is resolved from partner_crm_id when either of the two arrives.
--   last_touch_at  newest mail or activity, 0 = none
CREATE TABLE contact (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	crm_id TEXT,
	name TEXT NOT NULL,
	first_name TEXT,
	last_name TEXT,
	title TEXT,
	partner INTEGER NOT NULL DEFAULT 0,
	partner_crm_id TEXT,
	lead_crm_id TEXT,
	owner_id TEXT,
	updated_at INTEGER NOT NULL DEFAULT 0,
	last_touch_at INTEGER NOT NULL DEFAULT 0,
	digest TEXT,
	UNIQUE (crm, crm_id)
);
CREATE INDEX contact_partner ON contact(partner) WHERE partner <> 0;
CREATE INDEX contact_partner_crm_id ON contact(crm, partner_crm_id);

-- contact_email: every address of a contact, in the CRM's order.
--   addr  as the CRM has it
--   norm  folded for matching: lower case, without a plus-tag, IDN as ASCII
CREATE TABLE contact_email (
	contact INTEGER NOT NULL,
	pos INTEGER NOT NULL,
	crm INTEGER NOT NULL,
	addr TEXT NOT NULL,
	norm TEXT NOT NULL,
	PRIMARY KEY (contact, pos)
) WITHOUT ROWID;
CREATE INDEX contact_email_norm ON contact_email(crm, norm, contact);

CREATE TABLE contact_phone (
	contact INTEGER NOT NULL,
	pos INTEGER NOT NULL,
	phone TEXT NOT NULL,
	PRIMARY KEY (contact, pos)
) WITHOUT ROWID;

-- lead: somebody who is not a contact yet; norm as in contact_email.
CREATE TABLE lead (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	crm_id TEXT,
	name TEXT NOT NULL,
	addr TEXT,
	norm TEXT,
	updated_at INTEGER NOT NULL DEFAULT 0,
	digest TEXT,
	UNIQUE (crm, crm_id)
);
CREATE INDEX lead_norm ON lead(crm, norm);

-- deal: amount as the CRM writes it; close_at is the day's start UTC; is_open is 0 once the stage
-- says won, lost or closed.
CREATE TABLE deal (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	crm_id TEXT,
	name TEXT NOT NULL,
	number TEXT,
	amount TEXT,
	currency TEXT,
	stage TEXT,
	next_step TEXT,
	close_at INTEGER NOT NULL DEFAULT 0,
	is_open INTEGER NOT NULL DEFAULT 1,
	partner_crm_id TEXT,
	contact_crm_id TEXT,
	owner_id TEXT,
	updated_at INTEGER NOT NULL DEFAULT 0,
	digest TEXT,
	UNIQUE (crm, crm_id)
);
CREATE INDEX deal_contact ON deal(crm, contact_crm_id);
CREATE INDEX deal_partner ON deal(crm, partner_crm_id);

-- match_queue: messages whose people are to be looked up (again). Filled by the triggers below
-- and when a contact, partner or lead arrives; emptied by the CRM worker in the commit that
-- writes the result.
CREATE TABLE match_queue (
	message INTEGER PRIMARY KEY
);

-- mail_party: foreign participants of every matched message, so that a contact, partner or lead
-- that arrives later finds its mail. key is the domain's labels in reverse order, each ended by
-- ".", then "@" and the folded local part: an address is one key, a domain with all its
-- sub-domains is one range.
CREATE TABLE mail_party (
	crm INTEGER NOT NULL,
	key TEXT NOT NULL,
	message INTEGER NOT NULL,
	PRIMARY KEY (crm, key, message)
) WITHOUT ROWID;
CREATE INDEX mail_party_message ON mail_party(message);

-- mail_crm: how a message stands with the CRM of its account; no row = not matched yet.
--   contact, partner  of the peer (the sender; first To of own mail): what lists show as badge
--   is_unknown        the peer is a person that is in no CRM (badge "?")
--   reason            why nothing is logged, a word of log_reason(); NULL = it is, or will be
CREATE TABLE mail_crm (
	message INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	contact INTEGER NOT NULL DEFAULT 0,
	partner INTEGER NOT NULL DEFAULT 0,
	is_unknown INTEGER NOT NULL DEFAULT 0,
	reason TEXT
);

-- link: what a message has to do with. Every known participant, not only the target of logging;
-- a contact brings its partner along, so that a partner's timeline spans its people.
--   kind    1 contact, 2 partner, 3 lead, 4 deal
--   target  row id in the table of that kind
--   at      Date of the message: order of the timeline
--   how     0 automatic, 1 by hand, 2 taken away by hand (wins over 0)
--   is_target  1 when the mail is logged to it
--   is_shown   1 on one of several equal copies: the one that timelines list
CREATE TABLE link (
	message INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	target INTEGER NOT NULL,
	at INTEGER NOT NULL,
	how INTEGER NOT NULL DEFAULT 0,
	is_target INTEGER NOT NULL DEFAULT 0,
	is_shown INTEGER NOT NULL DEFAULT 1,
	PRIMARY KEY (message, kind, target)
) WITHOUT ROWID;
CREATE INDEX link_target ON link(kind, target, at DESC, message) WHERE how <> 2 AND is_shown = 1;

-- activity: entries of timelines: pulled from the CRM, or ours waiting to be logged.
--   key        the activity id (formats.md "Activity id") of a mail's entry, else the CRM's id
--   crm_id     the CRM's id, NULL until logged
--   message    local message it logs, 0 = none or not here
--   message_id of the mail, without brackets; NULL = none
--   kind       0 email, 1 call, 2 meeting, 3 note, 4 task, 5 tracking
--   direction  0 none, 1 in, 2 out
--   type       the CRM's own word
--   contact, partner, lead   local rows, 0 = none; *_crm_id as pulled
--   by         who did it: the CRM's user id
--   state      0 local, 1 queued, 2 logged, 3 parked, 4 not (withdrawn before it was logged)
--   reason     why parked: one sentence
--   doubt      1 from just before the request is written until its answer is known
--   journal    engine's text: which step is next and what the earlier ones gave
CREATE TABLE activity (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	key TEXT NOT NULL,
	crm_id TEXT,
	message INTEGER NOT NULL DEFAULT 0,
	message_id TEXT,
	kind INTEGER NOT NULL,
	direction INTEGER NOT NULL DEFAULT 0,
	type TEXT,
	at INTEGER NOT NULL,
	subject TEXT,
	body TEXT,
	contact INTEGER NOT NULL DEFAULT 0,
	partner INTEGER NOT NULL DEFAULT 0,
	lead INTEGER NOT NULL DEFAULT 0,
	contact_crm_id TEXT,
	partner_crm_id TEXT,
	lead_crm_id TEXT,
	by TEXT,
	state INTEGER NOT NULL,
	reason TEXT,
	attempts INTEGER NOT NULL DEFAULT 0,
	not_before INTEGER NOT NULL DEFAULT 0,
	doubt INTEGER NOT NULL DEFAULT 0,
	journal TEXT,
	UNIQUE (crm, key)
);
CREATE INDEX activity_message ON activity(message) WHERE message <> 0;
CREATE INDEX activity_queue ON activity(crm, at, id) WHERE state = 1;
CREATE INDEX activity_parked ON activity(crm) WHERE state = 3;
-- Timelines: what is not shown through a mail of our own.
CREATE INDEX activity_contact ON activity(contact, at DESC, id) WHERE message = 0 AND contact <> 0;
CREATE INDEX activity_partner ON activity(partner, at DESC, id) WHERE message = 0 AND partner <> 0;
CREATE INDEX activity_mail ON activity(crm, message_id) WHERE message = 0 AND kind = 0;
CREATE INDEX activity_contact_crm_id ON activity(crm, contact_crm_id) WHERE message = 0;
CREATE INDEX activity_partner_crm_id ON activity(crm, partner_crm_id) WHERE message = 0;

-- New mail of an account that is bound to a CRM, and all mail of an account when it is bound.
CREATE TRIGGER match_new_message AFTER INSERT ON message
WHEN (SELECT crm FROM account WHERE id = new.account) <> 0
BEGIN
	INSERT OR IGNORE INTO match_queue(message) VALUES (new.id);
END;
CREATE TRIGGER match_bound_account AFTER UPDATE OF crm ON account
WHEN new.crm <> 0 AND new.crm IS NOT old.crm
BEGIN
	INSERT OR IGNORE INTO match_queue(message) SELECT id FROM message WHERE account = new.id;
END;
CREATE TRIGGER match_gone_message AFTER DELETE ON message
BEGIN
	DELETE FROM match_queue WHERE message = old.id;
	DELETE FROM mail_party WHERE message = old.id;
	DELETE FROM mail_crm WHERE message = old.id;
	DELETE FROM link WHERE message = old.id;
	UPDATE activity SET message = 0 WHERE message = old.id AND message <> 0;
END;
