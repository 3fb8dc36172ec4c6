-- 003-list-count.sql - counters of the lists over an account (negative folders of thread_list), as
-- table folder has them for folders: counting a million rows takes longer than a key may.
CREATE TABLE list_count (
	folder INTEGER PRIMARY KEY,
	threads INTEGER NOT NULL,
	unread_threads INTEGER NOT NULL
);
INSERT INTO list_count SELECT folder, count(*), sum(unread > 0) FROM thread_list
	WHERE folder < 0 GROUP BY folder;
