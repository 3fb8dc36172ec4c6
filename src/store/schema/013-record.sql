-- 013-record.sql - crmail.db: what the user writes into the CRM's records.

-- crm.abilities: bits of record_abilities(): what the profile can write, as its worker found it.
ALTER TABLE crm ADD COLUMN abilities INTEGER NOT NULL DEFAULT 0;

-- activity, of calls, meetings, notes and tasks: duration_min 0 = not known; due_at the day's start
-- UTC, 0 = none; status is the CRM's word (planned, completed); deal the local row, 0 = none.
ALTER TABLE activity ADD COLUMN duration_min INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN status TEXT;
ALTER TABLE activity ADD COLUMN deal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN deal_crm_id TEXT;
CREATE INDEX activity_deal ON activity(deal, at DESC, id) WHERE message = 0 AND deal <> 0;
CREATE INDEX activity_deal_crm_id ON activity(crm, deal_crm_id) WHERE message = 0;

-- deal.contact, deal.partner: local rows, 0 = none; resolved from the CRM ids when either arrives.
ALTER TABLE deal ADD COLUMN contact INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deal ADD COLUMN partner INTEGER NOT NULL DEFAULT 0;
UPDATE deal SET
	contact = ifnull((SELECT c.id FROM contact c
		WHERE c.crm = deal.crm AND c.crm_id = deal.contact_crm_id), 0),
	partner = ifnull((SELECT p.id FROM partner p
		WHERE p.crm = deal.crm AND p.crm_id = deal.partner_crm_id), 0);
CREATE INDEX deal_of_contact ON deal(contact) WHERE contact <> 0;
CREATE INDEX deal_of_partner ON deal(partner) WHERE partner <> 0;

-- record_write: one creation, edit or withdrawal of a record that the CRM is to be told; gone when
-- the CRM has it. Written by the user, settled by the CRM's worker. The record's own table shows
-- our values from the first moment.
--   id          order of sending; of a creation the row's id
--   kind, row   enum record_kind and the row in that kind's table
--   verb        1 create, 2 edit, 3 withdraw
--   state       0 waits, 1 parked with `reason`, 2 in conflict, 3 done (a CRM without a remote)
--   doubt       1 from just before the request until its answer is known: nothing is merged in
--   is_stuck    1: parked because the record it needs is
--   edit        the change that made it, for undo
--   key         of a creation: the id of our making
--   journal     engine's text: which step is next and what the earlier ones gave
CREATE TABLE record_write (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	row INTEGER NOT NULL,
	verb INTEGER NOT NULL,
	state INTEGER NOT NULL DEFAULT 0,
	doubt INTEGER NOT NULL DEFAULT 0,
	is_stuck INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	not_before INTEGER NOT NULL DEFAULT 0,
	edit INTEGER NOT NULL,
	key TEXT,
	journal TEXT,
	reason TEXT,
	created_at INTEGER NOT NULL
);
CREATE INDEX record_write_row ON record_write(kind, row, id);
CREATE INDEX record_write_queue ON record_write(crm, state, id);
CREATE INDEX record_write_key ON record_write(crm, key) WHERE key IS NOT NULL;

-- record_value: its fields; NULL = empty.
--   ref      enum record_kind that the values are rows of, 0 = plain text
--   base     what was shown when the user changed it
--   ours     what the user wants
--   theirs   what the CRM had when it was last seen: shown again when the write is given up
--   before   ours before the last change, `edit` that change: for undo
CREATE TABLE record_value (
	write INTEGER NOT NULL,
	field TEXT NOT NULL,
	ref INTEGER NOT NULL DEFAULT 0,
	base TEXT,
	ours TEXT,
	theirs TEXT,
	before TEXT,
	edit INTEGER NOT NULL,
	PRIMARY KEY (write, field)
) WITHOUT ROWID;
CREATE INDEX record_value_edit ON record_value(edit);
CREATE INDEX record_value_ref ON record_value(ref, ours) WHERE ref <> 0;
