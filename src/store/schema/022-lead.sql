-- 022-lead.sql - crmail.db: leads as a list, by name. Since schema 22.
ALTER TABLE lead ADD COLUMN row_key INTEGER AS (id) VIRTUAL;
ALTER TABLE lead ADD COLUMN name_key TEXT AS (lower(coalesce(nullif(name, ''), addr, ''))) VIRTUAL;
CREATE INDEX lead_by_name ON lead (name_key, row_key);
