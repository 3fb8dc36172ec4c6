/* test_draft.c - which version of a draft lies at the server, and what has to be done about it. */
#include "config.h"

#include <string.h>

#include "crmail/store/draft.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "crmail/store/store.h"
#include "tests/unit/store/letters.h"

struct desk {
	struct fixture *f;
	int64_t account, drafts, id;
};

static struct desk make_desk(void **state)
{
	struct desk k = {.f = *state};
	k.account = letters_account(k.f, "work");
	k.drafts = letters_folder(k.f, k.account, "Drafts", FOLDER_DRAFTS);
	return k;
}

static void save(struct desk *k, const char *version, int64_t not_before, int64_t adopts)
{
	struct outbox_new o = {.account = k->account,
		.id = k->id,
		.message_id = version,
		.subject = "Offer",
		.from = "me@own.example",
		.raw = "x",
		.raw_len = 1,
		.draft_json = "{}",
		.state = OUTBOX_DRAFT,
		.not_before = not_before,
		.adopts = adopts};
	assert_ok(k->f, outbox_put_wait(k->f->store, &o, &k->id, &k->f->err));
}

static struct draft_todo *next_todo(struct desk *k, int64_t *next_due)
{
	struct draft_todo *j = NULL;
	assert_ok(k->f,
		draft_next(k->f->reader, &k->f->arena, k->account, &j, next_due, &k->f->err));
	return j;
}

static void check_nothing_to_do(struct desk *k)
{
	int64_t next;
	assert_null(next_todo(k, &next));
}

static struct draft_todo *check_todo(struct desk *k, enum draft_todo_kind kind)
{
	int64_t next;
	struct draft_todo *j = next_todo(k, &next);
	assert_non_null(j);
	assert_int_equal(j->kind, kind);
	assert_int_equal(j->outbox, k->id);
	return j;
}

static void put_there(struct desk *k, const char *server_id)
{
	struct fixture *f = k->f;
	const struct draft_todo *j = check_todo(k, DRAFT_PUT);
	assert_ok(f, draft_begin(f->store, k->account, j, &f->err));
	assert_ok(f, draft_done(f->store, k->account, j, server_id, NULL, &f->err));
}

/* The server's listing shows that version. */
static int64_t show_there(struct desk *k, const char *server_id, const char *mid)
{
	int64_t id = 0;
	letters_put(k->f, k->account, k->drafts,
		&(struct letter){.id = server_id, .mid = mid, .from = "me@own.example"}, 1, &id);
	return id;
}

static void gone_there(struct desk *k, const char *server_id)
{
	struct ingest_page p = {
		.account = k->account, .folder = k->drafts, .gone = &server_id, .n_gone = 1};
	letters_page(k->f, &p);
}

static size_t count_theirs(struct desk *k)
{
	struct draft_row *v;
	size_t n = 0;
	assert_ok(k->f, draft_list(k->f->reader, &k->f->arena, &v, &n, &k->f->err));
	return n;
}

static void draft__goes_to_the_server__at_once_when_left(void **state)
{
	struct desk k = make_desk(state);
	int64_t next = 0;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	check_nothing_to_do(&k);
	save(&k, "v2@own.example", 0, 0); /* being written */
	assert_null(next_todo(&k, &next));
	assert_int_equal(next, FIXTURE_NOW + 60);
	fixture_set_clock(k.f, FIXTURE_NOW + 60);
	const struct draft_todo *j = check_todo(&k, DRAFT_PUT);
	assert_string_equal(j->message_id, "v2@own.example");
	assert_string_equal(j->copy_id, "v1@own.example");
	assert_string_equal(j->server_id, "7");
	save(&k, "v3@own.example", OUTBOX_LEFT, 0);
	fixture_set_clock(k.f, FIXTURE_NOW + 61);
	put_there(&k, "8");
	check_nothing_to_do(&k);
}

/* A process that died while it was putting a version there leaves its name. */
static void draft__names_the_version_on_its_way__after_a_crash(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	const struct draft_todo *j = check_todo(&k, DRAFT_PUT);
	assert_null(j->next_id);
	assert_ok(f, draft_begin(f->store, k.account, j, &f->err));
	save(&k, "v2@own.example", OUTBOX_LEFT, 0);
	j = check_todo(&k, DRAFT_PUT);
	assert_string_equal(j->next_id, "v1@own.example");
	assert_null(j->copy_id);
}

static void draft__waits__after_a_failure(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	struct err why = ERR_INIT;
	err_set(&why, ERR_TOOBIG, "Quota exceeded.");
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	const struct draft_todo *j = check_todo(&k, DRAFT_PUT);
	assert_ok(f, draft_failed(f->store, k.account, j, &why, FIXTURE_NOW + 60, &f->err));
	check_nothing_to_do(&k);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM outbox WHERE error = 'Quota exceeded.'"),
		1);
	fixture_set_clock(f, FIXTURE_NOW + 60);
	put_there(&k, "7");
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM outbox WHERE error IS NULL"),
		1);
}

static void draft__is_missed__only_once_it_was_seen(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	check_nothing_to_do(&k); /* not listed yet: no sign of anything */
	show_there(&k, "7", "v1@own.example");
	check_nothing_to_do(&k);
	gone_there(&k, "7");
	const struct draft_todo *j = check_todo(&k, DRAFT_MISSED);
	assert_ok(f, draft_lost(f->store, k.account, j, &f->err));
	check_nothing_to_do(&k);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM outbox"), OUTBOX_CANCELLED);
}

/* Saved between the look at the server and its consequence: what the user wrote stays. */
static void draft__stays__when_saved_while_it_was_missed(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	show_there(&k, "7", "v1@own.example");
	check_nothing_to_do(&k);
	gone_there(&k, "7");
	const struct draft_todo *j = check_todo(&k, DRAFT_MISSED);
	save(&k, "v2@own.example", OUTBOX_LEFT, 0);
	assert_ok(f, draft_lost(f->store, k.account, j, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM outbox"), OUTBOX_DRAFT);
	check_todo(&k, DRAFT_PUT);
}

static void draft__copy_is_taken_away__sent_or_thrown_away(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	assert_ok(f, outbox_act_wait(f->store, k.id, OUTBOX_DISCARD, &f->err));
	const struct draft_todo *j = check_todo(&k, DRAFT_REMOVE);
	assert_string_equal(j->server_id, "7");
	assert_ok(f, draft_removed(f->store, k.account, k.id, &f->err));
	check_nothing_to_do(&k);
}

/* Handed to the service once, which made a draft of it and could not send that. */
static void leave_far_draft(struct desk *k)
{
	struct fixture *f = k->f;
	struct outbox_new o = {.account = k->account,
		.message_id = "m1@own.example",
		.subject = "Offer",
		.from = "me@own.example",
		.raw = "x",
		.raw_len = 1,
		.draft_json = "{}",
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &k->id, &f->err));
	assert_ok(f, outbox_set_far_draft(f->store, k->id, "r-77", "gmail", &f->err));
}

static void check_far_draft_goes(struct desk *k)
{
	struct fixture *f = k->f;
	int64_t next;
	const struct draft_todo *j = next_todo(k, &next);
	assert_non_null(j);
	assert_int_equal(j->kind, DRAFT_REMOVE);
	assert_string_equal(j->copy_id, "m1@own.example");
	assert_null(j->server_id);
	assert_ok(f, draft_removed(f->store, k->account, j->outbox, &f->err));
	check_nothing_to_do(k);
}

static void draft__of_the_service_is_taken_away__never_sent(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	leave_far_draft(&k);
	check_nothing_to_do(&k);
	assert_ok(f, outbox_act_wait(f->store, k.id, OUTBOX_DISCARD, &f->err));
	check_far_draft_goes(&k);
}

/* What is written anew goes on with it, unless that is thrown away. */
static void draft__of_the_service_stays__until_the_new_version_goes(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	leave_far_draft(&k);
	assert_ok(f, outbox_act_wait(f->store, k.id, OUTBOX_TAKE_BACK, &f->err));
	save(&k, "v2@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	check_nothing_to_do(&k);
	assert_ok(f, outbox_act_wait(f->store, k.id, OUTBOX_DISCARD, &f->err));
	const struct draft_todo *j = next_todo(&k, &(int64_t){0});
	assert_non_null(j);
	assert_ok(f, draft_removed(f->store, k.account, j->outbox, &f->err));
	j = next_todo(&k, &(int64_t){0});
	assert_non_null(j);
	assert_ok(f, draft_removed(f->store, k.account, j->outbox, &f->err));
	check_nothing_to_do(&k);
}

static void draft__copy_is_taken_away__of_another_account_now(void **state)
{
	struct desk k = make_desk(state);
	int64_t first = k.account;
	save(&k, "v1@own.example", OUTBOX_LEFT, 0);
	put_there(&k, "7");
	k.account = letters_account(k.f, "home");
	save(&k, "v2@own.example", OUTBOX_LEFT, 0);
	check_todo(&k, DRAFT_PUT);
	k.account = first;
	check_todo(&k, DRAFT_REMOVE);
}

static void draft__of_the_server_is_listed__until_it_goes_on_here(void **state)
{
	struct desk k = make_desk(state);
	struct fixture *f = k.f;
	int64_t theirs = show_there(&k, "3", "phone@x.example"), own = -1;
	assert_int_equal(count_theirs(&k), 1);
	assert_ok(f, draft_of_message(f->reader, theirs, &own, &f->err));
	assert_int_equal(own, 0);
	save(&k, "v1@own.example", OUTBOX_LEFT, theirs);
	assert_int_equal(count_theirs(&k), 0);
	assert_ok(f, draft_of_message(f->reader, theirs, &own, &f->err));
	assert_int_equal(own, k.id);
	const struct draft_todo *j = check_todo(&k, DRAFT_PUT);
	assert_string_equal(j->copy_id, "phone@x.example");
	assert_string_equal(j->server_id, "3");
	put_there(&k, "4");
	gone_there(&k, "3");
	show_there(&k, "4", "v1@own.example");
	assert_int_equal(count_theirs(&k), 0);
	check_nothing_to_do(&k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(draft__goes_to_the_server__at_once_when_left),
		TEST(draft__names_the_version_on_its_way__after_a_crash),
		TEST(draft__waits__after_a_failure),
		TEST(draft__is_missed__only_once_it_was_seen),
		TEST(draft__stays__when_saved_while_it_was_missed),
		TEST(draft__copy_is_taken_away__sent_or_thrown_away),
		TEST(draft__of_the_service_is_taken_away__never_sent),
		TEST(draft__of_the_service_stays__until_the_new_version_goes),
		TEST(draft__copy_is_taken_away__of_another_account_now),
		TEST(draft__of_the_server_is_listed__until_it_goes_on_here),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
