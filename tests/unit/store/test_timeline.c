/*
 * test_timeline.c - timelines by conversation and the lists of records: what stands where, filters,
 * pages in both directions, and that a long one costs no more than a short one. Rows are made by
 * SQL, so that the triggers are tested whoever writes.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/rng.h"
#include "crmail/store/activity.h"
#include "crmail/store/book.h"
#include "crmail/store/record.h"
#include "crmail/store/timeline.h"
#include "src/store/crm_private.h"
#include "tests/unit/store/fixture.h"

enum { PAGE = 40, DAY = 86400 };

/* Two contacts of one partner, another contact, an account, two users of a CRM. */
static const char BASE[] =
	"INSERT INTO crm (id, name, profile, url, user_id) VALUES (1, 'main', 'x', 'http://x', "
	"'ME');"
	"INSERT INTO crm_user VALUES (1, 'ME', 'Minh', NULL), (1, 'U2', 'Denis B.', NULL);"
	"INSERT INTO account (id, name, kind, email, crm) VALUES (1, 'work', 'maildir', "
	"'m@x.example', 0),"
	" (2, 'home', 'maildir', 'h@x.example', 0);"
	"INSERT INTO partner (id, crm, crm_id, name) VALUES (1, 1, 'P1', 'Dafaneto'), (2, 1, 'P2', "
	"'Tolabe');"
	"INSERT INTO contact (id, crm, crm_id, name, partner) VALUES (1, 1, 'C1', 'Laura Palmer', "
	"1),"
	" (2, 1, 'C2', 'Björn', 1), (3, 1, 'C3', 'Юлия', 0);"
	"UPDATE contact SET sort_key = 'bjorn' WHERE id = 2;"
	"INSERT INTO contact_email VALUES (1, 0, 1, 'L@x.example', 'l@x.example'),"
	" (2, 0, 1, 'b@x.example', 'b@x.example')";

static void run_sql(const struct fixture *f, const char *sql)
{
	char path[128];
	char *problem = NULL;
	sqlite3 *h;
	snprintf(path, sizeof(path), "%s/crmail.db", f->dir);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	sqlite3_busy_timeout(h, 5000);
	sqlite3_exec(h, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(h, sql, NULL, NULL, &problem) != SQLITE_OK)
		fail_msg("%s: %.80s", problem, sql);
	sqlite3_close(h);
}

#define RUN(f, ...) run_sql(f, arena_printf(&(f)->arena, __VA_ARGS__))

/* Message `id` of conversation `thread`; linked by links(). */
static void mail(struct fixture *f, int id, int thread, int account, int64_t at)
{
	RUN(f,
		"INSERT INTO message (id, account, thread, copy_of, received, date, subject, mid)"
		" VALUES (%d, %d, %d, %d, %lld, %lld, 'S%d', 'm%d');"
		"INSERT OR IGNORE INTO thread (id, newest, people) VALUES (%d, %d, 'Laura')",
		id, account, thread, id, (long long)at, (long long)at, id, id, thread, id);
}

static void links(struct fixture *f, int message, int kind, int target, int64_t at)
{
	RUN(f, "INSERT INTO link (message, kind, target, at) VALUES (%d, %d, %d, %lld)", message,
		kind, target, (long long)at);
}

static void entry(struct fixture *f, int id, int kind, int contact, int partner, int64_t at,
	const char *by)
{
	RUN(f,
		"INSERT INTO activity (id, crm, key, kind, at, subject, contact, partner, by, "
		"state)"
		" VALUES (%d, 1, 'k%d', %d, %lld, 'A%d', %d, %d, %s%s%s, 2)",
		id, id, kind, (long long)at, id, contact, partner, by ? "'" : "", by ? by : "NULL",
		by ? "'" : "");
}

static struct timeline_items read_page(struct fixture *f, const struct timeline_spec *spec,
	const struct timeline_key *from, bool newer, size_t limit)
{
	struct timeline_items page;
	assert_ok(f, timeline_read(f->reader, &f->arena, spec, from, newer, limit, &page, &f->err));
	return page;
}

/* "m3*2 a5": conversations by their newest message and count, activities by id, newest first. */
static const char *whole(struct fixture *f, const struct timeline_spec *spec)
{
	struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct timeline_items page = {.n = 0};
	const struct timeline_key *from = NULL;
	do {
		page = read_page(f, spec, from, false, 3);
		for (size_t i = 0; i < page.n; i++) {
			const struct timeline_item *x = &page.v[i];
			buf_addf(&b, "%s%c%lld", b.len ? " " : "", x->thread ? 'm' : 'a',
				(long long)(x->thread ? x->message : x->activity));
			if (x->count > 1)
				buf_addf(&b, "*%u", x->count);
		}
		from = &page.reached;
	} while (!page.is_end);
	const char *text = arena_strdup(&f->arena, b.p);
	buf_release(&b);
	return text;
}

#define OF(kind_, target_, ...)                                                                    \
	whole(f, &(const struct timeline_spec){                                                    \
			 .of = (kind_), .target = (target_), .filter = {__VA_ARGS__}})

/* What the triggers keep is what there is to keep. */
static void check_kept(const struct fixture *f)
{
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"WITH due AS (SELECT l.kind, l.target,"
			" EXISTS (SELECT 1 FROM hidden_mail h WHERE h.message = m.id) AS hid,"
			" m.thread, max(l.at) AS at, count(*) AS n FROM link l"
			" JOIN message m ON m.id = l.message WHERE l.how <> 2 AND l.is_shown = 1"
			" GROUP BY 1, 2, 3, 4) SELECT (SELECT count(*) FROM (SELECT * FROM due "
			"EXCEPT"
			" SELECT kind, target, is_hidden, thread, at, n FROM timeline_thread))"
			" + (SELECT count(*) FROM (SELECT kind, target, is_hidden, thread, at, n"
			" FROM timeline_thread EXCEPT SELECT * FROM due))"),
		0);
	/* The newest of each is one of its own, at that moment. */
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"SELECT count(*) FROM timeline_thread t WHERE NOT EXISTS (SELECT 1"
			" FROM message m JOIN link l ON l.message = m.id WHERE m.id = t.message"
			" AND m.thread = t.thread AND l.kind = t.kind AND l.target = t.target"
			" AND l.at = t.at AND m.account = t.account)"),
		0);
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"SELECT (SELECT count(*) FROM (SELECT kind, target, at, activity, type, by"
			" FROM timeline_entry_due EXCEPT SELECT kind, target, at, activity, type, "
			"by"
			" FROM timeline_entry)) + (SELECT count(*) FROM (SELECT kind, target, at,"
			" activity, type, by FROM timeline_entry EXCEPT SELECT kind, target, at,"
			" activity, type, by FROM timeline_entry_due))"),
		0);
}

static void timeline__mail_is_one_entry_a_conversation__with_its_count(void **state)
{
	struct fixture *f = *state;
	run_sql(f, BASE);
	for (int i = 1; i <= 4; i++) {
		mail(f, i, i == 3 ? 30 : 10, 1, 1000 + i);
		links(f, i, LINK_CONTACT, 1, 1000 + i);
		links(f, i, LINK_PARTNER, 1, 1000 + i);
	}
	entry(f, 1, ENTRY_CALL, 1, 1, 1002, "U2");
	entry(f, 2, ENTRY_NOTE, 1, 1, 999, NULL);
	assert_string_equal(OF(TIMELINE_CONTACT, 1), "m4*3 m3 a1 a2");
	assert_string_equal(OF(TIMELINE_PARTNER, 1), "m4*3 m3 a1 a2");
	assert_string_equal(OF(TIMELINE_CONTACT, 2), "");
	struct timeline_spec spec = {.of = TIMELINE_CONTACT, .target = 1};
	struct timeline_items page = read_page(f, &spec, NULL, false, 10);
	assert_string_equal(page.v[2].by, "Denis B.");
	assert_false(page.v[2].is_mine);
	assert_string_equal(page.v[0].subject, "S4");
	check_kept(f);
}

static void timeline__of_a_partner__spans_its_people(void **state)
{
	struct fixture *f = *state;
	run_sql(f, BASE);
	entry(f, 1, ENTRY_CALL, 2, 0, 1001, "U2");
	entry(f, 2, ENTRY_NOTE, 0, 1, 1002, "U2");
	entry(f, 3, ENTRY_NOTE, 3, 0, 1003, "U2");
	assert_string_equal(OF(TIMELINE_PARTNER, 1), "a2 a1");
	run_sql(f, "UPDATE contact SET partner = 1 WHERE id = 3");
	assert_string_equal(OF(TIMELINE_PARTNER, 1), "a3 a2 a1");
	run_sql(f, "UPDATE contact SET partner = 2 WHERE id IN (2, 3)");
	assert_string_equal(OF(TIMELINE_PARTNER, 1), "a2");
	assert_string_equal(OF(TIMELINE_PARTNER, 2), "a3 a1");
	run_sql(f, "UPDATE activity SET state = 4 WHERE id = 3; DELETE FROM activity WHERE id = 1");
	assert_string_equal(OF(TIMELINE_PARTNER, 2), "");
	check_kept(f);
	/* The command line sees the same. */
	struct timeline_entry *v;
	size_t n;
	assert_ok(f, timeline_page(f->reader, &f->arena, 0, 1, NULL, 10, &v, &n, &f->err));
	assert_int_equal(n, 1);
}

static void timeline__of_me__is_what_i_did(void **state)
{
	struct fixture *f = *state;
	run_sql(f, BASE);
	entry(f, 1, ENTRY_CALL, 1, 1, 1001, "ME");
	entry(f, 2, ENTRY_CALL, 1, 1, 1002, "U2");
	entry(f, 3, ENTRY_CALL, 0, 0, 1003, NULL);
	assert_string_equal(OF(TIMELINE_ME, 0), "a1");
	run_sql(f, "UPDATE crm SET user_id = 'U2'");
	assert_string_equal(OF(TIMELINE_ME, 0), "a2");
	run_sql(f, "UPDATE crm SET url = NULL, user_id = NULL");
	assert_string_equal(OF(TIMELINE_ME, 0), "a3");
	check_kept(f);
}

static void timeline__of_a_deal__has_its_mail_and_activities(void **state)
{
	struct fixture *f = *state;
	run_sql(f, BASE);
	mail(f, 1, 1, 1, 1000);
	links(f, 1, TIMELINE_DEAL, 7, 1000);
	entry(f, 1, ENTRY_CALL, 1, 1, 1001, "U2");
	entry(f, 2, ENTRY_CALL, 1, 1, 1002, "U2");
	run_sql(f, "UPDATE activity SET deal = 7 WHERE id = 2");
	assert_string_equal(OF(TIMELINE_DEAL, 7), "a2 m1");
	check_kept(f);
}

static void timeline__filters__let_through_what_they_say(void **state)
{
	struct fixture *f = *state;
	struct timeline_people people;
	run_sql(f, BASE);
	run_sql(f, "INSERT INTO party (id, addr, name, norm, domain) VALUES"
		   " (1, 'l@x.example', 'L. Palmer', 'l@x.example', 'x.example'),"
		   " (2, 'o@y.example', 'Otto', 'o@y.example', 'y.example')");
	for (int i = 1; i <= 3; i++) {
		mail(f, i, i, i == 2 ? 2 : 1, 1000 + i * DAY);
		links(f, i, LINK_PARTNER, 1, 1000 + i * DAY);
		RUN(f, "INSERT INTO message_party VALUES (%d, 1, 0, %d)", i, i == 3 ? 2 : 1);
	}
	mail(f, 4, 3, 2, 900);
	links(f, 4, LINK_PARTNER, 1, 900);
	entry(f, 1, ENTRY_CALL, 1, 1, 1500 + DAY, "U2");
	entry(f, 2, ENTRY_NOTE, 2, 1, 1500 + 2 * DAY, "ME");
	assert_string_equal(OF(TIMELINE_PARTNER, 1), "m3*2 a2 m2 a1 m1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .kinds = 1u << ENTRY_EMAIL), "m3*2 m2 m1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .kinds = 1u << ENTRY_CALL | 1u << ENTRY_NOTE),
		"a2 a1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .from = 1500 + DAY), "m3*2 a2 m2 a1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .to = 1500 + DAY), "m1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .from = 1000 + DAY, .to = 1000 + 2 * DAY),
		"a1 m1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .account = 2), "m3*2 m2");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .account = 1), "m3*2 m1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .user = "U2"), "a1");
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .user = "ME", .user_is_me = true),
		"m3*2 a2 m2 m1");
	assert_ok(f, timeline_find_people(f->reader, &f->arena, "Laura", &people, &f->err));
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .people = &people), "m2 a1 m1");
	assert_ok(f, timeline_find_people(f->reader, &f->arena, "OTTO", &people, &f->err));
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .people = &people), "m3*2");
	assert_ok(f, timeline_find_people(f->reader, &f->arena, "bjorn", &people, &f->err));
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .people = &people), "a2");
	assert_ok(f, timeline_find_people(f->reader, &f->arena, "nobody", &people, &f->err));
	assert_string_equal(OF(TIMELINE_PARTNER, 1, .people = &people), "");
}

static void timeline__hidden_mail__is_gone_until_it_is_asked_for(void **state)
{
	struct fixture *f = *state;
	int64_t first, second;
	run_sql(f, BASE);
	for (int i = 1; i <= 3; i++) {
		mail(f, i, i == 3 ? 30 : 10, 1, 1000 + i);
		links(f, i, LINK_CONTACT, 1, 1000 + i);
	}
	timeline_hide(f->store, 10, &first);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(OF(TIMELINE_CONTACT, 1), "m3");
	assert_string_equal(OF(TIMELINE_CONTACT, 1, .is_hidden = true), "m2*2");
	assert_string_equal(OF(TIMELINE_ME, 0, .is_hidden = true), "m2*2");
	struct timeline_entry *v;
	size_t n;
	assert_ok(f, timeline_page(f->reader, &f->arena, 1, 0, NULL, 10, &v, &n, &f->err));
	assert_int_equal(n, 1);
	/* What comes later shows itself, and is hidden and undone by itself. */
	mail(f, 4, 10, 1, 1004);
	links(f, 4, LINK_CONTACT, 1, 1004);
	assert_string_equal(OF(TIMELINE_CONTACT, 1), "m4 m3");
	timeline_hide(f->store, 10, &second);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(OF(TIMELINE_CONTACT, 1, .is_hidden = true), "m4*3");
	check_kept(f);
	timeline_hide_undo(f->store, second);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(OF(TIMELINE_CONTACT, 1), "m4 m3");
	timeline_unhide(f->store, 10);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(OF(TIMELINE_CONTACT, 1), "m4*3 m3");
	assert_string_equal(OF(TIMELINE_CONTACT, 1, .is_hidden = true), "");
	check_kept(f);
}

static int below(struct rng *r, unsigned n)
{
	return (int)rng_below(r, n);
}

static void random_step(struct fixture *f, struct rng *r, int *next)
{
	int id = 1 + below(r, 12);
	int64_t at = 1000 + below(r, 20);
	switch (below(r, 11)) {
	case 0:
	case 1:
		mail(f, *next, 1 + below(r, 4), 1 + below(r, 2), at);
		links(f, *next, LINK_CONTACT, 1 + below(r, 2), at);
		links(f, (*next)++, LINK_PARTNER, 1, at);
		break;
	case 2:
		RUN(f, "DELETE FROM link WHERE message = %d", id);
		break;
	case 3:
		RUN(f, "UPDATE link SET how = 2 - how WHERE message = %d AND kind = 1", id);
		break;
	case 4:
		RUN(f, "UPDATE message SET thread = %d WHERE thread = %d", 1 + below(r, 4),
			1 + below(r, 4));
		break;
	case 5:
		RUN(f, "DELETE FROM message WHERE id = %d", id);
		break;
	case 6:
		RUN(f,
			"INSERT OR IGNORE INTO hidden_mail SELECT id, 7 FROM message WHERE thread "
			"= %d",
			1 + below(r, 4));
		break;
	case 7:
		RUN(f, "DELETE FROM hidden_mail WHERE message %% 2 = %d", below(r, 2));
		break;
	case 8:
		entry(f, (*next)++, below(r, 6), below(r, 4), below(r, 3), at,
			below(r, 2) ? "ME" : NULL);
		break;
	case 9:
		RUN(f,
			"UPDATE activity SET at = %lld, message = %d, contact = %d WHERE id %% 3 = "
			"%d",
			(long long)at, below(r, 2), below(r, 4), below(r, 3));
		break;
	default:
		RUN(f, "UPDATE contact SET partner = %d WHERE id = %d", below(r, 3),
			1 + below(r, 3));
	}
}

static void timeline__whatever_is_written__the_rows_follow(void **state)
{
	struct fixture *f = *state;
	int next = 1;
	run_sql(f, BASE);
	for (int i = 0; i < 300; i++) {
		random_step(f, f->rng, &next);
		check_kept(f);
	}
}

/* ---- long ones ------------------------------------------------------------------------------- */

/* n conversations and n / 2 activities of one contact, a minute apart. */
static void fill(struct fixture *f, int contact, int first, int n)
{
	RUN(f,
		"WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < %d - 1)"
		" INSERT INTO message (id, account, thread, copy_of, received, date, subject, "
		"snippet)"
		" SELECT %d + i, 1, %d + i, %d + i, 60 * i, 60 * i, 'S' || i, 'text' FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < %d - 1)"
		" INSERT INTO thread (id, newest, people) SELECT %d + i, %d + i, 'Laura' FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < %d - 1)"
		" INSERT INTO link (message, kind, target, at) SELECT %d + i, 1, %d, 60 * i FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < %d / 2 - "
		"1)"
		" INSERT INTO activity (crm, key, kind, at, contact, state, by)"
		" SELECT 1, 'k' || (%d + i), 1 + i %% 3, 120 * i + 30, %d, 2, 'U2' FROM s",
		n, first, first, first, n, first, first, n, first, contact, n, first, contact);
}

struct work {
	int64_t statements, steps;
};

static int count_statement(unsigned what, void *ctx, void *stmt, void *text)
{
	(void)what;
	(void)stmt;
	(void)text;
	((struct work *)ctx)->statements++;
	return 0;
}

static int count_steps(void *ctx)
{
	((struct work *)ctx)->steps++;
	return 0;
}

static void watch(struct fixture *f, struct work *w)
{
	sqlite3 *h = reader_db(f->reader)->h;
	*w = (struct work){0, 0};
	sqlite3_trace_v2(h, SQLITE_TRACE_STMT, count_statement, w);
	sqlite3_progress_handler(h, 1, count_steps, w);
}

static void unwatch(struct fixture *f)
{
	sqlite3 *h = reader_db(f->reader)->h;
	sqlite3_trace_v2(h, 0, NULL, NULL);
	sqlite3_progress_handler(h, 0, NULL, NULL);
}

/* What the costliest of a few pages in the middle takes: statements, and the virtual machine's
 * steps. */
static struct work cost(struct fixture *f, int contact, int64_t middle)
{
	struct timeline_spec spec = {.of = TIMELINE_CONTACT, .target = contact};
	struct work most = {0, 0};
	const struct timeline_key key = {middle, 0};
	for (int newer = 0; newer < 2; newer++) {
		struct work w;
		watch(f, &w);
		struct timeline_items page = read_page(f, &spec, &key, newer, 20);
		unwatch(f);
		assert_int_equal(page.n, 20);
		most.statements = w.statements > most.statements ? w.statements : most.statements;
		most.steps = w.steps > most.steps ? w.steps : most.steps;
	}
	return most;
}

static int long_one(void)
{
	return getenv("CRMAIL_SLOW") ? 50000 : 5000;
}

static void timeline__long_one__costs_what_a_short_one_does(void **state)
{
	struct fixture *f = *state;
	int n = long_one();
	run_sql(f, BASE);
	fill(f, 1, 1, n);
	fill(f, 2, n + 1, 50);
	struct work big = cost(f, 1, 30LL * n);
	struct work small = cost(f, 2, 30 * 50);
	assert_int_equal(big.statements, small.statements);
	assert_in_range(big.statements, 1, 2);
	assert_in_range(big.steps, 1, small.steps * 5 / 4);
}

static void timeline__both_ways__the_pages_are_the_same(void **state)
{
	struct fixture *f = *state;
	struct timeline_spec spec = {.of = TIMELINE_CONTACT, .target = 1};
	struct timeline_key *keys;
	int n = long_one() / 10;
	size_t count = 0;
	run_sql(f, BASE);
	fill(f, 1, 1, n);
	keys = arena_array(&f->arena, (size_t)n * 2, sizeof(*keys));
	struct timeline_items page = {.is_end = false};
	const struct timeline_key *from = NULL;
	while (!page.is_end) {
		page = read_page(f, &spec, from, false, PAGE);
		for (size_t i = 0; i < page.n; i++)
			keys[count++] = page.v[i].key;
		from = &page.reached;
	}
	assert_int_equal(count, (size_t)(n + n / 2));
	for (size_t i = 1; i < count; i++)
		assert_true(keys[i].at <= keys[i - 1].at);
	size_t left = count;
	from = NULL;
	page.is_end = false;
	while (!page.is_end) {
		page = read_page(f, &spec, from, true, PAGE);
		for (size_t i = page.n; i-- > 0;) {
			assert_in_range(left, 1, count);
			left--;
			assert_int_equal(page.v[i].key.at, keys[left].at);
			assert_int_equal(page.v[i].key.id, keys[left].id);
		}
		from = &page.reached;
	}
	assert_int_equal(left, 0);
}

/* A filter that lets nothing through ends, a bounded number of rows at a time. */
static void timeline__filter_of_nothing__looks_at_a_bounded_number_of_rows(void **state)
{
	struct fixture *f = *state;
	struct timeline_spec spec = {.of = TIMELINE_CONTACT, .target = 1, .filter = {.user = "U9"}};
	struct timeline_items page = {.is_end = false};
	const struct timeline_key *from = NULL;
	int n = long_one();
	int turns = 0;
	run_sql(f, BASE);
	fill(f, 1, 1, n);
	for (; !page.is_end; turns++) {
		struct work w;
		watch(f, &w);
		page = read_page(f, &spec, from, false, PAGE);
		unwatch(f);
		assert_int_equal(page.n, 0);
		assert_in_range(w.steps, 1, 60000);
		from = &page.reached;
	}
	assert_in_range(turns, 3, n / 1000 + 2);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const char *names(struct fixture *f, const struct book_spec *spec, bool back)
{
	struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct book_page page = {.is_end = false};
	const struct book_key *from = NULL;
	while (!page.is_end) {
		assert_ok(f, book_read(f->reader, &f->arena, spec, from, back, 2, &page, &f->err));
		struct buf one = BUF_INIT(BUF_UNLIMITED);
		for (size_t i = 0; i < page.n; i++)
			buf_addf(&one, "%s ", page.v[i].name);
		if (back) {
			buf_addstr(&one, b.p);
			buf_reset(&b);
		}
		buf_addstr(&b, one.p);
		buf_release(&one);
		from = &page.reached;
	}
	const char *text = arena_strdup(&f->arena, b.p);
	buf_release(&b);
	return text;
}

static void check_list(struct fixture *f, enum book b, enum book_order o, const char *words,
	const char *want)
{
	const struct book_spec spec = {b, o, words};
	assert_string_equal(names(f, &spec, false), want);
	assert_string_equal(names(f, &spec, true), want);
}

static void put_people(struct fixture *f)
{
	static const char *const addr[] = {"o@x.example", "o@z.example"};
	static const char *const domain[] = {"z.example"};
	const struct partner_in partners[] = {
		{.crm_id = "P1", .name = "Ötker", .domains = domain, .n_domains = 1},
		{.crm_id = "P2", .name = "Acme"}};
	const struct contact_in contacts[] = {
		{.crm_id = "C1", .name = "Zoe", .partner_crm_id = "P2"},
		{.crm_id = "C2",
			.name = "Özil",
			.emails = addr,
			.n_emails = 2,
			.partner_crm_id = "P1"},
		{.crm_id = "C3", .name = "alma"},
		{.crm_id = "C4", .name = "Юлия", .partner_crm_id = "P1"},
		{.crm_id = "C5", .name = "Peter", .partner_crm_id = "P2"}};
	const struct deal_in deals[] = {{.crm_id = "D1",
						.name = "small",
						.amount = "90",
						.stage = "offer",
						.close_at = 300},
		{.crm_id = "D2", .name = "won", .amount = "99999", .stage = "Won", .close_at = 1},
		{.crm_id = "D3",
			.name = "big",
			.amount = "1200.5",
			.stage = "Lead",
			.next_step = "call"},
		{.crm_id = "D4", .number = "D-4", .name = "", .contact_crm_id = "C2"}};
	struct put_page page = {.crm = 1, .object = "partner"};
	run_sql(f, "INSERT INTO crm (id, name, profile, url) VALUES (1, 'main', 'x', 'http://x')");
	assert_ok(f, partner_put(f->store, &page, partners, 2, &f->err));
	page.object = "contact";
	assert_ok(f, contact_put(f->store, &page, contacts, 5, &f->err));
	page.object = "deal";
	assert_ok(f, deal_put(f->store, &page, deals, 4, &f->err));
	const struct lead_in leads[] = {{.crm_id = "L1", .name = "Zed", .addr = "Z@far.example"},
		{.crm_id = "L2", .name = "", .addr = "nobody@far.example"},
		{.crm_id = "L3", .name = "ada"}};
	page.object = "lead";
	assert_ok(f, lead_put(f->store, &page, leads, 3, &f->err));
}

static void book__orders__both_ways_and_by_words(void **state)
{
	struct fixture *f = *state;
	put_people(f);
	run_sql(f, "UPDATE contact SET last_touch_at = 500 WHERE crm_id = 'C4';"
		   "UPDATE contact SET last_touch_at = 900 WHERE crm_id = 'C5'");
	check_list(f, BOOK_CONTACTS, BOOK_BY_NAME, NULL, "alma Özil Peter Zoe Юлия ");
	check_list(f, BOOK_CONTACTS, BOOK_BY_TOUCH, NULL, "Peter Юлия alma Özil Zoe ");
	check_list(f, BOOK_CONTACTS, BOOK_BY_COMPANY, NULL, "Peter Zoe Özil Юлия alma ");
	check_list(f, BOOK_CONTACTS, BOOK_BY_NAME, "oTKER", "Özil Юлия ");
	check_list(f, BOOK_CONTACTS, BOOK_BY_NAME, "z.exa  ozi", "Özil ");
	check_list(f, BOOK_CONTACTS, BOOK_BY_TOUCH, "nobody", "");
	check_list(f, BOOK_PARTNERS, BOOK_BY_NAME, NULL, "Acme Ötker ");
	check_list(f, BOOK_PARTNERS, BOOK_BY_NAME, "z.ex", "Ötker ");
	check_list(f, BOOK_DEALS, BOOK_BY_NAME, NULL, "D-4 big small won ");
	check_list(f, BOOK_DEALS, BOOK_BY_STAGE, NULL, "big small D-4 won ");
	check_list(f, BOOK_DEALS, BOOK_BY_AMOUNT, NULL, "big small D-4 won ");
	check_list(f, BOOK_DEALS, BOOK_BY_CLOSE, NULL, "small big D-4 won ");
	check_list(f, BOOK_DEALS, BOOK_BY_NEXT, NULL, "big small D-4 won ");
	check_list(f, BOOK_DEALS, BOOK_BY_CLOSE, "ozil", "D-4 ");
	check_list(f, BOOK_LEADS, BOOK_BY_NAME, NULL, "ada nobody@far.example Zed ");
	check_list(f, BOOK_LEADS, BOOK_BY_NAME, "z@FAR", "Zed ");
	assert_false(book_has_order(BOOK_LEADS, BOOK_BY_TOUCH));
	run_sql(f, "UPDATE lead SET gone_at = 1 WHERE crm_id = 'L3'");
	check_list(f, BOOK_LEADS, BOOK_BY_NAME, NULL, "nobody@far.example Zed ");
}

static void book__lead__tells_its_newest_mail(void **state)
{
	struct fixture *f = *state;
	struct book_row *r;
	int64_t id = 0;
	put_people(f);
	assert_ok(f, record_by_crm_id(f->reader, RECORD_LEAD, "L1", &id, &f->err));
	run_sql(f, arena_printf(&f->arena,
			   "INSERT INTO link (message, kind, target, at, how, is_shown)"
			   " VALUES (1, 3, %lld, 500, 0, 1), (2, 3, %lld, 900, 0, 1),"
			   " (3, 3, %lld, 999, 2, 1)",
			   (long long)id, (long long)id, (long long)id));
	assert_ok(f, book_get(f->reader, &f->arena, BOOK_LEADS, id, &r, &f->err));
	assert_string_equal(r->name, "Zed");
	assert_string_equal(r->email, "Z@far.example");
	assert_int_equal(r->last_touch_at, 900);
}

static void book__renamed_partner__moves_its_people(void **state)
{
	struct fixture *f = *state;
	put_people(f);
	run_sql(f, "UPDATE partner SET name = 'Aaa' WHERE crm_id = 'P1'");
	check_list(f, BOOK_CONTACTS, BOOK_BY_COMPANY, NULL, "Özil Юлия Peter Zoe alma ");
	run_sql(f, "UPDATE contact SET partner = 0 WHERE crm_id = 'C5'");
	check_list(f, BOOK_CONTACTS, BOOK_BY_COMPANY, NULL, "Özil Юлия Zoe alma Peter ");
}

static void book__touch__counts_what_was_done(void **state)
{
	struct fixture *f = *state;
	put_people(f);
	const struct entry_in v[] = {
		{.crm_id = "A1", .kind = ENTRY_CALL, .at = 7000, .contact_crm_id = "C5"},
		{.crm_id = "A2", .kind = ENTRY_TASK, .at = 8000, .contact_crm_id = "C5"},
		{.crm_id = "A3",
			.kind = ENTRY_MEETING,
			.at = FIXTURE_NOW + DAY,
			.contact_crm_id = "C5"}};
	struct put_page page = {.crm = 1, .object = "activity"};
	assert_ok(f, entry_put(f->store, &page, v, 3, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT last_touch_at FROM contact WHERE crm_id = 'C5'"),
		7000);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT last_touch_at FROM partner WHERE crm_id = 'P2'"),
		7000);
}

static void book__long_one__costs_what_a_short_one_does(void **state)
{
	struct fixture *f = *state;
	struct work w[2];
	int n = getenv("CRMAIL_SLOW") ? 100000 : 10000;
	for (int big = 0; big < 2; big++) {
		const struct book_spec spec = {BOOK_DEALS, BOOK_BY_STAGE, NULL};
		const struct book_key middle = {0, "0new", 25};
		struct book_page page;
		/* All of one stage: the id alone says where the page begins. */
		RUN(f,
			"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
			"%d)"
			" INSERT OR IGNORE INTO deal (id, crm, name, stage)"
			" SELECT i, 1, 'D' || i, 'new' FROM s",
			big ? n : 50);
		watch(f, &w[big]);
		assert_ok(f,
			book_read(f->reader, &f->arena, &spec, &middle, big, 20, &page, &f->err));
		unwatch(f);
		assert_int_equal(page.n, 20);
	}
	assert_int_equal(w[0].statements, 1);
	assert_int_equal(w[1].statements, 1);
	assert_in_range(w[1].steps, 1, w[0].steps * 5 / 4);
}

/* Every page of every list and timeline begins by one look-up in an index. */
static void plan__every_page__begins_in_an_index(void **state)
{
	struct fixture *f = *state;
	struct book_page page;
	run_sql(f, BASE);
	for (int b = BOOK_CONTACTS; b <= BOOK_LEADS; b++)
		for (int o = 0; o < BOOK_ORDER_COUNT; o++)
			for (int back = 0; back < 2; back++) {
				struct book_spec spec = {(enum book)b, (enum book_order)o, NULL};
				if (book_has_order(spec.book, spec.order))
					assert_ok(f, book_read(f->reader, &f->arena, &spec, NULL,
							     back, 9, &page, &f->err));
			}
	for (int newer = 0; newer < 2; newer++)
		for (int hidden = 0; hidden < 2; hidden++) {
			struct timeline_spec spec = {.of = TIMELINE_CONTACT,
				.target = 1,
				.filter = {.is_hidden = hidden}};
			read_page(f, &spec, NULL, newer, 9);
		}
	size_t n = 0;
	sqlite3 *h = reader_db(f->reader)->h;
	for (sqlite3_stmt *s = sqlite3_next_stmt(h, NULL); s; s = sqlite3_next_stmt(h, s)) {
		char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sqlite3_sql(s));
		sqlite3_stmt *q;
		if (!strstr(sqlite3_sql(s), "LIMIT ?") || !strstr(sqlite3_sql(s), "ORDER BY")) {
			sqlite3_free(explain);
			continue;
		}
		assert_int_equal(sqlite3_prepare_v2(h, explain, -1, &q, NULL), SQLITE_OK);
		bool is_first = true;
		while (sqlite3_step(q) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(q, 3);
			if ((strstr(step, "SCAN") && !strstr(step, "json_each")) ||
				strstr(step, "TEMP B-TREE") || (is_first && !strstr(step, "(?,?")))
				fail_msg("%s\n  %s", sqlite3_sql(s), step);
			is_first = false;
		}
		sqlite3_finalize(q);
		sqlite3_free(explain);
		n++;
	}
	assert_int_equal(n, 26);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(timeline__mail_is_one_entry_a_conversation__with_its_count),
		TEST(timeline__of_a_partner__spans_its_people),
		TEST(timeline__of_me__is_what_i_did),
		TEST(timeline__of_a_deal__has_its_mail_and_activities),
		TEST(timeline__filters__let_through_what_they_say),
		TEST(timeline__hidden_mail__is_gone_until_it_is_asked_for),
		TEST(timeline__whatever_is_written__the_rows_follow),
		TEST(timeline__long_one__costs_what_a_short_one_does),
		TEST(timeline__both_ways__the_pages_are_the_same),
		TEST(timeline__filter_of_nothing__looks_at_a_bounded_number_of_rows),
		TEST(book__orders__both_ways_and_by_words),
		TEST(book__lead__tells_its_newest_mail),
		TEST(book__renamed_partner__moves_its_people),
		TEST(book__touch__counts_what_was_done),
		TEST(book__long_one__costs_what_a_short_one_does),
		TEST(plan__every_page__begins_in_an_index),
	};
	return cmocka_run_group_tests_name("store/timeline", tests, NULL, NULL);
}
