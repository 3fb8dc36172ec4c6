/*
 * test_bodies.c - bodies that somebody waits for while the backfill brings them: nothing is fetched
 * twice, and what came in part comes whole.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/message.h"
#include "src/sync/session.h"
#include "src/sync/worker.h"

enum { LONG = 100000 }; /* more than comes of a large one before it is opened */

struct world {
	struct fixture *f;
	struct host_options host;
	struct worker w;
	struct session s;
	struct provider_ops ops; /* the Maildir's, but that what is fetched is counted */
	int64_t id;
};

static size_t n_fetched;

static int count_fetch(struct provider *p, const char *folder, const char *cursor,
	const char *const *ids, size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e)
{
	n_fetched += n;
	return provider_by_kind("maildir")->fetch(p, folder, cursor, ids, n, max_bytes, one, ctx,
		e);
}

static void put_mail(struct fixture *f, size_t len)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(free_str) char *path = xasprintf("%s/mail/cur/1.one:2,S", f->dir);
	static const char *const dirs[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		CLEANUP(free_str) char *dir = xasprintf("%s/mail/%s", f->dir, dirs[i]);
		assert_ok(f, fsx_mkdir_p(dir, &f->err));
	}
	buf_addstr(&b,
		"From: Ada <ada@partner.test>\nTo: me@own.test\nMessage-ID: <1@partner.test>\n"
		"Date: Fri, 20 Nov 2026 10:00:00 +0000\nSubject: one\n"
		"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello.\n"
		"--x\nContent-Type: application/octet-stream\n\n");
	while (b.len < len)
		buf_addstr(&b, "noise noise noise noise noise noise noise noise noise noise\n");
	buf_addstr(&b, "--x--\n");
	assert_ok(f, fsx_write_file(path, b.p, b.len, false, &f->err));
}

static int64_t body_state(const struct world *w)
{
	return fixture_sql(w->f, "crmail.db", "SELECT body FROM message");
}

static void step_until_done(struct world *w)
{
	struct err e = ERR_INIT;
	for (bool did = true; did;) {
		assert_ok(w->f, session_pull_step(&w->s, INT64_MAX / 2, &did, &e));
		if (!did)
			assert_ok(w->f, session_bodies_step(&w->s, &did, &e));
		for (size_t i = 0; i < w->s.n_folders; i++)
			w->s.folders[i].next_pull_at = INT64_MAX;
	}
}

/* An account whose mail is here; its body has just been fetched again and is not written yet. */
static void world_up(struct world *w, struct fixture *f, size_t len, bool is_requested)
{
	CLEANUP(free_str) char *mail = xasprintf("%s/mail", f->dir);
	const struct setting settings[] = {{"maildir", mail}, {"history", "all"}};
	const struct account_row row = {
		.name = "own", .kind = "maildir", .email = "me@own.test", .added_at = FIXTURE_NOW};
	int64_t account = 0;
	bool did = false;
	put_mail(f, len);
	assert_ok(f,
		account_add(f->store, &row, settings, ARRAY_SIZE(settings), &account, &f->err));
	*w = (struct world){.f = f, .ops = *provider_by_kind("maildir")};
	w->host = (struct host_options){
		.store = f->store, .clock = f->clock, .rng = f->rng, .data_dir = f->dir};
	assert_ok(f, worker_init(&w->w, &w->host, account, &f->err));
	assert_ok(f, session_init(&w->s, &w->w, &f->err));
	assert_ok(f, session_connect(&w->s, &f->err));
	assert_ok(f, session_list_folders(&w->s, &f->err));
	step_until_done(w);
	w->id = fixture_sql(f, "crmail.db", "SELECT id FROM message");
	w->ops.fetch = count_fetch;
	w->s.ops = &w->ops;
	w->s.body_limit = 1000;
	fixture_sql(f, "crmail.db", "UPDATE message SET body = 0");
	session_lost_bodies(&w->s);
	if (is_requested)
		message_want_body(f->store, w->id);
	assert_ok(f, store_flush(f->store, &f->err));
	n_fetched = 0;
	assert_ok(f, session_bodies_step(&w->s, &did, &f->err));
	assert_int_equal(n_fetched, 1);
	assert_int_equal(w->s.flight.n, 1);
}

static void world_down(struct world *w)
{
	session_release(&w->s);
	worker_release(&w->w);
}

static void wanted__in_flight__is_not_fetched_again(void **state)
{
	struct world w;
	world_up(&w, *state, 100, false);
	assert_ok(w.f, session_fetch_body(&w.s, w.id, &w.f->err));
	assert_int_equal(n_fetched, 1);
	assert_int_equal(body_state(&w), BODY_WHOLE);
	assert_ok(w.f, session_fetch_body(&w.s, w.id, &w.f->err)); /* asked for before that */
	assert_int_equal(n_fetched, 1);
	world_down(&w);
}

static void wanted__in_flight_in_part__comes_whole(void **state)
{
	struct world w;
	world_up(&w, *state, LONG, false);
	assert_ok(w.f, session_fetch_body(&w.s, w.id, &w.f->err));
	assert_int_equal(n_fetched, 2);
	assert_int_equal(body_state(&w), BODY_WHOLE);
	world_down(&w);
}

/* The same wish as a row, which it may have answered already. */
static void requested__in_flight__is_not_fetched_again(void **state)
{
	struct world w;
	world_up(&w, *state, 100, true);
	for (bool did = true; did;)
		assert_ok(w.f, session_wanted_step(&w.s, &did, &w.f->err));
	assert_int_equal(n_fetched, 1);
	assert_ok(w.f, session_land(&w.s, &w.f->err));
	assert_int_equal(body_state(&w), BODY_WHOLE);
	world_down(&w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wanted__in_flight__is_not_fetched_again),
		TEST(wanted__in_flight_in_part__comes_whole),
		TEST(requested__in_flight__is_not_fetched_again),
	};
	return cmocka_run_group_tests_name("sync/bodies", tests, NULL, NULL);
}
