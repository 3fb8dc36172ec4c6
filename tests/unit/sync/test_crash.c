/*
 * test_crash.c - a day of mail in process: a Maildir, a command that sends, a CRM in memory that
 * outlives us. Killed around each commit, without power or with a full disk at each write, and then
 * done to its end, everything is as if nothing had happened; only a mail whose handing over was cut
 * short is asked about.
 *
 * CRMAIL_SWEEP=N takes every N-th write and every commit; without it only some of both.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/activity.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "crmail/sync/crm_sync.h"
#include "crmail/sync/host.h"
#include "src/sync/account_worker.h"
#include "src/sync/worker.h"
#include "tests/unit/store/fault_vfs.h"

#define JWT "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTEifQ."

enum {
	EARLIER = 20,
	MAILS = 30,
	FIRST_OUT = 900, /* ids of the mails to send */
	OUT = 2,
	ENTRIES = 4,
	KILLS_MIN = 40,
	COMMITS_APART = 11, /* without CRMAIL_SWEEP */
	WRITES_APART = 293,
};

/* The CRM's activities; shared with the processes that are killed. */
struct remote {
	size_t n, doubled;
	char ids[16][40];
};

struct day {
	struct fixture *f;
	char *first, *work, *mail, *sent;
	struct remote *remote;
	struct buf want;
};

/* ---- the CRM --------------------------------------------------------------------------------- */

static bool has_entry(const struct remote *r, const char *id)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->ids[i], id) == 0)
			return true;
	return false;
}

static int answer(struct crm_response *rs, int status, const char *text)
{
	rs->status = status;
	buf_addstr(rs->body, text);
	return 0;
}

static int post_entry(struct remote *r, const char *body, struct crm_response *rs)
{
	const char *id = strstr(body, "\"id\":\"");
	char text[40] = "";
	BUG_ON(!id || r->n == ARRAY_SIZE(r->ids));
	snprintf(text, sizeof text, "%.36s", id + 6);
	if (has_entry(r, text)) {
		r->doubled++;
		return answer(rs, 409, "{\"code\":\"23505\"}");
	}
	memcpy(r->ids[r->n++], text, sizeof text);
	return answer(rs, 201, "[{\"id\":\"K\"}]");
}

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	struct remote *r = ctx;
	const char *id = strstr(rq->url, "id=eq.");
	bool is_get = strcmp(rq->method, "GET") == 0;
	char text[40] = "";
	(void)e;
	rs->retry_after_ms = -1;
	if (!is_get && strstr(rq->url, "/token"))
		return answer(rs, 200, "{\"access_token\":\"" JWT "\"}");
	if (!is_get && strstr(rq->url, "/ce_activities"))
		return post_entry(r, rq->body, rs);
	if (is_get && strstr(rq->url, "/ce_users"))
		return answer(rs, 200, "[{\"id\":\"U1\",\"organization_id\":\"O1\"}]");
	if (is_get && strstr(rq->url, "/ce_contacts") && !strstr(rq->url, "&or="))
		return answer(rs, 200,
			"[{\"id\":\"C1\",\"first_name\":\"Laura\",\"email\":\"laura@x.example\","
			"\"updated_at\":\"2026-01-01T00:00:00Z\"}]");
	if (is_get && strstr(rq->url, "/ce_activities") && id) {
		snprintf(text, sizeof text, "%.36s", id + 6);
		return answer(rs, 200, has_entry(r, text) ? "[{\"id\":\"K\"}]" : "[]");
	}
	return answer(rs, 200, "[]");
}

static int get_secret(void *ctx, const char *name, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)name;
	(void)e;
	buf_addstr(out, "s3cret");
	return 0;
}

static int crm_pass(const struct day *d, struct store *s, struct arena *a, struct err *e)
{
	static const struct crm_secrets secrets = {.get = get_secret};
	const char *top = getenv("CRMAIL_SRCDIR");
	struct crm_http http = {perform, d->remote};
	struct crm_sync *crm = NULL;
	struct crm_report report = {.name = "main"};
	const struct crm_sync_options o = {.store = s,
		.clock = d->f->clock,
		.share_dir = arena_printf(a, "%s/share/crmail", top ? top : "."),
		.http = &http,
		.secrets = &secrets};
	if (crm_sync_open(&crm, &o, 1, e))
		return -1;
	crm_sync_pass(crm, a, &report);
	crm_sync_close(crm);
	if (report.error.code)
		*e = report.error;
	return report.error.code ? -1 : 0;
}

/* ---- a pass ---------------------------------------------------------------------------------- */

static int account_pass(const struct day *d, struct store *s, struct err *e)
{
	struct worker w;
	struct account_report report = {.error = ERR_INIT};
	const struct host_options o = {
		.store = s, .clock = d->f->clock, .rng = d->f->rng, .data_dir = d->work};
	if (worker_init(&w, &o, 1, e))
		return -1;
	w.report = &report;
	account_worker_pass(&w);
	worker_release(&w);
	if (report.error.code)
		*e = report.error;
	return report.error.code ? -1 : 0;
}

static int live(const struct day *d, int64_t crash_at, const char *vfs, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_options o = fixture_options(d->f);
	struct store *s = NULL;
	o.dir = d->work;
	o.events = NULL;
	o.crash_at = crash_at;
	o.vfs = vfs;
	int rc = store_open(&s, &o, e) || account_pass(d, s, e) || crm_pass(d, s, &a, e);
	store_close(s);
	return rc ? -1 : 0;
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void put_mail(const struct day *d, int number)
{
	struct fixture *f = d->f;
	const char *who = number == 27 || number == 28 ? "laura@x.example" : "w@elsewhere.test";
	CLEANUP(free_str) char *path = xasprintf("%s/cur/%d.mail:2,", d->mail, 1000 + number);
	CLEANUP(free_str)
	char *text = xasprintf("From: Writer <%s>\nTo: me@own.test\n"
			       "Date: Fri, 20 Nov 2026 10:%02d:00 +0000\n"
			       "Message-ID: <%d@elsewhere.test>\nSubject: note %d\n\nHello.\n",
		who, number, number, number);
	assert_ok(f, fsx_write_file(path, text, strlen(text), false, &f->err));
}

static void queue_mail(struct day *d, struct store *s, int number)
{
	struct fixture *f = d->f;
	static const char *const to[] = {"laura@x.example"};
	const char *raw = arena_printf(&f->arena,
		"From: me@own.test\r\nTo: laura@x.example\r\nMessage-ID: <out%d@own.test>\r\n"
		"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nSubject: out %d\r\n\r\nBody.\r\n",
		number, number);
	const struct outbox_new o = {.account = 1,
		.id = FIRST_OUT + number,
		.message_id = arena_printf(&f->arena, "out%d@own.test", number),
		.subject = arena_printf(&f->arena, "out %d", number),
		.from = "me@own.test",
		.recipients = to,
		.n_recipients = 1,
		.raw = raw,
		.raw_len = strlen(raw),
		.state = OUTBOX_QUEUED};
	int64_t id = 0;
	assert_ok(f, outbox_put_wait(s, &o, &id, &f->err));
}

static void act_on(struct day *d, struct store *s, struct store_reader *r)
{
	struct fixture *f = d->f;
	const struct list_spec inbox = {.kind = LIST_ROLE, .role = FOLDER_INBOX};
	struct thread_row *rows = NULL;
	size_t n = 0;
	assert_ok(f, thread_list_page(r, &f->arena, &inbox, NULL, false, 10, &rows, &n, &f->err));
	assert_true(n > 3);
	struct target t[3];
	for (size_t i = 0; i < 3; i++)
		t[i] = (struct target){TARGET_THREADS, &rows[i].thread, 1, inbox};
	action_flags(s, &t[0], MSG_FLAGGED, 0, NULL);
	action_move_role(s, &t[1], FOLDER_ARCHIVE, NULL);
	action_move_role(s, &t[2], FOLDER_TRASH, NULL);
	for (int i = 0; i < OUT; i++)
		queue_mail(d, s, i);
	assert_ok(f, store_flush(s, &f->err));
}

static void add_rows(struct day *d, struct store *s, const char *sendmail)
{
	struct fixture *f = d->f;
	int64_t account = 0, crm = 0;
	const struct setting settings[] = {{"maildir", d->mail}, {"sendmail", sendmail},
		{"history", "all"}, {"sent_copy", "crmail"}};
	const struct crm_row row = {
		.name = "main", .profile = "supabase", .url = "http://crm.test"};
	const struct setting words[] = {{"anon_key", "A"}, {"email", "me@own.test"}};
	assert_ok(f, crm_add(s, &row, words, ARRAY_SIZE(words), &crm, &f->err));
	const struct account_row own = {.name = "own",
		.kind = "maildir",
		.email = "me@own.test",
		.crm = crm,
		.added_at = FIXTURE_NOW};
	assert_ok(f, account_add(s, &own, settings, ARRAY_SIZE(settings), &account, &f->err));
	assert_true(account == 1 && crm == 1);
}

static void copy_file(const char *from, const char *to)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT((size_t)64 << 20);
	struct err e = ERR_INIT;
	assert_int_equal(fsx_read_file(from, &text, &e), 0);
	assert_int_equal(fsx_write_file(to, text.p, text.len, false, &e), 0);
}

/* Makes `to` what `from` is; from NULL = nothing at all. */
static void make_same(const char *from, const char *to)
{
	struct dirent **v = NULL;
	struct err e = ERR_INIT;
	int n = scandir(to, &v, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		CLEANUP(free_str) char *path = fsx_join(to, v[i]->d_name);
		if (strcmp(v[i]->d_name, ".") != 0 && strcmp(v[i]->d_name, "..") != 0) {
			if (fsx_is_dir(path))
				make_same(NULL, path);
			else
				unlink(path);
		}
		free(v[i]);
	}
	free(v);
	if (!from) {
		rmdir(to);
		return;
	}
	assert_int_equal(fsx_mkdir_p(to, &e), 0);
	n = scandir(from, &v, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		CLEANUP(free_str) char *a = fsx_join(from, v[i]->d_name);
		CLEANUP(free_str) char *b = fsx_join(to, v[i]->d_name);
		bool is_self = strcmp(v[i]->d_name, ".") == 0 || strcmp(v[i]->d_name, "..") == 0;
		if (!is_self && fsx_is_dir(a))
			make_same(a, b);
		else if (!is_self)
			copy_file(a, b);
		free(v[i]);
	}
	free(v);
}

static void begin(struct day *d)
{
	make_same(d->first, d->work);
	memset(d->remote, 0, sizeof *d->remote);
}

static void prepare(struct day *d)
{
	struct fixture *f = d->f;
	struct store_options o = fixture_options(f);
	struct store *s = NULL;
	struct store_reader *r = NULL;
	static const char *const subs[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		CLEANUP(free_str) char *sub = fsx_join(d->mail, subs[i]);
		assert_ok(f, fsx_mkdir_p(sub, &f->err));
	}
	CLEANUP(free_str) char *script = xasprintf("%s/sendmail", f->dir);
	CLEANUP(free_str) char *text = xasprintf("#!/bin/sh\ncat >>'%s'\n", d->sent);
	assert_ok(f, fsx_write_file(script, text, strlen(text), false, &f->err));
	assert_int_equal(chmod(script, 0700), 0);
	for (int i = 0; i < EARLIER; i++)
		put_mail(d, i);
	o.dir = d->work;
	o.events = NULL;
	assert_ok(f, store_open(&s, &o, &f->err));
	add_rows(d, s, script);
	assert_ok(f, account_pass(d, s, &f->err));
	assert_ok(f, store_reader_open(s, &r, &f->err));
	act_on(d, s, r);
	store_reader_close(r);
	store_close(s);
	for (int i = EARLIER; i < MAILS; i++)
		put_mail(d, i);
	fixture_set_clock(f, FIXTURE_NOW + 60);
	make_same(d->work, d->first);
}

/* ---- the end --------------------------------------------------------------------------------- */

static const char *const QUERIES[][2] = {
	{"crmail.db",
		"SELECT mid, flags, remote_flags, facts, listed, files, body, indexed, subject,"
		" snippet FROM message ORDER BY mid"},
	{"crmail.db", "SELECT f.server_name, m.mid, p.server_id, p.is_remote, p.is_shown"
		      " FROM placement p JOIN folder f ON f.id = p.folder"
		      " JOIN message m ON m.id = p.message ORDER BY 1, 2"},
	{"crmail.db", "SELECT f.server_name, m.subject, l.total, l.unread FROM thread_list l"
		      " JOIN folder f ON f.id = l.folder JOIN message m ON m.id = l.message"
		      " ORDER BY 1, 2"},
	{"crmail.db", "SELECT count, unread, facts, people, group_concat(mid) FROM thread t"
		      " JOIN (SELECT thread, mid FROM message ORDER BY mid) m ON m.thread = t.id"
		      " GROUP BY t.id ORDER BY 5"},
	{"crmail.db", "SELECT name, role, total, unread, threads, unread_threads FROM folder"
		      " ORDER BY name"},
	{"crmail.db", "SELECT kind, state FROM op ORDER BY id"},
	{"crmail.db", "SELECT m.mid, x.role, x.pos, p.addr FROM message_party x"
		      " JOIN message m ON m.id = x.message JOIN party p ON p.id = x.party"
		      " ORDER BY 1, 2, 3"},
	{"crmail.db", "SELECT o.message_id, o.state, o.is_filed, o.error, m.mid, r.addr, r.state"
		      " FROM outbox o JOIN outbox_recipient r ON r.outbox = o.id"
		      " LEFT JOIN message m ON m.id = o.sent_message ORDER BY 1"},
	{"crmail.db", "SELECT key, crm_id, message_id, kind, direction, subject, body, state, doubt"
		      " FROM activity ORDER BY key"},
	{"crmail.db", "SELECT norm, addr, n_to, n_from FROM correspondent ORDER BY norm"},
	{"crmail.db", "SELECT count(*) FROM match_queue"},
	{"cache.db", "SELECT state, size FROM body ORDER BY 1, 2"},
	{"cache.db", "SELECT subject, sender, rcpt FROM head ORDER BY 1"},
	{"cache.db", "SELECT count(*) FROM fts WHERE fts MATCH 'hello OR body'"},
	{"cache.db", "SELECT count(*) FROM tri WHERE tri MATCH 'note'"},
};

static void tell_rows(struct buf *out, const char *path, const char *sql)
{
	sqlite3 *h;
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(q); i++) {
			const char *t = (const char *)sqlite3_column_text(q, i);
			buf_addf(out, "%s|", t ? t : "NULL");
		}
		buf_addch(out, '\n');
	}
	sqlite3_finalize(q);
	sqlite3_close(h);
}

static void tell_files(struct buf *out, const char *dir, const char *sub)
{
	CLEANUP(free_str) char *path = xasprintf("%s%s/cur", dir, sub);
	struct dirent **v = NULL;
	int n = scandir(path, &v, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		buf_addf(out, "%s/%s\n", sub, v[i]->d_name);
		free(v[i]);
	}
	free(v);
}

static size_t count_sent(const struct day *d, const char *message_id)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT((size_t)1 << 20);
	CLEANUP(free_str) char *line = xasprintf("Message-ID: <%s>", message_id);
	struct err e = ERR_INIT;
	size_t n = 0;
	if (!fsx_exists(d->sent))
		return 0;
	assert_int_equal(fsx_read_file(d->sent, &text, &e), 0);
	for (const char *p = text.p; (p = strstr(p, line)); p++)
		n++;
	return n;
}

static void tell(const struct day *d, struct buf *out)
{
	static const char *const folders[] = {"", "/.Archive", "/.Trash", "/.Sent"};
	for (size_t i = 0; i < ARRAY_SIZE(QUERIES); i++) {
		CLEANUP(free_str) char *path = fsx_join(d->work, QUERIES[i][0]);
		tell_rows(out, path, QUERIES[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		tell_files(out, d->mail, folders[i]);
	for (int i = 0; i < OUT; i++) {
		CLEANUP(free_str) char *mid = xasprintf("out%d@own.test", i);
		buf_addf(out, "sent %zu\n", count_sent(d, mid));
	}
	buf_addf(out, "%zu entries\n", d->remote->n);
}

/* Answers "was it sent?" as it was; how often that was asked. */
static size_t answer_doubts(const struct day *d)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct fixture *f = d->f;
	struct store_options o = fixture_options(f);
	struct store *s = NULL;
	struct store_reader *r = NULL;
	struct outbox_row *rows = NULL;
	size_t n = 0, asked = 0;
	o.dir = d->work;
	o.events = NULL;
	assert_ok(f, store_open(&s, &o, &f->err));
	assert_ok(f, store_reader_open(s, &r, &f->err));
	assert_ok(f, outbox_list(r, &a, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].state != OUTBOX_UNKNOWN)
			continue;
		bool was_sent = count_sent(d, rows[i].message_id) > 0;
		assert_ok(f, outbox_act_wait(s, rows[i].id,
				     was_sent ? OUTBOX_WAS_SENT : OUTBOX_WAS_NOT_SENT, &f->err));
		asked++;
	}
	store_reader_close(r);
	store_close(s);
	return asked;
}

/* Done to its end; how often it had to be asked. */
static size_t finish(struct day *d)
{
	struct fixture *f = d->f;
	assert_ok(f, live(d, 0, NULL, &f->err));
	size_t asked = answer_doubts(d);
	if (asked)
		assert_ok(f, live(d, 0, NULL, &f->err));
	return asked;
}

static void check_end(const struct day *d, const char *what, int64_t n)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT((size_t)1 << 20);
	size_t at = 0;
	tell(d, &got);
	if (strcmp(got.p, d->want.p) == 0)
		return;
	while (got.p[at] && got.p[at] == d->want.p[at])
		at++;
	while (at && got.p[at - 1] != '\n')
		at--;
	fail_msg("%s %lld:\n%.300s\ninstead of\n%.300s", what, (long long)n, got.p + at,
		d->want.p + at);
}

/* ---- the sweeps ------------------------------------------------------------------------------ */

static int day_up(void **state)
{
	void *inner = NULL;
	if (fixture_up(&inner))
		return -1;
	fixture_close(inner);
	struct day *d = xcalloc(1, sizeof *d);
	d->f = inner;
	d->first = xasprintf("%s/first", d->f->dir);
	d->work = xasprintf("%s/work", d->f->dir);
	d->mail = xasprintf("%s/mail", d->work);
	d->sent = xasprintf("%s/sent", d->work);
	d->want = (struct buf)BUF_INIT((size_t)1 << 20);
	d->remote = mmap(NULL, sizeof *d->remote, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(d->remote != MAP_FAILED);
	prepare(d);
	begin(d);
	assert_int_equal(finish(d), 0);
	tell(d, &d->want);
	assert_int_equal(d->remote->n, ENTRIES);
	assert_non_null(strstr(d->want.p, "sent 1\nsent 1\n"));
	*state = d;
	return 0;
}

static int day_down(void **state)
{
	struct day *d = *state;
	void *inner = d->f;
	munmap(d->remote, sizeof *d->remote);
	buf_release(&d->want);
	free(d->first);
	free(d->work);
	free(d->mail);
	free(d->sent);
	free(d);
	return fixture_down(&inner);
}

static int64_t step_of_sweep(int64_t without)
{
	const char *sweep = getenv("CRMAIL_SWEEP");
	int64_t by = without;
	return sweep && str_to_i64(sweep, 1, INT32_MAX, &by) ? by : without;
}

/* The day in a process of its own; whether it was killed. */
static bool is_killed(struct day *d, int64_t crash_at, int64_t dark_at)
{
	int status = 0, alive[2];
	char none;
	begin(d);
	assert_int_equal(pipe(alive), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e = ERR_INIT;
		close(alive[0]);
		if (dark_at)
			fault_vfs_lose_power_at(dark_at, dark_at % 2 ? (uint32_t)dark_at : 0);
		_exit(live(d, crash_at, dark_at ? FAULT_VFS_NAME : NULL, &e) ? 1 : 0);
	}
	close(alive[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(read(alive[0], &none, 1), 0); /* a command that sends has ended too */
	close(alive[0]);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void kill__around_every_commit__changes_nothing(void **state)
{
	struct day *d = *state;
	int64_t by = getenv("CRMAIL_SWEEP") ? 1 : COMMITS_APART;
	size_t asked = 0, points = 0;
	for (int64_t n = 1; is_killed(d, n, 0); n += by, points++) {
		asked += finish(d);
		check_end(d, "killed at point", n);
	}
	print_message("# %zu kill points in a day of mail, asked %zu times\n", points, asked);
	assert_true(by > 1 || points >= KILLS_MIN);
}

static void power__lost_at_any_write__changes_nothing(void **state)
{
	struct day *d = *state;
	int64_t by = step_of_sweep(WRITES_APART);
	size_t asked = 0, points = 0;
	for (int64_t n = 1; is_killed(d, 0, n); n += by, points++) {
		asked += finish(d);
		check_end(d, "no power at write", n);
	}
	print_message("# %zu moments without power in a day of mail, asked %zu times\n", points,
		asked);
	assert_true(by > 1 || points > KILLS_MIN);
}

static void disk__full_from_any_write_on__changes_nothing(void **state)
{
	struct day *d = *state;
	int64_t by = step_of_sweep(WRITES_APART);
	size_t points = 0;
	for (int64_t n = 1;; n += by, points++) {
		struct err e = ERR_INIT;
		begin(d);
		fault_vfs_fail_at(n);
		int rc = live(d, 0, FAULT_VFS_NAME, &e);
		bool was_full = fault_vfs_writes() >= n;
		fault_vfs_fail_at(0);
		if (!was_full)
			break;
		(void)rc; /* what matters is what is left */
		finish(d);
		check_end(d, "disk full from write", n);
	}
	print_message("# %zu moments of a full disk in a day of mail\n", points);
	assert_true(by > 1 || points > KILLS_MIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, day_up, day_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kill__around_every_commit__changes_nothing),
		TEST(power__lost_at_any_write__changes_nothing),
		TEST(disk__full_from_any_write_on__changes_nothing),
	};
	if (fault_vfs_register() != SQLITE_OK)
		return 1;
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
