/* test_ingest_labels.c - pages of a whole account: one message in all its folders at once, moved by
 * others and by the user, listed anew without loss. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "tests/unit/store/letters.h"

#define IN(...) ((const char *const[]){__VA_ARGS__, NULL})

struct box {
	struct fixture *f;
	int64_t account, inbox, archive, offers, trash, message;
};

static void put(const struct box *b, const char *id, const char *const *folders, uint32_t flags,
	int64_t *message)
{
	letters_put(b->f, b->account, b->inbox,
		&(struct letter){.id = id, .folders = folders, .flags = flags}, 1, message);
	letters_check_counters(b->f);
}

static struct box make_box(void **state)
{
	struct box b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	b.archive = letters_folder(b.f, b.account, "ARCHIVE", FOLDER_ARCHIVE);
	b.offers = letters_folder(b.f, b.account, "Offers", FOLDER_OTHER);
	b.trash = letters_folder(b.f, b.account, "TRASH", FOLDER_TRASH);
	put(&b, "m1", IN("INBOX", "Offers"), MSG_SEEN, &b.message);
	return b;
}

static void page(const struct box *b, struct ingest_page p)
{
	p.account = b->account;
	p.folder = b->inbox;
	p.is_account_wide = true;
	letters_page(b->f, &p);
	letters_check_counters(b->f);
}

static void tell(const struct box *b, uint32_t told, const char *const *folders, uint32_t flags)
{
	const struct ingest_flag v = {.server_id = "m1", .flags = flags, .folders = folders};
	page(b, (struct ingest_page){.flags = &v, .n_flags = 1, .told = told});
}

static void check_places(const struct box *b, const char *where, int64_t n)
{
	char sql[500];
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM placement p JOIN folder f ON f.id = p.folder"
		" WHERE p.message = %lld AND p.server_id = 'm1' AND p.is_remote AND p.is_shown"
		" AND instr('%s', f.server_name)",
		(long long)b->message, where);
	assert_int_equal(fixture_sql(b->f, "crmail.db", sql), n);
	assert_int_equal(fixture_sql(b->f, "crmail.db", "SELECT count(*) FROM placement"), n);
}

static int64_t flags_of(const struct box *b)
{
	struct message_row *m;
	assert_ok(b->f, message_get(b->f->reader, &b->f->arena, b->message, &m, &b->f->err));
	return m->flags;
}

static void message__is_one__in_all_its_folders(void **state)
{
	struct box b = make_box(state);
	int64_t again = 0;
	check_places(&b, "INBOX Offers", 2);
	put(&b, "m1", IN("INBOX", "Offers"), MSG_SEEN, &again);
	assert_int_equal(again, b.message);
	check_places(&b, "INBOX Offers", 2);
}

static void message__lies__where_it_was_last_said_to(void **state)
{
	struct box b = make_box(state);
	tell(&b, 0, IN("ARCHIVE", "Offers", "of no account"), 0);
	check_places(&b, "ARCHIVE Offers", 2);
	assert_int_equal(flags_of(&b), 0);
	tell(&b, 0, IN("TRASH"), MSG_FLAGGED);
	check_places(&b, "TRASH", 1);
	tell(&b, 0, NULL, MSG_SEEN); /* flags alone */
	check_places(&b, "TRASH", 1);
	assert_int_equal(flags_of(&b), MSG_SEEN);
}

static void message__is_gone__from_everywhere(void **state)
{
	struct box b = make_box(state);
	const char *const gone[] = {"m1", "never seen"};
	page(&b, (struct ingest_page){.gone = gone, .n_gone = 2});
	check_places(&b, "", 0);
}

static void flags__that_the_service_does_not_keep__stay(void **state)
{
	struct box b = make_box(state);
	tell(&b, 0, NULL, MSG_SEEN | MSG_ANSWERED);
	tell(&b, MSG_SEEN | MSG_FLAGGED, NULL, MSG_FLAGGED);
	assert_int_equal(flags_of(&b), MSG_FLAGGED | MSG_ANSWERED);
	put(&b, "m1", IN("INBOX"), 0, NULL); /* all are told */
	assert_int_equal(flags_of(&b), 0);
}

static struct op *due(const struct box *b, size_t wanted)
{
	struct op *v;
	size_t n;
	int64_t next;
	assert_ok(b->f,
		op_due(b->f->reader, &b->f->arena, b->account, 10, &v, &n, &next, &b->f->err));
	assert_int_equal(n, wanted);
	return v;
}

static void archive(const struct box *b)
{
	int64_t thread = letters_thread(b->f, b->message), group;
	struct target t = {.kind = TARGET_THREADS,
		.ids = &thread,
		.n = 1,
		.list = {.kind = LIST_FOLDER, .folder = b->inbox}};
	action_move_role(b->f->store, &t, FOLDER_ARCHIVE, &group);
	assert_ok(b->f, store_flush(b->f->store, &b->f->err));
	letters_check_counters(b->f);
}

static void moved_here__then_told__lies_there_once(void **state)
{
	struct box b = make_box(state);
	archive(&b);
	assert_ok(b.f, op_done(b.f->store, due(&b, 1)->id, "m1", &b.f->err));
	tell(&b, 0, IN("ARCHIVE", "Offers"), MSG_SEEN);
	check_places(&b, "ARCHIVE Offers", 2);
	due(&b, 0);
}

/* The answer was lost; the history is faster than the next try. */
static void moved_here__told_before_it_is_done__lies_there_once(void **state)
{
	struct box b = make_box(state);
	archive(&b);
	tell(&b, 0, IN("ARCHIVE", "Offers"), MSG_SEEN);
	check_places(&b, "ARCHIVE Offers", 2);
	due(&b, 0);
}

static void labelled_here__then_told__is_one_message_again(void **state)
{
	struct box b = make_box(state);
	int64_t thread = letters_thread(b.f, b.message), group;
	tell(&b, 0, IN("INBOX"), MSG_SEEN);
	struct target t = {.kind = TARGET_THREADS,
		.ids = &thread,
		.n = 1,
		.list = {.kind = LIST_FOLDER, .folder = b.inbox}};
	action_label(b.f->store, &t, b.offers, true, &group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_ok(b.f, op_done(b.f->store, due(&b, 1)->id, "m1", &b.f->err));
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM message"), 2);
	tell(&b, 0, IN("INBOX", "Offers"), MSG_SEEN | MSG_FLAGGED);
	check_places(&b, "INBOX Offers", 2);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM message"), 1);
	assert_int_equal(flags_of(&b), MSG_SEEN | MSG_FLAGGED);
	tell(&b, 0, IN("INBOX"), MSG_SEEN);
	check_places(&b, "INBOX", 1);
}

static void check_unseen(struct box *b, const char *after, const char *want)
{
	const char *const *ids;
	size_t n;
	CLEANUP(buf_release) struct buf got = BUF_INIT(1000);
	assert_ok(b->f, ingest_unseen_of_account(b->f->reader, &b->f->arena, b->account, after, 10,
				&ids, &n, &b->f->err));
	for (size_t i = 0; i < n; i++)
		buf_addf(&got, "%s%s", i ? " " : "", ids[i]);
	assert_string_equal(got.p, want);
}

static void listed_anew__loses_and_doubles_nothing(void **state)
{
	struct box b = make_box(state);
	const char *const gone[] = {"m2"};
	put(&b, "m2", IN("INBOX", "Offers"), 0, NULL);
	check_unseen(&b, NULL, "");
	page(&b, (struct ingest_page){.all_gone_first = true});
	check_unseen(&b, NULL, "m1 m2");
	check_unseen(&b, "m1", "m2");
	tell(&b, 0, IN("ARCHIVE"), MSG_SEEN);
	put(&b, "m3", IN("INBOX", "Offers"), 0, NULL);
	check_unseen(&b, NULL, "m2");
	page(&b, (struct ingest_page){.gone = gone, .n_gone = 1});
	check_unseen(&b, NULL, "");
	letters_check_counters(b.f);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM message"), 3);
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM placement WHERE server_id = 'm1'"),
		1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM placement"), 3);
}

static void known__is_asked_for_the_whole_account(void **state)
{
	struct box b = make_box(state);
	const char *const ids[] = {"m9", "m1", "m8"};
	struct ingest_flag *v;
	size_t n;
	int64_t other = letters_account(b.f, "other");
	assert_ok(b.f, ingest_known_of_account(b.f->reader, &b.f->arena, b.account, ids, 3, &v, &n,
			       &b.f->err));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].server_id, "m1");
	assert_int_equal(v[0].flags, MSG_SEEN);
	assert_ok(b.f, ingest_known_of_account(b.f->reader, &b.f->arena, other, ids, 3, &v, &n,
			       &b.f->err));
	assert_int_equal(n, 0);
}

#define LABELS(t) cmocka_unit_test_setup_teardown(t, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LABELS(message__is_one__in_all_its_folders),
		LABELS(message__lies__where_it_was_last_said_to),
		LABELS(message__is_gone__from_everywhere),
		LABELS(flags__that_the_service_does_not_keep__stay),
		LABELS(moved_here__then_told__lies_there_once),
		LABELS(moved_here__told_before_it_is_done__lies_there_once),
		LABELS(labelled_here__then_told__is_one_message_again),
		LABELS(listed_anew__loses_and_doubles_nothing),
		LABELS(known__is_asked_for_the_whole_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
