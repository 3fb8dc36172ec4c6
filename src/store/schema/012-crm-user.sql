-- 012-crm-user.sql - crmail.db: the people who work with a CRM, so that timelines show their names.

-- crm_user: by the id that activities carry as `by`. Since schema 12; written by the CRM worker.
CREATE TABLE crm_user (
	crm INTEGER NOT NULL,
	crm_id TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT,
	PRIMARY KEY (crm, crm_id)
) WITHOUT ROWID;
