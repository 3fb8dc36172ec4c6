-- 023-outbox-draft.sql - crmail.db: what a service that sends drafts of its own (Gmail, Graph) calls a
-- mail of the outbox. Since schema 23.
ALTER TABLE outbox ADD COLUMN far_draft TEXT;
ALTER TABLE outbox ADD COLUMN far_message_id TEXT;
CREATE INDEX outbox_far_message_id ON outbox (far_message_id) WHERE far_message_id IS NOT NULL;
