-- 020-organization-setting.sql - what a CRM's organisation has set for everybody. Since schema 20.

-- organization_setting: names and values as the contract has them (email_sync_history_days, ...);
-- written by the CRM's worker at each pull, replaced as a whole.
CREATE TABLE organization_setting (
	crm INTEGER NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (crm, key)
) WITHOUT ROWID;
