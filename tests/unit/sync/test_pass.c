/*
 * test_pass.c - whole passes of an account over a real Maildir and a real store: what comes in,
 * what the user changed, what is sent; and that a second pass finds nothing to do.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "crmail/sync/host.h"

#define SQL_ID_OF_ONE "SELECT id FROM message WHERE subject = 'one'"

struct world {
	struct fixture *f;
	char *mail, *sent_file;
	struct host_report report; /* of the last pass */
};

static void put_mail(const struct world *w, const char *folder, const char *name, const char *id)
{
	struct fixture *f = w->f;
	CLEANUP(free_str) char *path = xasprintf("%s/%s/cur/%s", w->mail, folder, name);
	CLEANUP(free_str) char *dir = xasprintf("%s/%s/cur", w->mail, folder);
	CLEANUP(free_str) char *fresh = xasprintf("%s/%s/new", w->mail, folder);
	CLEANUP(free_str)
	char *text = xasprintf("From: Ada <ada@partner.test>\nTo: me@own.test\n"
			       "Date: Fri, 20 Nov 2026 10:00:00 +0000\n"
			       "Message-ID: <%s@partner.test>\n"
			       "Subject: %s\n\nHello.\n",
		id, id);
	assert_ok(f, fsx_mkdir_p(dir, &f->err) || fsx_mkdir_p(fresh, &f->err));
	assert_ok(f, fsx_write_file(path, text, strlen(text), false, &f->err));
}

/* Files in a folder's cur/ whose name holds `part`. */
static size_t count_files(const struct world *w, const char *folder, const char *part)
{
	CLEANUP(free_str) char *dir = xasprintf("%s%s/cur", w->mail, folder);
	size_t n = 0;
	DIR *d = opendir(dir);
	for (const struct dirent *ent; d && (ent = readdir(d));)
		n += ent->d_name[0] != '.' && strstr(ent->d_name, part) != NULL;
	if (d)
		closedir(d);
	return n;
}

static void add_account(const struct world *w, const char *sendmail)
{
	struct fixture *f = w->f;
	int64_t id = 0;
	const struct setting settings[] = {
		{"maildir", w->mail}, {"sendmail", sendmail}, {"history", "all"}};
	const struct account_row row = {
		.name = "own", .kind = "maildir", .email = "me@own.test", .added_at = FIXTURE_NOW};
	assert_ok(f, account_add(f->store, &row, settings, ARRAY_SIZE(settings), &id, &f->err));
}

static struct world world_up(struct fixture *f)
{
	struct world w = {.f = f};
	w.mail = xasprintf("%s/mail", f->dir);
	w.sent_file = xasprintf("%s/sent", f->dir);
	CLEANUP(free_str) char *script = xasprintf("%s/sendmail", f->dir);
	CLEANUP(free_str) char *text = xasprintf("#!/bin/sh\ncat >>'%s'\n", w.sent_file);
	assert_ok(f, fsx_write_file(script, text, strlen(text), false, &f->err));
	assert_int_equal(chmod(script, 0700), 0);
	put_mail(&w, ".", "1.one", "one");
	put_mail(&w, ".", "2.two:2,S", "two");
	add_account(&w, script);
	return w;
}

static void world_down(struct world *w)
{
	free(w->mail);
	free(w->sent_file);
}

static const struct account_report *pass(struct world *w)
{
	struct fixture *f = w->f;
	struct host *h = NULL;
	const struct host_options o = {
		.store = f->store, .clock = f->clock, .rng = f->rng, .data_dir = f->dir};
	assert_ok(f, host_open(&h, &o, &f->err));
	assert_ok(f, host_pass(h, &f->arena, &w->report, &f->err));
	host_close(h);
	assert_int_equal(w->report.n_accounts, 1);
	return &w->report.accounts[0];
}

static int64_t thread_of(struct world *w, const char *subject)
{
	struct fixture *f = w->f;
	struct thread_row *rows = NULL;
	size_t n = 0;
	const struct list_spec all = {.kind = LIST_ALL};
	assert_ok(f,
		thread_list_page(f->reader, &f->arena, &all, NULL, false, 10, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (rows[i].subject && strcmp(rows[i].subject, subject) == 0)
			return rows[i].thread;
	fail_msg("no conversation %s", subject);
	return 0;
}

static struct target target_of(const int64_t *thread)
{
	return (struct target){.kind = TARGET_THREADS,
		.ids = thread,
		.n = 1,
		.list = {.kind = LIST_ROLE, .role = FOLDER_INBOX}};
}

static void pass__takes_mail_in__once(void **state)
{
	struct world w = world_up(*state);
	const struct account_report *r = pass(&w);
	assert_int_equal(r->result, PASS_OK);
	assert_int_equal(r->n_new, 2);
	r = pass(&w);
	assert_int_equal(r->n_new + r->n_changed + r->n_gone, 0);
	assert_int_equal(fixture_sql(w.f, "crmail.db", "SELECT count(*) FROM message"), 2);
	world_down(&w);
}

static void pass__notices__what_another_program_did(void **state)
{
	struct world w = world_up(*state);
	pass(&w);
	CLEANUP(free_str) char *from = xasprintf("%s/cur/1.one", w.mail);
	CLEANUP(free_str) char *to = xasprintf("%s/cur/1.one:2,FS", w.mail);
	CLEANUP(free_str) char *gone = xasprintf("%s/cur/2.two:2,S", w.mail);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(remove(gone), 0);
	put_mail(&w, ".", "3.three", "three");
	const struct account_report *r = pass(&w);
	assert_int_equal(r->n_new, 1);
	assert_int_equal(r->n_changed, 1);
	assert_int_equal(r->n_gone, 1);
	world_down(&w);
}

static void pass__pushes__flags_and_moves(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	pass(&w);
	int64_t one = thread_of(&w, "one"), two = thread_of(&w, "two");
	const struct target star = target_of(&one), archive = target_of(&two);
	action_flags(f->store, &star, MSG_FLAGGED | MSG_SEEN, 0, NULL);
	action_move_role(f->store, &archive, FOLDER_ARCHIVE, NULL);
	assert_ok(f, store_flush(f->store, &f->err));
	const struct account_report *r = pass(&w);
	assert_int_equal(r->result, PASS_OK);
	assert_int_equal(count_files(&w, "", "1.one:2,FS"), 1);
	assert_int_equal(count_files(&w, "", "2.two"), 0);
	assert_int_equal(count_files(&w, "/.Archive", "2.two:2,S"), 1);
	r = pass(&w);
	assert_int_equal(r->n_new + r->n_changed + r->n_gone + r->ops_done, 0);
	world_down(&w);
}

static void undo__before_the_pass__leaves_the_server_alone(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	int64_t group = 0;
	pass(&w);
	int64_t two = thread_of(&w, "two");
	const struct target archive = target_of(&two);
	action_move_role(f->store, &archive, FOLDER_ARCHIVE, &group);
	action_undo(f->store, group);
	assert_ok(f, store_flush(f->store, &f->err));
	pass(&w);
	assert_int_equal(count_files(&w, "", "2.two"), 1);
	assert_int_equal(count_files(&w, "/.Archive", "2.two"), 0);
	world_down(&w);
}

static void rename_mail(const struct world *w, const char *from, const char *to)
{
	CLEANUP(free_str) char *old = xasprintf("%s/%s", w->mail, from);
	CLEANUP(free_str) char *new = xasprintf("%s/%s", w->mail, to);
	assert_int_equal(rename(old, new), 0);
}

/* mbsync writes the UID it gave a message into its file's name. */
static void renamed_by_mbsync__it_stays_the_same_message(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	pass(&w);
	int64_t one = thread_of(&w, "one"), was = fixture_sql(f, "crmail.db", SQL_ID_OF_ONE);
	const struct target star = target_of(&one);
	action_flags(f->store, &star, MSG_FLAGGED, 0, NULL);
	assert_ok(f, store_flush(f->store, &f->err));
	rename_mail(&w, "cur/1.one", "cur/1.one,U=7:2,S");
	const struct account_report *r = pass(&w);
	assert_int_equal(r->ops_parked, 0);
	assert_int_equal(count_files(&w, "", "1.one,U=7:2,FS"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", SQL_ID_OF_ONE), was);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), 2);
	r = pass(&w);
	assert_int_equal(r->n_new + r->n_changed + r->n_gone + r->ops_done, 0);
	world_down(&w);
}

static void keywords__of_other_programs__stay(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	rename_mail(&w, "cur/1.one", "cur/1.one:2,Zac");
	pass(&w);
	int64_t one = thread_of(&w, "one");
	const struct target star = target_of(&one);
	action_flags(f->store, &star, MSG_FLAGGED | MSG_SEEN, 0, NULL);
	assert_ok(f, store_flush(f->store, &f->err));
	pass(&w);
	assert_int_equal(count_files(&w, "", "1.one:2,FSZac"), 1);
	world_down(&w);
}

static void moved_mail__leaves_mbsyncs_uid_behind(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	rename_mail(&w, "cur/1.one", "cur/1.one,U=7:2,a");
	pass(&w);
	int64_t one = thread_of(&w, "one");
	const struct target archive = target_of(&one);
	action_move_role(f->store, &archive, FOLDER_ARCHIVE, NULL);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_int_equal(pass(&w)->result, PASS_OK);
	assert_int_equal(count_files(&w, "/.Archive", "1.one:2,a"), 1);
	assert_int_equal(count_files(&w, "", "1.one"), 0);
	const struct account_report *r = pass(&w);
	assert_int_equal(r->n_new + r->n_changed + r->n_gone + r->ops_done, 0);
	world_down(&w);
}

static void queue_mail(struct world *w, int64_t *id)
{
	struct fixture *f = w->f;
	static const char raw[] = "From: me@own.test\r\nTo: ada@partner.test\r\n"
				  "Message-ID: <out@own.test>\r\nSubject: out\r\n\r\nBody.\r\n";
	static const char *const to[] = {"ada@partner.test"};
	const struct outbox_new o = {.account = 1,
		.message_id = "out@own.test",
		.subject = "out",
		.from = "me@own.test",
		.recipients = to,
		.n_recipients = 1,
		.raw = raw,
		.raw_len = sizeof raw - 1,
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, id, &f->err));
}

static void pass__sends__once_and_files_one_copy(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	int64_t id = 0;
	queue_mail(&w, &id);
	const struct account_report *r = pass(&w);
	assert_int_equal(r->result, PASS_OK);
	assert_int_equal(r->sent, 1);
	r = pass(&w);
	assert_int_equal(r->sent, 0);
	assert_int_equal(count_files(&w, "/.Sent", ".crmail:2,S"), 1);
	CLEANUP(buf_release) struct buf sent = BUF_INIT(1 << 16);
	assert_ok(f, fsx_read_file(w.sent_file, &sent, &f->err));
	const char *first = strstr(sent.p, "<out@own.test>");
	assert_non_null(first);
	assert_null(strstr(first + 1, "<out@own.test>"));
	world_down(&w);
}

/* Died after the copy was made and before that was noted; another program has renamed it since. */
static void copy_in_sent__is_found_again__under_another_name(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	int64_t id = 0;
	queue_mail(&w, &id);
	assert_int_equal(pass(&w)->sent, 1);
	CLEANUP(free_str) char *dir = xasprintf("%s/.Sent/cur", w.mail);
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (const struct dirent *ent; (ent = readdir(d));) {
		char *colon = strchr(ent->d_name, ':');
		if (!colon)
			continue;
		CLEANUP(free_str) char *old = xasprintf(".Sent/cur/%s", ent->d_name);
		CLEANUP(free_str)
		char *new = xasprintf(".Sent/cur/%.*s,U=1%s", (int)(colon - ent->d_name),
			ent->d_name, colon);
		rename_mail(&w, old, new);
		break;
	}
	closedir(d);
	fixture_sql(f, "crmail.db", "UPDATE outbox SET is_filed = 0, raw = 'x'");
	pass(&w);
	pass(&w);
	assert_int_equal(count_files(&w, "/.Sent", ".crmail"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT is_filed FROM outbox"), 1);
	world_down(&w);
}

static void mail_left_in_handed__is_asked_about__not_sent_again(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	int64_t id = 0;
	queue_mail(&w, &id);
	assert_ok(f,
		outbox_set_state(f->store, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, &f->err) ||
			outbox_set_state(f->store, id, OUTBOX_HANDED, NULL, 0, NULL, 0, &f->err));
	const struct account_report *r = pass(&w);
	assert_int_equal(r->sent, 0);
	assert_int_equal(r->unknown, 1);
	assert_false(fsx_exists(w.sent_file));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM outbox"), OUTBOX_UNKNOWN);
	world_down(&w);
}

static void host__of_another_process__is_named(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	struct host *h = NULL, *second = NULL;
	const struct host_options o = {.store = f->store,
		.clock = f->clock,
		.rng = f->rng,
		.data_dir = f->dir,
		.kind = "daemon"};
	int64_t pid = 0;
	const char *kind = NULL;
	assert_false(host_running(f->dir, &pid, &kind));
	assert_ok(f, host_open(&h, &o, &f->err));
	assert_true(host_running(f->dir, &pid, &kind));
	assert_string_equal(kind, "daemon");
	assert_int_equal(host_open(&second, &o, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	host_close(h);
	assert_false(host_running(f->dir, &pid, &kind));
	world_down(&w);
}

/* Reconnecting works each time, so that alone must not count as getting on. */
static void pass__ends__when_a_folder_breaks_it_each_time(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	CLEANUP(free_str) char *cur = xasprintf("%s/.Work/cur", w.mail);
	CLEANUP(free_str) char *fresh = xasprintf("%s/.Work/new", w.mail);
	assert_ok(f, fsx_mkdir_p(cur, &f->err));
	assert_ok(f, fsx_write_file(fresh, "", 0, false, &f->err));
	const struct account_report *r = pass(&w);
	assert_int_equal(r->result, PASS_FAILED);
	assert_int_equal(r->error.code, ERR_IO);
	assert_int_equal(r->n_new, 2);
	world_down(&w);
}

/* Two of them, before and behind the one that is in order. */
static void folders_that_break_it__starve_nobody(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	static const char *const broken[] = {".Aaa", ".Zzz"};
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		CLEANUP(free_str) char *cur = xasprintf("%s/%s/cur", w.mail, broken[i]);
		CLEANUP(free_str) char *fresh = xasprintf("%s/%s/new", w.mail, broken[i]);
		assert_ok(f, fsx_mkdir_p(cur, &f->err));
		assert_ok(f, fsx_write_file(fresh, "", 0, false, &f->err));
	}
	put_mail(&w, ".Mmm", "3.three", "three");
	const struct account_report *r = pass(&w);
	assert_int_equal(r->n_new, 3);
	assert_int_equal(r->result, PASS_FAILED);
	assert_non_null(strstr(r->error.msg, "Folder "));
	world_down(&w);
}

static void pass__names_the_folder__that_cannot_be_read(void **state)
{
	struct world w = world_up(*state);
	CLEANUP(free_str) char *dir = xasprintf("%s/.Broken", w.mail);
	CLEANUP(free_str) char *cur = xasprintf("%s/cur", dir);
	CLEANUP(free_str) char *fresh = xasprintf("%s/new", dir);
	assert_ok(w.f, fsx_mkdir_p(cur, &w.f->err)); /* new/ is missing: no complete listing */
	const struct account_report *r = pass(&w);
	assert_int_equal(r->n_new, 2); /* the others are not kept waiting */
	assert_int_equal(r->result, PASS_FAILED);
	assert_int_equal(r->error.code, ERR_NOTFOUND);
	assert_ok(w.f, fsx_mkdir_p(fresh, &w.f->err));
	assert_int_equal(pass(&w)->result, PASS_OK);
	world_down(&w);
}

/* A subfolder that is called like the Maildir itself is a folder of its own. */
static void pass__keeps_apart__the_inbox_and_a_folder_named_so(void **state)
{
	struct world w = world_up(*state);
	struct fixture *f = w.f;
	CLEANUP(free_str) char *cur = xasprintf("%s/.INBOX/cur", w.mail);
	CLEANUP(free_str) char *fresh = xasprintf("%s/.INBOX/new", w.mail);
	CLEANUP(free_str) char *mail = xasprintf("%s/9.nine:2,S", cur);
	assert_ok(f, fsx_mkdir_p(cur, &f->err));
	assert_ok(f, fsx_mkdir_p(fresh, &f->err));
	assert_ok(f, fsx_write_file(mail, "Subject: nine\n\nx\n", 17, false, &f->err));
	for (int i = 0; i < 2; i++) {
		const struct account_report *r = pass(&w);
		if (r->result != PASS_OK)
			fail_msg("%s", r->error.msg);
		assert_int_equal(r->n_new, i ? 0 : 3);
		assert_int_equal(r->n_gone, 0);
	}
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM folder WHERE role = 1"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM placement WHERE folder ="
				 " (SELECT id FROM folder WHERE role = 1)"),
		2);
	world_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pass__takes_mail_in__once, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(pass__notices__what_another_program_did, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(pass__pushes__flags_and_moves, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(undo__before_the_pass__leaves_the_server_alone,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(renamed_by_mbsync__it_stays_the_same_message,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(keywords__of_other_programs__stay, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(moved_mail__leaves_mbsyncs_uid_behind, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(copy_in_sent__is_found_again__under_another_name,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(pass__sends__once_and_files_one_copy, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(mail_left_in_handed__is_asked_about__not_sent_again,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(pass__ends__when_a_folder_breaks_it_each_time,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(host__of_another_process__is_named, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(pass__names_the_folder__that_cannot_be_read,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(folders_that_break_it__starve_nobody, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(pass__keeps_apart__the_inbox_and_a_folder_named_so,
			fixture_up, fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
