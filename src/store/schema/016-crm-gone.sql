-- 016-crm-gone.sql - crmail.db: records that the CRM does not have any more. Since schema 16.
-- A CRM's lists say what changed, not what was deleted; so all its ids are listed now and then
-- and compared. What is gone stays here, marked: its links and the mail logged to it stay with it.

-- gone_at: when the row was missed, 0 = it is there. Written by the CRM worker; lists and matching
-- pass such rows over, and a record that comes again is as before.
ALTER TABLE contact ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE partner ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lead ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deal ADD COLUMN gone_at INTEGER NOT NULL DEFAULT 0;

-- crm_sweep: when the ids of an object were compared last, and whether that listing was doubted, and
-- is to be asked again. done_at 0 = the person wants it now.
CREATE TABLE crm_sweep (
	crm INTEGER NOT NULL,
	object TEXT NOT NULL,
	done_at INTEGER NOT NULL,
	is_doubted INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (crm, object)
) WITHOUT ROWID;

-- crm_sweep_seen: the ids of a comparison that is under way; empty otherwise.
CREATE TABLE crm_sweep_seen (
	crm INTEGER NOT NULL,
	object TEXT NOT NULL,
	crm_id TEXT NOT NULL,
	PRIMARY KEY (crm, object, crm_id)
) WITHOUT ROWID;
