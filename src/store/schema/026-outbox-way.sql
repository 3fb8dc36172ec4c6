-- 026-outbox-way.sql - crmail.db: by what a mail of the outbox was sent. Since schema 26.
--   sent_by     the way that it was handed to, or that made far_draft: 'smtp', 'gmail',
--               'relay ADDRESS USER'; no other can tell what became of it
--   files_sent  that way is known to file its own copy in Sent
ALTER TABLE outbox ADD COLUMN sent_by TEXT;
ALTER TABLE outbox ADD COLUMN files_sent INTEGER NOT NULL DEFAULT 0;

-- A mail that is on its way keeps the way of its account.
UPDATE outbox SET files_sent = 1, sent_by = CASE WHEN far_draft LIKE 'report:%'
 THEN 'relay ' || ifnull((SELECT value FROM account_setting s
  WHERE s.account = outbox.account AND s.key = 'relay'), '') || ' '
  || ifnull((SELECT value FROM account_setting s
  WHERE s.account = outbox.account AND s.key = 'relay_user'), '')
 ELSE (SELECT kind FROM account WHERE id = outbox.account) END
 WHERE far_draft IS NOT NULL;
UPDATE outbox SET files_sent = 1 WHERE state IN (5, 6, 8)
 AND account IN (SELECT account FROM account_setting WHERE key = 'relay');
