-- 018-people-import.sql - what the last import of contacts from files changed, so that it can be
-- taken back; and the indexes that find a person or company by name. Since schema 18.

-- people_import: one run of `crmail import contacts`. Only the newest keeps rows in people_change.
CREATE TABLE people_import (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	at INTEGER NOT NULL
);

-- people_change: a row that the run made or changed.
--   kind    1 note (a row of activity), 2 contact, 3 partner
--   before  NULL = made by the run; else what it was: JSON of a contact, the domain that a partner
--           was given
--   after   digest of a contact as the run left it: one that was edited since is not touched
CREATE TABLE people_change (
	run INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	row INTEGER NOT NULL,
	before TEXT,
	after TEXT,
	PRIMARY KEY (run, kind, row)
) WITHOUT ROWID;

CREATE INDEX contact_crm_name ON contact(crm, name COLLATE NOCASE);
CREATE INDEX partner_crm_name ON partner(crm, name COLLATE NOCASE);
