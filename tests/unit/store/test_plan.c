/*
 * test_plan.c - every query that a list, a reader or a worker's step makes goes by an index: the
 * functions are called, the statements they run are noted, and SQLite is asked for their plans.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/store/activity.h"
#include "crmail/store/correspondent.h"
#include "crmail/store/decide.h"
#include "crmail/store/crm_item.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/draft.h"
#include "crmail/store/message.h"
#include "crmail/store/notice.h"
#include "crmail/store/reminder.h"
#include "crmail/store/template.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "crmail/store/record.h"
#include "crmail/store/search.h"
#include "crmail/store/today.h"
#include "src/store/rebuild.h"
#include "src/store/store_private.h"
#include "tests/unit/store/letters.h"

enum { SQL_MAX = 128 };

struct noted {
	char *v[SQL_MAX];
	size_t n;
};

static int note_statement(unsigned what, void *ctx, void *stmt, void *text)
{
	struct noted *n = ctx;
	const char *sql = sqlite3_sql(stmt);
	(void)what;
	(void)text;
	if (sql && strstr(sql, "'cache'.'")) /* FTS5's own */
		return 0;
	for (size_t i = 0; sql && i < n->n; i++)
		if (!strcmp(n->v[i], sql))
			return 0;
	if (sql && n->n < SQL_MAX)
		n->v[n->n++] = strdup(sql);
	return 0;
}

static void read_lists(struct fixture *f, int64_t account, int64_t inbox)
{
	const struct list_spec specs[] = {{.kind = LIST_FOLDER, .folder = inbox},
		{.kind = LIST_ROLE, .role = FOLDER_INBOX}, {.kind = LIST_STARRED},
		{.kind = LIST_ALL}, {.kind = LIST_FOLDER, .folder = inbox, .unread_only = true},
		{.kind = LIST_ALL, .account = account}};
	struct thread_row *rows;
	struct list_key key = {FIXTURE_NOW, 1};
	int64_t all, unread;
	size_t n;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		for (int newer = 0; newer < 2; newer++)
			assert_ok(f, thread_list_page(f->reader, &f->arena, &specs[i], &key, newer,
					     10, &rows, &n, &f->err));
		assert_ok(f, thread_list_count(f->reader, &specs[i], &all, &unread, &f->err));
	}
}

static void read_messages(struct fixture *f, int64_t account, int64_t inbox, int64_t message)
{
	struct thread_row *row;
	struct message_row *rows;
	struct ingest_want *want;
	struct ingest_request *requests;
	struct ingest_flag *known;
	const char *const ids[] = {"9", "1"};
	struct outbox_row *out;
	struct draft_todo *todo;
	struct draft_row *drafts;
	struct op *ops;
	enum body_state state;
	const char *raw;
	bool is_there;
	size_t n;
	int64_t next, *folders;
	assert_ok(f, thread_get(f->reader, &f->arena, letters_thread(f, message), &row, &f->err));
	assert_ok(f, thread_messages(f->reader, &f->arena, letters_thread(f, message), &rows, &n,
			     &f->err));
	assert_ok(f, message_raw(f->reader, &f->arena, message, &raw, &n, &state, &f->err));
	assert_ok(f, ingest_missing_bodies(f->reader, &f->arena, inbox, INT64_MAX, 9, &want, &n,
			     &f->err));
	assert_ok(f, ingest_missing_copies(f->reader, &f->arena, account, 9, &want, &n, &f->err));
	assert_ok(f, ingest_missing_folders(f->reader, &f->arena, account, &folders, &n, &f->err));
	assert_ok(f, ingest_resync_is_open(f->reader, inbox, &is_there, &f->err));
	assert_ok(f, ingest_known(f->reader, &f->arena, inbox, NULL, 0, &known, &n, &f->err));
	assert_int_equal(n, 1);
	assert_ok(f, ingest_known(f->reader, &f->arena, inbox, ids, 2, &known, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(known[0].server_id, "1");
	assert_ok(f, ingest_known(f->reader, &f->arena, inbox, ids, 1, &known, &n, &f->err));
	assert_int_equal(n, 0);
	assert_ok(f,
		ingest_requested_bodies(f->reader, &f->arena, account, &requests, &n, &f->err));
	assert_ok(f, op_due(f->reader, &f->arena, account, 5, &ops, &n, &next, &f->err));
	assert_ok(f, outbox_due(f->reader, &f->arena, account, &out, &next, &f->err));
	assert_ok(f, outbox_unsettled(f->reader, &f->arena, account, &out, &n, &f->err));
	assert_ok(f, outbox_is_in_sent(f->reader, &(struct outbox_row){.message_id = "a@x"},
			     &is_there, &f->err));
	assert_ok(f, draft_next(f->reader, &f->arena, account, &todo, &next, &f->err));
	assert_ok(f, draft_list(f->reader, &f->arena, &drafts, &n, &f->err));
	assert_ok(f, draft_of_message(f->reader, message, &next, &f->err));
	assert_ok(f, rebuild_local(f->store, f->reader, NULL, &f->err));
}

static void read_searches(struct fixture *f)
{
	static const char *const queries[] = {"ab", "abc def", "from:abc is:unread", "is:starred",
		"has:attachment in:inbox", "-abc account:work", "before:1d"};
	struct search_query *q;
	struct thread_row *rows;
	size_t n;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		assert_ok(f, search_parse(&f->arena, queries[i], FIXTURE_NOW, 0, &q, &f->err));
		assert_ok(f, search_threads(f->reader, &f->arena, q, NULL, 10, &rows, &n, &f->err));
	}
}

static void read_decisions(struct fixture *f, int64_t message)
{
	const struct stranger_row who[] = {
		{.crm = 1, .addr = "a@x.example", .name = "Anna Bell", .newest = FIXTURE_NOW},
		{.crm = 1, .addr = "@x.example", .name = "", .kind = STRANGER_PARTNERS}};
	struct decision_row *decisions;
	struct stranger_row *strangers;
	struct candidate_row *candidates;
	const char *const *words;
	int64_t ambiguous, unknown;
	size_t n;
	assert_ok(f, decisions_of(f->reader, &f->arena, 1, message, &decisions, &n, &f->err));
	assert_ok(f,
		decision_of_address(f->reader, &f->arena, 1, "a@x.example", &decisions, &f->err));
	assert_ok(f, decisions_never(f->reader, &f->arena, 1, &words, &n, &f->err));
	assert_ok(f, stranger_page(f->reader, &f->arena, who, 9, &strangers, &n, &f->err));
	assert_ok(f, stranger_count(f->reader, 99, &ambiguous, &unknown, &f->err));
	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		assert_ok(f, stranger_candidates(f->reader, &f->arena, &who[i], 9, &candidates, &n,
				     &f->err));
}

static void read_templates(struct fixture *f)
{
	struct template_file file = {.path = "a.md"};
	struct template_list list = {.v = &file, .n = 1};
	struct template_version *versions, version;
	size_t n;
	assert_ok(f, template_uses_read(f->reader, &list, 1, &f->err));
	assert_ok(f, template_versions(f->reader, &f->arena, "a.md", &versions, &n, &f->err));
	assert_int_equal(template_version_get(f->reader, &f->arena, "a.md", 1, &version, &f->err),
		-1);
}

static void read_crm(struct fixture *f, int64_t account, int64_t message)
{
	struct timeline_entry *v;
	const struct timeline_entry after = {.id = "m0000000000000001", .at = FIXTURE_NOW};
	struct contact_row *contacts;
	struct match_job *jobs;
	struct activity_row *entries;
	struct record_job *job;
	struct record_write *writes;
	struct target_row *targets;
	struct deal_row *deals;
	const char **stages;
	struct found_row found[2];
	enum log_state state;
	const char *reason;
	bool has_own;
	int64_t id, parked;
	size_t n;
	assert_ok(f, timeline_page(f->reader, &f->arena, 1, 0, &after, 9, &v, &n, &f->err));
	assert_ok(f, timeline_page(f->reader, &f->arena, 0, 1, &after, 9, &v, &n, &f->err));
	assert_ok(f, contact_list(f->reader, &f->arena, NULL, 1, 9, &contacts, &n, &f->err));
	assert_ok(f, contact_by_address(f->reader, &f->arena, account, "a@x.example", &contacts,
			     &f->err));
	for (size_t i = 0; i < 2; i++) {
		struct correspondent_query q = {account, i ? "lau" : "", FIXTURE_NOW, 9};
		struct correspondent_row *people;
		assert_ok(f, correspondent_find(f->reader, &f->arena, &q, &people, &n, &f->err));
	}
	assert_ok(f, contact_by_crm_id(f->reader, "C1", &id, &f->err));
	assert_ok(f, partner_by_crm_id(f->reader, "P1", &id, &f->err));
	assert_ok(f, deals_of(f->reader, &f->arena, 1, 1, &deals, &n, &f->err));
	assert_ok(f, deal_stages(f->reader, &f->arena, 1, &stages, &n, &f->err));
	assert_ok(f, match_due(f->reader, &f->arena, 1, 9, &jobs, &n, &f->err));
	assert_ok(f, match_job_of(f->reader, &f->arena, message, &jobs, &id, &f->err));
	assert_ok(f, thread_targets(f->reader, &f->arena, 1, 1, message, &targets, &n, &f->err));
	read_decisions(f, message);
	assert_ok(f, thread_has_own(f->reader, 1, &has_own, &f->err));
	assert_ok(f, activity_due(f->reader, &f->arena, 1, 0, &entries, &f->err));
	assert_ok(f, activity_parked(f->reader, &f->arena, 1, 9, &entries, &n, &f->err));
	assert_ok(f, crm_counts(f->reader, 1, &id, &parked, &f->err));
	assert_ok(f, record_due(f->reader, &f->arena, 1, 0, &job, &f->err));
	for (int64_t crm = 0; crm < 2; crm++)
		assert_ok(f,
			record_writes(f->reader, &f->arena, crm, 0, 0, 9, &writes, &n, &f->err));
	assert_ok(f, record_write_get(f->reader, &f->arena, 1, &writes, &f->err));
	struct crm_totals totals;
	struct proof_row *proofs;
	struct crm_entry *waiting;
	struct crm_item_counts counts;
	struct today_threads day;
	struct today_entry *tasks;
	struct notice_row *notices;
	struct reminder *reminders;
	assert_ok(f, crm_totals(f->reader, 1, &totals, &f->err));
	assert_ok(f, crm_proof(f->reader, &f->arena, 1, 3, &proofs, &n, &f->err));
	assert_ok(f, crm_count_since(f->reader, 1, "known", 7, &id, &f->err));
	assert_ok(f, crm_entries_there(f->reader, 1, &id, &parked, &f->err));
	assert_ok(f, crm_entries(f->reader, &f->arena, 9, &waiting, &n, &f->err));
	assert_ok(f, crm_item_counts(f->reader, &counts, &f->err));
	assert_ok(f, today_threads(f->reader, &f->arena, FIXTURE_NOW, 1, 9, &day, &f->err));
	assert_ok(f, today_tasks(f->reader, &f->arena, 9, 9, &tasks, &n, &f->err));
	assert_ok(f, today_meetings(f->reader, &f->arena, 1, 9, 9, &tasks, &n, &f->err));
	const int64_t newest = 9;
	for (int back = 0; back < 2; back++)
		assert_ok(f,
			notice_page(f->reader, &f->arena, &newest, back, 9, &notices, &n, &f->err));
	assert_ok(f, notice_unseen(f->reader, &id, &f->err));
	assert_ok(f, reminder_get(f->reader, &f->arena, 1, &reminders, &f->err));
	assert_ok(f, reminder_list_due(f->reader, &f->arena, 1, 9, &reminders, &n, &f->err));
	assert_ok(f, lead_of_message(f->reader, message, &id, &f->err));
	assert_ok(f, reminder_next(f->reader, &id, &f->err));
	assert_ok(f, log_state_of(f->reader, &f->arena, message, &state, &reason, &f->err));
	assert_true(contacts_of_address(f->reader, 1, "a@x.example", found, 2, &f->err) >= 0);
	assert_true(leads_of_address(f->reader, 1, "a@x.example", found, 2, &f->err) >= 0);
	assert_true(partners_of_domain(f->reader, 1, "x.example", found, 2, &f->err) >= 0);
}

/* Accounts, CRMs, folders, and the outbox are a screen long at most; of mail_crm the newest are
 * looked at, a fixed number of them; head is walked for terms too
 * short
 * for the index, newest first; ops are what the user did a moment ago; q is a queue, taken from its
 * head. */
static bool is_small(const char *step)
{
	static const char *const small[] = {"SCAN account", "SCAN folder", "SCAN a", "SCAN f",
		"SCAN r", "SCAN CONSTANT ROW", "SCAN k", "SCAN q", "SCAN account_setting",
		"SCAN (subquery-1)", "SCAN (subquery-2)", "SCAN mail_crm", "SCAN newest", "SCAN n",
		"SCAN notice"};
	for (size_t i = 0; i < ARRAY_SIZE(small); i++)
		if (!strcmp(step, small[i]))
			return true;
	return false;
}

static bool is_wrong(const char *step)
{
	if (!strncmp(step, "SCAN", 4))
		return !strstr(step, "VIRTUAL TABLE") && !strstr(step, "COVERING INDEX") &&
		       !strstr(step, "USING INDEX message_") &&
		       !strstr(step, "USING INDEX correspondent_last") &&
		       !strstr(step, "USING INDEX stranger_newest") &&
		       !strstr(step, "USING INDEX notice_unseen") && !is_small(step);
	return strstr(step, "TEMP B-TREE FOR ORDER BY") || strstr(step, "AUTOMATIC");
}

/* A few rows that were found by an index may be sorted: people of one message, an outbox, the
 * deals of one contact, the targets of one conversation and what was decided about it, people by
 * one beginning of a word or of one domain. */
static bool may_sort(const char *sql)
{
	return strstr(sql, "FROM folder") || strstr(sql, "FROM account") ||
	       strstr(sql, "m.thread = ? ORDER BY m.copy_of") || strstr(sql, "FROM body_request") ||
	       strstr(sql, "FROM deal ") || strstr(sql, "FROM activity WHERE message") ||
	       strstr(sql, "JOIN link l") || strstr(sql, "FROM outbox o") ||
	       strstr(sql, "placement p ON p.message = m.id") ||
	       strstr(sql, "FROM correspondent_word") || strstr(sql, "JOIN decision d") ||
	       strstr(sql, "FROM partner_domain d") || strstr(sql, "FROM message_party mp") ||
	       strstr(sql, "FROM correspondent ORDER BY last_at");
}

static void check_plan(struct fixture *f, const char *sql)
{
	sqlite3_stmt *s;
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3 *h = reader_db(f->reader)->h;
	assert_null(strstr(sql, " OFFSET ")); /* lists go on from a key */
	if (sqlite3_prepare_v2(h, explain, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h));
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(s, 3);
		bool is_sort = strstr(step, "ORDER BY") != NULL;
		if (is_wrong(step) && !(is_sort && may_sort(sql)))
			fail_msg("%s\n  %s", sql, step);
	}
	sqlite3_finalize(s);
	sqlite3_free(explain);
}

static void plan__goes_by_an_index__every_query_of_lists(void **state)
{
	struct fixture *f = *state;
	struct noted noted = {.n = 0};
	int64_t account = letters_account(f, "work"), message;
	int64_t inbox = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	int64_t home = letters_account(f, "home"), imported;
	const struct account_row import = {
		.name = "old", .kind = "import", .email = "me@x.example"};
	assert_ok(f, account_add(f->store, &import, NULL, 0, &imported, &f->err));
	letters_folder(f, home, "INBOX", FOLDER_INBOX);
	letters_put(f, account, inbox, &(struct letter){.id = "1"}, 1, &message);
	sqlite3_trace_v2(reader_db(f->reader)->h, SQLITE_TRACE_STMT, note_statement, &noted);
	read_lists(f, account, inbox);
	read_messages(f, account, inbox, message);
	read_searches(f);
	read_crm(f, account, message);
	read_templates(f);
	sqlite3_trace_v2(reader_db(f->reader)->h, 0, NULL, NULL);
	assert_in_range(noted.n, 25, SQL_MAX - 1);
	for (size_t i = 0; i < noted.n; i++) {
		check_plan(f, noted.v[i]);
		free(noted.v[i]);
	}
}

static void plan__is_refused__full_scan(void **state)
{
	(void)state;
	assert_true(is_wrong("SCAN message"));
	assert_true(is_wrong("SCAN m"));
	assert_true(is_wrong("USE TEMP B-TREE FOR ORDER BY"));
	assert_false(is_wrong("SEARCH message USING INDEX message_thread (thread=?)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plan__goes_by_an_index__every_query_of_lists,
			fixture_up, fixture_down),
		cmocka_unit_test(plan__is_refused__full_scan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
