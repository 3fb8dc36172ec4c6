-- 019-hook-event.sql - events that others are told when a mail has been logged. Since schema 19.

-- hook_event: one event for each entry of a mail and each listener, made in the commit that makes
-- the entry; it stays when it was told, so that nothing is told twice.
--   activity    the entry; it is told once that is in the CRM, or here for good
--   sink        1 the command of the setting `hook`, 2 the profile's `events`
--   state       0 waits, 1 told, 2 given up
--   told_at     its timestamp: when it was first about to be told, 0 = not yet
--   attempts    how often it was begun
--   not_before  a failed one waits until then
CREATE TABLE hook_event (
	id INTEGER PRIMARY KEY,
	crm INTEGER NOT NULL,
	activity INTEGER NOT NULL,
	sink INTEGER NOT NULL,
	state INTEGER NOT NULL DEFAULT 0,
	told_at INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	not_before INTEGER NOT NULL DEFAULT 0,
	UNIQUE (activity, sink)
);
CREATE INDEX hook_event_waiting ON hook_event(crm, sink, id) WHERE state = 0;
CREATE INDEX hook_event_given_up ON hook_event(crm) WHERE state = 2;
