-- 014-timeline.sql - crmail.db: what timelines and the lists of records are read from. Since schema
-- 14. All of it follows from link, activity, message and hidden_mail and is kept by the triggers
-- below, whoever writes those; so rows of link are never written with REPLACE, which tells no
-- trigger of the row that goes.

-- hidden_mail: mail that the user took off the timelines [R13]; its folders and the provider know
-- nothing of it. grp: the act that hid it, for undo.
CREATE TABLE hidden_mail (
	message INTEGER PRIMARY KEY,
	grp INTEGER NOT NULL
);
CREATE INDEX hidden_mail_grp ON hidden_mail (grp);

-- timeline_thread: a conversation in the timeline of a contact, partner, lead or deal.
--   kind, target  as in link
--   is_hidden     1: of its hidden mail, which only the filter "hidden" shows
--   n             how many of its messages belong there, without equal copies
--   at, message, account  of the newest of them
CREATE TABLE timeline_thread (
	kind INTEGER NOT NULL,
	target INTEGER NOT NULL,
	is_hidden INTEGER NOT NULL,
	thread INTEGER NOT NULL,
	at INTEGER NOT NULL,
	n INTEGER NOT NULL,
	message INTEGER NOT NULL,
	account INTEGER NOT NULL,
	PRIMARY KEY (kind, target, is_hidden, thread)
) WITHOUT ROWID;
CREATE INDEX timeline_thread_page
	ON timeline_thread (kind, target, is_hidden, at, thread, n, message, account);

-- timeline_entry: what else stands there: activities that are not shown through a mail of ours.
--   kind    as in link; 5: what the user did, with target 0
--   type    enum entry_kind
--   by      as in activity
CREATE TABLE timeline_entry (
	kind INTEGER NOT NULL,
	target INTEGER NOT NULL,
	at INTEGER NOT NULL,
	activity INTEGER NOT NULL,
	type INTEGER NOT NULL,
	by TEXT,
	PRIMARY KEY (kind, target, at, activity)
) WITHOUT ROWID;
CREATE INDEX timeline_entry_activity ON timeline_entry (activity);

-- The rows of timeline_entry as they should be. A contact brings its partner along. In a CRM without
-- a remote everything is the user's own.
CREATE VIEW timeline_entry_due AS
	SELECT x.id AS activity, x.crm AS crm, 1 AS kind, x.contact AS target,
		x.at AS at, x.kind AS type, x.by AS by
	FROM activity x WHERE x.message = 0 AND x.state <> 4 AND x.contact <> 0
	UNION ALL SELECT x.id, x.crm, 2, x.partner, x.at, x.kind, x.by
	FROM activity x WHERE x.message = 0 AND x.state <> 4 AND x.partner <> 0
	UNION ALL SELECT x.id, x.crm, 2, c.partner, x.at, x.kind, x.by
	FROM activity x JOIN contact c ON c.id = x.contact
	WHERE x.message = 0 AND x.state <> 4 AND c.partner <> 0 AND c.partner <> x.partner
	UNION ALL SELECT x.id, x.crm, 3, x.lead, x.at, x.kind, x.by
	FROM activity x WHERE x.message = 0 AND x.state <> 4 AND x.lead <> 0
	UNION ALL SELECT x.id, x.crm, 4, x.deal, x.at, x.kind, x.by
	FROM activity x WHERE x.message = 0 AND x.state <> 4 AND x.deal <> 0
	UNION ALL SELECT x.id, x.crm, 5, 0, x.at, x.kind, x.by
	FROM activity x JOIN crm k ON k.id = x.crm
	WHERE x.message = 0 AND x.state <> 4 AND (x.by = k.user_id OR (x.by IS NULL AND k.url IS NULL));

CREATE TRIGGER timeline_new_activity AFTER INSERT ON activity
WHEN new.message = 0 AND new.state <> 4
BEGIN
	INSERT OR IGNORE INTO timeline_entry
		SELECT kind, target, at, activity, type, by FROM timeline_entry_due
		WHERE activity = new.id;
END;
CREATE TRIGGER timeline_gone_activity AFTER DELETE ON activity
BEGIN
	DELETE FROM timeline_entry WHERE activity = old.id;
END;
CREATE TRIGGER timeline_changed_activity
AFTER UPDATE OF crm, message, kind, at, contact, partner, lead, deal, by, state ON activity
WHEN new.message = 0 OR old.message = 0
BEGIN
	DELETE FROM timeline_entry WHERE activity = new.id;
	INSERT OR IGNORE INTO timeline_entry
		SELECT kind, target, at, activity, type, by FROM timeline_entry_due
		WHERE activity = new.id;
END;
CREATE TRIGGER timeline_moved_contact AFTER UPDATE OF partner ON contact
WHEN new.partner <> old.partner
BEGIN
	DELETE FROM timeline_entry WHERE kind = 2 AND target = old.partner
		AND activity IN (SELECT id FROM activity WHERE contact = new.id AND contact <> 0
			AND message = 0 AND partner <> old.partner);
	INSERT OR IGNORE INTO timeline_entry
		SELECT 2, new.partner, x.at, x.id, x.kind, x.by FROM activity x
		WHERE x.contact = new.id AND x.contact <> 0 AND x.message = 0 AND x.state <> 4
			AND new.partner <> 0;
END;
CREATE TRIGGER timeline_named_user AFTER UPDATE OF user_id, url ON crm
WHEN new.user_id IS NOT old.user_id OR new.url IS NOT old.url
BEGIN
	DELETE FROM timeline_entry WHERE kind = 5 AND target = 0
		AND activity IN (SELECT id FROM activity WHERE crm = new.id);
	INSERT OR IGNORE INTO timeline_entry
		SELECT kind, target, at, activity, type, by FROM timeline_entry_due
		WHERE crm = new.id AND kind = 5;
END;

-- Two procedures: a message comes into the timeline of a target, and goes out of it.
CREATE VIEW timeline_add AS SELECT 0 AS kind, 0 AS target, 0 AS is_hidden, 0 AS thread, 0 AS at,
	0 AS message, 0 AS account WHERE 0;
CREATE TRIGGER timeline_add_message INSTEAD OF INSERT ON timeline_add
BEGIN
	INSERT INTO timeline_thread (kind, target, is_hidden, thread, at, n, message, account)
		VALUES (new.kind, new.target, new.is_hidden, new.thread, new.at, 1, new.message,
			new.account)
		ON CONFLICT (kind, target, is_hidden, thread) DO UPDATE SET n = n + 1,
			message = CASE WHEN (excluded.at, excluded.message) > (at, message)
				THEN excluded.message ELSE message END,
			account = CASE WHEN (excluded.at, excluded.message) > (at, message)
				THEN excluded.account ELSE account END,
			at = max(at, excluded.at);
END;
CREATE VIEW timeline_take AS SELECT 0 AS kind, 0 AS target, 0 AS is_hidden, 0 AS thread,
	0 AS message WHERE 0;
CREATE TRIGGER timeline_take_message INSTEAD OF INSERT ON timeline_take
BEGIN
	UPDATE timeline_thread SET n = n - 1 WHERE kind = new.kind AND target = new.target
		AND is_hidden = new.is_hidden AND thread = new.thread;
	DELETE FROM timeline_thread WHERE kind = new.kind AND target = new.target
		AND is_hidden = new.is_hidden AND thread = new.thread AND n < 1;
	UPDATE timeline_thread SET (at, message, account) =
		(SELECT l.at, l.message, m.account FROM message m
			CROSS JOIN link l ON l.message = m.id AND l.kind = new.kind
				AND l.target = new.target
			LEFT JOIN hidden_mail h ON h.message = m.id
			WHERE m.thread = new.thread AND m.id <> new.message AND l.how <> 2
				AND l.is_shown = 1 AND (h.message IS NOT NULL) = new.is_hidden
			ORDER BY l.at DESC, l.message DESC LIMIT 1)
		WHERE kind = new.kind AND target = new.target AND is_hidden = new.is_hidden
			AND thread = new.thread AND message = new.message;
END;

CREATE TRIGGER timeline_new_link AFTER INSERT ON link WHEN new.how <> 2 AND new.is_shown = 1
BEGIN
	INSERT INTO timeline_add SELECT new.kind, new.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = new.message), m.thread, new.at,
		new.message, m.account FROM message m WHERE m.id = new.message;
END;
CREATE TRIGGER timeline_gone_link AFTER DELETE ON link WHEN old.how <> 2 AND old.is_shown = 1
BEGIN
	INSERT INTO timeline_take SELECT old.kind, old.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = old.message), m.thread,
		old.message FROM message m WHERE m.id = old.message;
END;
CREATE TRIGGER timeline_changed_link AFTER UPDATE OF kind, target, at, how, is_shown ON link
BEGIN
	INSERT INTO timeline_take SELECT old.kind, old.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = old.message), m.thread,
		old.message FROM message m
		WHERE m.id = old.message AND old.how <> 2 AND old.is_shown = 1;
	INSERT INTO timeline_add SELECT new.kind, new.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = new.message), m.thread, new.at,
		new.message, m.account FROM message m
		WHERE m.id = new.message AND new.how <> 2 AND new.is_shown = 1;
END;
CREATE TRIGGER timeline_moved_message AFTER UPDATE OF thread ON message
WHEN new.thread <> old.thread
BEGIN
	INSERT INTO timeline_take SELECT l.kind, l.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = new.id), old.thread, new.id
		FROM link l WHERE l.message = new.id AND l.how <> 2 AND l.is_shown = 1;
	INSERT INTO timeline_add SELECT l.kind, l.target,
		EXISTS (SELECT 1 FROM hidden_mail WHERE message = new.id), new.thread, l.at, new.id,
		new.account FROM link l WHERE l.message = new.id AND l.how <> 2 AND l.is_shown = 1;
END;
-- Before the message goes: its conversation is still known.
CREATE TRIGGER timeline_gone_message BEFORE DELETE ON message
BEGIN
	DELETE FROM link WHERE message = old.id;
	DELETE FROM hidden_mail WHERE message = old.id;
END;
CREATE TRIGGER timeline_hidden AFTER INSERT ON hidden_mail
BEGIN
	INSERT INTO timeline_take SELECT l.kind, l.target, 0, m.thread, m.id
		FROM message m JOIN link l ON l.message = m.id
		WHERE m.id = new.message AND l.how <> 2 AND l.is_shown = 1;
	INSERT INTO timeline_add SELECT l.kind, l.target, 1, m.thread, l.at, m.id, m.account
		FROM message m JOIN link l ON l.message = m.id
		WHERE m.id = new.message AND l.how <> 2 AND l.is_shown = 1;
END;
CREATE TRIGGER timeline_shown_again AFTER DELETE ON hidden_mail
BEGIN
	INSERT INTO timeline_take SELECT l.kind, l.target, 1, m.thread, m.id
		FROM message m JOIN link l ON l.message = m.id
		WHERE m.id = old.message AND l.how <> 2 AND l.is_shown = 1;
	INSERT INTO timeline_add SELECT l.kind, l.target, 0, m.thread, l.at, m.id, m.account
		FROM message m JOIN link l ON l.message = m.id
		WHERE m.id = old.message AND l.how <> 2 AND l.is_shown = 1;
END;

INSERT OR IGNORE INTO timeline_entry
	SELECT kind, target, at, activity, type, by FROM timeline_entry_due;
INSERT INTO timeline_add SELECT l.kind, l.target, 0, m.thread, l.at, m.id, m.account
	FROM link l JOIN message m ON m.id = l.message WHERE l.how <> 2 AND l.is_shown = 1;

-- What lists of records are ordered by. sort_key, company_key: the name, and the partner's name with
-- the own one after it, folded; who writes a name without folding it gets it in lower case.
-- touch_key: newest touch first. Of a deal: closed ones after open ones, then the value, then what
-- has none; amounts in hundredths, largest first.
ALTER TABLE contact ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN company_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN row_key INTEGER AS (id) VIRTUAL;
ALTER TABLE contact ADD COLUMN touch_key INTEGER AS (-last_touch_at) VIRTUAL;
ALTER TABLE partner ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
ALTER TABLE partner ADD COLUMN last_touch_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE partner ADD COLUMN row_key INTEGER AS (id) VIRTUAL;
ALTER TABLE partner ADD COLUMN touch_key INTEGER AS (-last_touch_at) VIRTUAL;
ALTER TABLE deal ADD COLUMN row_key INTEGER AS (id) VIRTUAL;
ALTER TABLE deal ADD COLUMN name_key TEXT AS (lower(name)) VIRTUAL;
ALTER TABLE deal ADD COLUMN stage_key TEXT AS
	((is_open = 0) || coalesce(lower(stage), char(1114111))) VIRTUAL;
ALTER TABLE deal ADD COLUMN amount_key INTEGER AS
	((is_open = 0) * 4611686018427387904 - min(max(ifnull(CAST(amount AS REAL), -1), -1), 1e15)
		* 100) VIRTUAL;
ALTER TABLE deal ADD COLUMN close_key INTEGER AS
	((is_open = 0) * 4611686018427387904
		+ CASE close_at WHEN 0 THEN 1099511627776 ELSE close_at END) VIRTUAL;
ALTER TABLE deal ADD COLUMN next_key TEXT AS
	((is_open = 0) || coalesce(lower(nullif(next_step, '')), char(1114111))) VIRTUAL;

CREATE TRIGGER partner_new AFTER INSERT ON partner BEGIN
	UPDATE partner SET sort_key = lower(new.name) WHERE id = new.id;
END;
CREATE TRIGGER partner_named AFTER UPDATE OF name ON partner WHEN new.name <> old.name BEGIN
	UPDATE partner SET sort_key = lower(new.name) WHERE id = new.id;
END;
CREATE TRIGGER partner_sorted AFTER UPDATE OF sort_key ON partner
WHEN new.sort_key <> old.sort_key
BEGIN
	UPDATE contact SET company_key = new.sort_key || char(1) || sort_key
		WHERE partner = new.id AND partner <> 0;
END;
CREATE TRIGGER contact_new AFTER INSERT ON contact BEGIN
	UPDATE contact SET sort_key = lower(new.name) WHERE id = new.id;
END;
CREATE TRIGGER contact_named AFTER UPDATE OF name ON contact WHEN new.name <> old.name BEGIN
	UPDATE contact SET sort_key = lower(new.name) WHERE id = new.id;
END;
CREATE TRIGGER contact_sorted AFTER UPDATE OF sort_key, partner ON contact
WHEN new.sort_key <> old.sort_key OR new.partner <> old.partner
BEGIN
	UPDATE contact SET company_key = ifnull((SELECT sort_key FROM partner WHERE id = new.partner),
		char(1114111)) || char(1) || sort_key WHERE id = new.id;
END;
UPDATE partner SET sort_key = lower(name), last_touch_at = ifnull((SELECT max(at) FROM link
	WHERE kind = 2 AND target = partner.id AND how <> 2 AND is_shown = 1), 0);
UPDATE contact SET sort_key = lower(name);

CREATE INDEX contact_by_name ON contact (sort_key, row_key);
CREATE INDEX contact_by_touch ON contact (touch_key, sort_key, row_key);
CREATE INDEX contact_by_company ON contact (company_key, row_key);
CREATE INDEX partner_by_name ON partner (sort_key, row_key);
CREATE INDEX partner_by_touch ON partner (touch_key, sort_key, row_key);
CREATE INDEX deal_by_name ON deal (name_key, row_key);
CREATE INDEX deal_by_stage ON deal (stage_key, row_key);
CREATE INDEX deal_by_amount ON deal (amount_key, row_key);
CREATE INDEX deal_by_close ON deal (close_key, row_key);
CREATE INDEX deal_by_next ON deal (next_key, row_key);
