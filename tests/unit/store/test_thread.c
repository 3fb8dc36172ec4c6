/* test_thread.c - which messages become one conversation (formats.md), in any order of arrival. */
#include "config.h"

#include <stdio.h>

#include "crmail/store/message.h"
#include "tests/unit/store/letters.h"

enum { DAY = 86400, T0 = FIXTURE_NOW - 100 * DAY };

struct mailbox {
	int64_t account, inbox;
};

static struct mailbox make_mailbox(struct fixture *f)
{
	struct mailbox b = {letters_account(f, "work"), 0};
	b.inbox = letters_folder(f, b.account, "INBOX", FOLDER_INBOX);
	return b;
}

/* Puts the letters one page each, in the order of `order`, and tells the conversations. */
static void put_one_by_one(struct fixture *f, const struct letter *v, size_t n, const size_t *order,
	int64_t *threads)
{
	struct mailbox b = make_mailbox(f);
	int64_t ids[16];
	for (size_t i = 0; i < n; i++)
		letters_put(f, b.account, b.inbox, &v[order[i]], 1, &ids[order[i]]);
	for (size_t i = 0; i < n; i++)
		threads[i] = letters_thread(f, ids[i]);
	letters_check_counters(f);
}

static const struct letter CHAIN[] = {
	{.id = "1", .mid = "a@x.example", .at = T0},
	{.id = "2",
		.mid = "b@x.example",
		.refs = "<a@x.example>",
		.subject = "Re: Offer",
		.at = T0 + 1},
	{.id = "3", .mid = "c@x.example", .refs = "<a@x.example> <b@x.example>", .at = T0 + 2},
};

static void thread__joins_references__parents_come_last(void **state)
{
	int64_t t[3];
	put_one_by_one(*state, CHAIN, 3, (size_t[]){2, 1, 0}, t);
	assert_int_equal(t[0], t[1]);
	assert_int_equal(t[1], t[2]);
}

static void thread__joins_references__parents_come_first(void **state)
{
	int64_t t[3];
	put_one_by_one(*state, CHAIN, 3, (size_t[]){0, 1, 2}, t);
	assert_int_equal(t[0], t[1]);
	assert_int_equal(t[1], t[2]);
}

static void thread__joins_siblings__parent_never_seen(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .refs = "<ghost@x.example>", .subject = "One", .at = T0},
		{.id = "2", .irt = "<ghost@x.example>", .subject = "Two", .at = T0 + 1},
		{.id = "3", .subject = "Three", .at = T0 + 2},
	};
	int64_t t[3];
	put_one_by_one(*state, v, 3, (size_t[]){0, 1, 2}, t);
	assert_int_equal(t[0], t[1]);
	assert_int_not_equal(t[1], t[2]);
}

static void thread__merges__late_bridge(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .mid = "a@x.example", .subject = "One", .at = T0},
		{.id = "2", .mid = "c@x.example", .subject = "Two", .at = T0 + 5},
		{.id = "3",
			.mid = "b@x.example",
			.refs = "<a@x.example> <c@x.example>",
			.at = T0 + 3},
	};
	int64_t t[3];
	put_one_by_one(*state, v, 3, (size_t[]){0, 1, 2}, t);
	assert_int_equal(t[0], t[1]);
	assert_int_equal(t[0], t[2]);
}

static void thread__takes_no_harm__references_in_circles(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .mid = "a@x.example", .refs = "<b@x.example>", .at = T0},
		{.id = "2",
			.mid = "b@x.example",
			.refs = "<a@x.example> <b@x.example>",
			.at = T0 + 1},
	};
	struct fixture *f = *state;
	struct message_row *rows;
	size_t n;
	int64_t t[2];
	put_one_by_one(f, v, 2, (size_t[]){0, 1}, t);
	assert_int_equal(t[0], t[1]);
	assert_ok(f, thread_messages(f->reader, &f->arena, t[0], &rows, &n, &f->err));
	assert_int_equal(n, 2);
}

static void thread__joins_by_subject__reply_without_references(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .subject = "Offer 7", .at = T0},
		{.id = "2",
			.subject = "AW: offer 7",
			.refs = "not-an-id",
			.irt = "Your message",
			.at = T0 + DAY},
		{.id = "3",
			.subject = "Fwd: Offer 7",
			.from = "me@own.example",
			.to = "laura@client.example",
			.at = T0 + 2 * DAY},
		{.id = "4", .subject = "Offer 7", .at = T0 + 3 * DAY},
	};
	int64_t t[4];
	put_one_by_one(*state, v, 4, (size_t[]){3, 1, 0, 2}, t);
	assert_int_equal(t[0], t[1]);
	assert_int_equal(t[0], t[2]);
	assert_int_not_equal(t[0], t[3]); /* no reply: a conversation of its own */
}

static void thread__keeps_apart_by_subject__nobody_shared_but_the_user(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .subject = "Invoice", .from = "a@one.example", .at = T0},
		{.id = "2", .subject = "Re: Invoice", .from = "b@two.example", .at = T0 + DAY},
	};
	int64_t t[2];
	put_one_by_one(*state, v, 2, (size_t[]){0, 1}, t);
	assert_int_not_equal(t[0], t[1]);
}

static void thread__joins_by_subject__only_own_addresses(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .subject = "Note", .from = "me@own.example", .at = T0},
		{.id = "2", .subject = "Re: Note", .from = "me@own.example", .at = T0 + DAY},
	};
	int64_t t[2];
	put_one_by_one(*state, v, 2, (size_t[]){0, 1}, t);
	assert_int_equal(t[0], t[1]);
}

static void thread__reaches_back_90_days__by_subject(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .subject = "Plan", .at = T0},
		{.id = "2", .subject = "Re: Plan", .at = T0 + 90 * DAY + 1},
		{.id = "3", .subject = "Plan B", .at = T0},
		{.id = "4", .subject = "Re: Plan B", .at = T0 + 90 * DAY},
	};
	int64_t t[4];
	put_one_by_one(*state, v, 4, (size_t[]){0, 1, 2, 3}, t);
	assert_int_not_equal(t[0], t[1]);
	assert_int_equal(t[2], t[3]);
}

static void thread__takes_the_newest_before__by_subject(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .subject = "Call", .at = T0},
		{.id = "2", .subject = "Call", .at = T0 + DAY},
		{.id = "3", .subject = "Re: Call", .at = T0 + 2 * DAY},
		{.id = "4", .subject = "Call", .at = T0 + 3 * DAY},
	};
	static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}};
	int64_t t[4];
	struct fixture *f = *state;
	for (size_t k = 0; k < 2; k++) {
		put_one_by_one(f, v, 4, orders[k], t);
		assert_int_equal(t[1], t[2]);
		assert_int_not_equal(t[0], t[2]);
		assert_int_not_equal(t[3], t[2]);
		fixture_down(state);
		fixture_up(state);
		f = *state;
	}
}

static void thread__keeps_apart__same_id_other_message(void **state)
{
	static const struct letter v[] = {
		{.id = "1", .mid = "same@x.example", .subject = "One", .at = T0},
		{.id = "2", .mid = "same@x.example", .subject = "Two", .at = T0 + 1},
	};
	struct fixture *f = *state;
	int64_t t[2];
	put_one_by_one(f, v, 2, (size_t[]){0, 1}, t);
	assert_int_not_equal(t[0], t[1]);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), 2);
}

static void thread__shows_equal_copies_once__two_folders(void **state)
{
	struct fixture *f = *state;
	struct mailbox b = make_mailbox(f);
	int64_t archive = letters_folder(f, b.account, "Archive", FOLDER_ARCHIVE);
	struct letter l = {.id = "7", .mid = "copy@x.example", .at = T0};
	int64_t id[2];
	struct message_row *rows;
	size_t n;
	letters_put(f, b.account, b.inbox, &l, 1, &id[0]);
	letters_put(f, b.account, archive, &l, 1, &id[1]);
	assert_int_equal(letters_thread(f, id[0]), letters_thread(f, id[1]));
	assert_ok(f, thread_messages(f->reader, &f->arena, letters_thread(f, id[0]), &rows, &n,
			     &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count FROM thread WHERE newest > 0"),
		1);
	letters_check_counters(f);
}

static void assert_same_party(const struct party *a, const struct party *b)
{
	assert_string_equal(a->addr, b->addr);
	assert_int_equal(a->contact, b->contact);
	assert_int_equal(a->name != NULL, b->name != NULL);
	if (a->name)
		assert_string_equal(a->name, b->name);
}

static void assert_same_row(const struct message_row *a, const struct message_row *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->thread, b->thread);
	assert_int_equal(a->folder, b->folder);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->date, b->date);
	assert_int_equal(a->flags, b->flags);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->message_id, b->message_id);
	assert_string_equal(a->server_id, b->server_id);
	assert_same_party(&a->from, &b->from);
	assert_int_equal(a->n_to, b->n_to);
	assert_int_equal(a->n_cc, b->n_cc);
	for (size_t i = 0; i < a->n_to; i++)
		assert_same_party(&a->to[i], &b->to[i]);
	for (size_t i = 0; i < a->n_cc; i++)
		assert_same_party(&a->cc[i], &b->cc[i]);
}

/* More people than there is room for at first, each in several mails; answers to the mail
 * before. */
static void thread__rows_are_those_of_each_message__many_people(void **state)
{
	enum { LETTERS = 300, PEOPLE = 100 };
	struct fixture *f = *state;
	struct mailbox b = make_mailbox(f);
	struct letter v[LETTERS];
	struct message_row *rows, *one;
	int64_t ids[LETTERS];
	size_t n;
	for (size_t i = 0; i < LETTERS; i++)
		v[i] = (struct letter){.id = arena_printf(&f->arena, "%zu", i + 1),
			.mid = arena_printf(&f->arena, "m%zu@x.example", i),
			.refs = i ? arena_printf(&f->arena, "<m%zu@x.example>", i - 1) : NULL,
			.from = arena_printf(&f->arena, "P%zu <p%zu@x.example>", i % PEOPLE,
				i % PEOPLE),
			.to = arena_printf(&f->arena, "me@own.example, p%zu@x.example", i % 7),
			.at = T0 + (int64_t)i};
	for (size_t i = 0; i < LETTERS; i += LETTERS / 3)
		letters_put(f, b.account, b.inbox, &v[i], LETTERS / 3, &ids[i]);
	assert_ok(f, thread_messages(f->reader, &f->arena, letters_thread(f, ids[0]), &rows, &n,
			     &f->err));
	assert_int_equal(n, LETTERS);
	for (size_t i = 0; i < n; i++) {
		assert_ok(f, message_get(f->reader, &f->arena, ids[i], &one, &f->err));
		assert_same_row(&rows[i], one);
		assert_int_equal(rows[i].parent, i ? ids[i - 1] : 0);
	}
}

static const char *people_of(struct fixture *f, int64_t message)
{
	struct thread_row *row;
	assert_ok(f, thread_get(f->reader, &f->arena, letters_thread(f, message), &row, &f->err));
	return row->people;
}

static void thread__names_people__newest_last_and_the_user_apart(void **state)
{
	static const struct letter v[] = {
		{.id = "1",
			.mid = "a@x.example",
			.from = "me@own.example",
			.to = "Laura <laura@client.example>, bob@b.example",
			.at = T0},
		{.id = "2", .refs = "<a@x.example>", .from = "Bob <bob@b.example>", .at = T0 + 1},
		{.id = "3", .refs = "<a@x.example>", .at = T0 + 2},
		{.id = "4", .refs = "<a@x.example>", .from = "Bob <bob@b.example>", .at = T0 + 3},
	};
	struct fixture *f = *state;
	struct mailbox b = make_mailbox(f);
	int64_t id;
	letters_put(f, b.account, b.inbox, &v[0], 1, &id);
	assert_string_equal(people_of(f, id), "\002Laura, bob@b.example");
	letters_put(f, b.account, b.inbox, &v[1], 3, NULL);
	assert_string_equal(people_of(f, id), "\001, Laura, Bob");
}

/* Pages over two accounts: every conversation once, in order, both ways. */
static void list__pages_both_ways__over_two_accounts(void **state)
{
	struct fixture *f = *state;
	struct mailbox b[2] = {make_mailbox(f), {letters_account(f, "home"), 0}};
	struct list_spec spec = {.kind = LIST_ROLE, .role = FOLDER_INBOX};
	struct list_key at = {0, 0};
	struct thread_row *rows;
	size_t n, seen = 0;
	int64_t last = INT64_MAX;
	b[1].inbox = letters_folder(f, b[1].account, "INBOX", FOLDER_INBOX);
	for (int i = 0; i < 21; i++) {
		char id[16];
		snprintf(id, sizeof id, "%d", i);
		struct letter l = {.id = id, .at = T0 + i, .subject = id};
		letters_put(f, b[i % 2].account, b[i % 2].inbox, &l, 1, NULL);
		if (i % 5 == 0) /* a copy in the other account is no second row */
			letters_put(f, b[(i + 1) % 2].account, b[(i + 1) % 2].inbox, &l, 1, NULL);
	}
	do {
		assert_ok(f, thread_list_page(f->reader, &f->arena, &spec, seen ? &at : NULL, false,
				     4, &rows, &n, &f->err));
		for (size_t i = 0; i < n; i++) {
			assert_true(rows[i].sort_at < last);
			last = rows[i].sort_at;
			at = (struct list_key){last, rows[i].thread};
		}
		seen += n;
	} while (n);
	assert_int_equal(seen, 21);
	assert_ok(f,
		thread_list_page(f->reader, &f->arena, &spec, &at, true, 30, &rows, &n, &f->err));
	assert_int_equal(n, 20);
	assert_true(rows[0].sort_at > rows[19].sort_at);
	letters_check_counters(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thread__joins_references__parents_come_last),
		TEST(thread__joins_references__parents_come_first),
		TEST(thread__joins_siblings__parent_never_seen),
		TEST(thread__merges__late_bridge),
		TEST(thread__takes_no_harm__references_in_circles),
		TEST(thread__joins_by_subject__reply_without_references),
		TEST(thread__keeps_apart_by_subject__nobody_shared_but_the_user),
		TEST(thread__joins_by_subject__only_own_addresses),
		TEST(thread__reaches_back_90_days__by_subject),
		TEST(thread__takes_the_newest_before__by_subject),
		TEST(thread__keeps_apart__same_id_other_message),
		TEST(thread__shows_equal_copies_once__two_folders),
		TEST(thread__rows_are_those_of_each_message__many_people),
		TEST(thread__names_people__newest_last_and_the_user_apart),
		TEST(list__pages_both_ways__over_two_accounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
