-- 015-decide.sql - what the user decided about matching, and the people that wait for a decision.

-- decision: what the user said; kept until undone, and before every rule. The newest counts.
--   crm    0 = of every CRM
--   mail   equal_key of the message it was said about, "m" and its id while it has none; NULL =
--          about an address
--   scope  1 that mail with its copies, 2 its conversation, 3 an address or domain everywhere
--   what   1 linked, 2 unlinked, 3 the address is that row, 4 never log the address, 5 log it
--          again, 6 private, 7 not private, 8 log anyway, 9 do not log, 10 looked at, later
--   kind, target  as in link; 0 = none
--   addr   normalised address, or "@domain"
--   until  of 10: mail up to this moment is looked at
CREATE TABLE decision (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	mail BLOB,
	scope INTEGER NOT NULL,
	what INTEGER NOT NULL,
	kind INTEGER NOT NULL DEFAULT 0,
	target INTEGER NOT NULL DEFAULT 0,
	addr TEXT,
	until INTEGER NOT NULL DEFAULT 0,
	at INTEGER NOT NULL
);
CREATE INDEX decision_mail ON decision(mail) WHERE mail IS NOT NULL;
CREATE INDEX decision_addr ON decision(crm, addr, what) WHERE addr IS NOT NULL AND mail IS NULL;

-- stranger_mail: addresses of matched mail that wait for a decision; written with the match.
--   kind  0 nobody knows it; 1 several contacts, 2 partners, 3 leads have it
--   addr  normalised address; "@domain" of several partners
CREATE TABLE stranger_mail (
	message INTEGER NOT NULL,
	addr TEXT NOT NULL,
	crm INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (message, addr)
) WITHOUT ROWID;
CREATE INDEX stranger_mail_newest ON stranger_mail(crm, addr, at DESC, message);

-- stranger: each of them once, for the match inbox; kept by the triggers.
CREATE TABLE stranger (
	crm INTEGER NOT NULL,
	addr TEXT NOT NULL,
	kind INTEGER NOT NULL,
	count INTEGER NOT NULL,
	newest INTEGER NOT NULL,
	PRIMARY KEY (crm, addr)
) WITHOUT ROWID;
CREATE INDEX stranger_newest ON stranger(newest DESC, addr);

CREATE TRIGGER stranger_comes AFTER INSERT ON stranger_mail
BEGIN
	INSERT INTO stranger VALUES (new.crm, new.addr, new.kind, 1, new.at)
	ON CONFLICT (crm, addr) DO UPDATE SET kind = new.kind, count = count + 1,
		newest = max(newest, new.at);
END;
CREATE TRIGGER stranger_goes AFTER DELETE ON stranger_mail
BEGIN
	UPDATE stranger SET count = count - 1, newest = ifnull((SELECT at FROM stranger_mail
		WHERE crm = old.crm AND addr = old.addr ORDER BY at DESC LIMIT 1), 0)
	WHERE crm = old.crm AND addr = old.addr;
	DELETE FROM stranger WHERE crm = old.crm AND addr = old.addr AND count < 1;
END;
CREATE TRIGGER stranger_gone_message AFTER DELETE ON message
BEGIN
	DELETE FROM stranger_mail WHERE message = old.id;
END;

-- Mail that comes into a folder, or leaves one, may be logged no longer, or from now on.
CREATE TRIGGER match_placed AFTER INSERT ON placement
WHEN EXISTS (SELECT 1 FROM mail_crm WHERE message = new.message)
	AND ((SELECT reason FROM mail_crm WHERE message = new.message) = 'folder'
	OR EXISTS (SELECT 1 FROM activity WHERE message = new.message AND message <> 0 AND state = 1))
BEGIN
	INSERT OR IGNORE INTO match_queue(message) VALUES (new.message);
END;
CREATE TRIGGER match_displaced AFTER DELETE ON placement
WHEN (SELECT reason FROM mail_crm WHERE message = old.message) = 'folder'
BEGIN
	INSERT OR IGNORE INTO match_queue(message) VALUES (old.message);
END;
CREATE TRIGGER match_shown AFTER UPDATE OF is_shown ON placement
WHEN (SELECT reason FROM mail_crm WHERE message = new.message) = 'folder'
BEGIN
	INSERT OR IGNORE INTO match_queue(message) VALUES (new.message);
END;

-- Since here also link.kind 4, a deal; activity.deal of a mail's entry is the one that it was put to
-- by hand.

-- What was matched before is looked at once more, so that its strangers are known.
INSERT OR IGNORE INTO match_queue SELECT message FROM mail_crm;

-- Once the CRM has a record that was made here, mail that waited for that is logged to it.
CREATE TRIGGER match_contact_known AFTER UPDATE OF crm_id ON contact
WHEN old.crm_id IS NULL AND new.crm_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO match_queue SELECT message FROM link
	WHERE kind = 1 AND target = new.id AND how <> 2 AND is_shown = 1;
END;
CREATE TRIGGER match_partner_known AFTER UPDATE OF crm_id ON partner
WHEN old.crm_id IS NULL AND new.crm_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO match_queue SELECT message FROM link
	WHERE kind = 2 AND target = new.id AND how <> 2 AND is_shown = 1;
END;
CREATE TRIGGER match_lead_known AFTER UPDATE OF crm_id ON lead
WHEN old.crm_id IS NULL AND new.crm_id IS NOT NULL
BEGIN
	INSERT OR IGNORE INTO match_queue SELECT message FROM link
	WHERE kind = 3 AND target = new.id AND how <> 2 AND is_shown = 1;
END;
