/* test_record.c - what the user writes into records: shown at once, queued, undone, decided. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/str.h"
#include "crmail/store/activity.h"
#include "crmail/store/record.h"
#include "tests/unit/store/fixture.h"

static int64_t add_crm(struct fixture *f, unsigned abilities)
{
	int64_t crm;
	const struct crm_row row = {.name = "main", .profile = "x", .url = "http://x.test"};
	assert_ok(f, crm_add(f->store, &row, NULL, 0, &crm, &f->err));
	assert_ok(f, record_set_abilities(f->store, crm, abilities, &f->err));
	return crm;
}

static void pull_laura(struct fixture *f, int64_t crm, const char *title)
{
	const char *const emails[] = {"laura@client.example", "l@client.example"};
	const struct contact_in c = {.crm_id = "C1",
		.first_name = "Laura",
		.last_name = "Palmer",
		.title = title,
		.emails = emails,
		.n_emails = 2};
	struct put_page p = {.crm = crm, .object = "contact"};
	assert_ok(f, contact_put(f->store, &p, &c, 1, &f->err));
}

static void pull_deal(struct fixture *f, int64_t crm, const char *stage, const char *amount)
{
	const struct deal_in d = {
		.crm_id = "D1", .name = "Big", .stage = stage, .amount = amount, .close_at = 86400};
	struct put_page p = {.crm = crm, .object = "deal"};
	assert_ok(f, deal_put(f->store, &p, &d, 1, &f->err));
}

static int64_t row_of(struct fixture *f, enum record_kind k, const char *id)
{
	int64_t row = 0;
	assert_ok(f, record_by_crm_id(f->reader, k, id, &row, &f->err));
	assert_int_not_equal(row, 0);
	return row;
}

/* The deal D1 of 1 in that stage. */
static int64_t deal_at(struct fixture *f, int64_t crm, const char *stage)
{
	pull_deal(f, crm, stage, "1");
	return row_of(f, RECORD_DEAL, "D1");
}

static const char *shown(struct fixture *f, enum record_kind k, int64_t row, const char *field)
{
	const char *text = record_shown(f->reader, &f->arena, k, row, field);
	return text ? text : "-";
}

static size_t writes(struct fixture *f, struct record_write **v)
{
	size_t n = 0;
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, record_writes(f->reader, &f->arena, 0, 0, 0, 100, v, &n, &f->err));
	return n;
}

static struct record_job *due(struct fixture *f, int64_t crm)
{
	struct record_job *j = NULL;
	assert_ok(f, record_due(f->reader, &f->arena, crm, FIXTURE_NOW, &j, &f->err));
	return j;
}

/* The oldest write that may go, on its way. */
static struct record_job *begin(struct fixture *f, int64_t crm)
{
	struct record_job *j = due(f, crm);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	return j;
}

static int64_t edit(struct fixture *f, enum record_kind k, int64_t row, const char *name,
	const char *value)
{
	const struct record_field v = {name, value};
	int64_t id = record_edit(f->store, k, row, &v, 1);
	struct err e = ERR_INIT;
	assert_ok(f, store_flush(f->store, &f->err));
	if (store_trouble(f->store, &e))
		fail_msg("%s", e.msg);
	return id;
}

static int64_t make(struct fixture *f, int64_t crm, enum record_kind k,
	const struct record_field *v, size_t n)
{
	int64_t row = 0;
	assert_ok(f, record_create_wait(f->store, crm, k, v, n, &row, &f->err));
	return row;
}

static int64_t make_contact(struct fixture *f, int64_t crm)
{
	const struct record_field v[] = {{"first_name", "Kim"}, {"last_name", " Lee "},
		{"email", "kim@new.example"}, {"title", ""}};
	return make(f, crm, RECORD_CONTACT, v, 4);
}

static int64_t make_call(struct fixture *f, int64_t crm, int64_t contact)
{
	const struct record_field v[] = {{"kind", "call"}, {"subject", "Prices"},
		{"contact", arena_printf(&f->arena, "%lld", (long long)contact)},
		{"duration_min", "12"}, {"at", "2026-11-20T09:30:00Z"}};
	return make(f, crm, RECORD_ACTIVITY, v, 5);
}

static void record__edit__is_shown_and_queued(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, ~0u & ~RECORD_IS_LOCAL);
	pull_deal(f, crm, "Qualified", "4000.00");
	int64_t row = row_of(f, RECORD_DEAL, "D1");
	edit(f, RECORD_DEAL, row, "stage", "Closed won");
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "Closed won");
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT is_open FROM deal"), 0);
	edit(f, RECORD_DEAL, row, "close_date", "2026-12-24");
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_WAITING);
	assert_int_equal(v[0].verb, RECORD_EDITED);
	assert_string_equal(v[0].title, "Big");
	assert_string_equal(v[0].crm_id, "D1");
	assert_int_equal(v[0].n_fields, 2);
	assert_string_equal(v[0].fields[0].name, "close_date");
	assert_string_equal(v[0].fields[0].base, "1970-01-02");
	assert_string_equal(v[0].fields[0].ours, "2026-12-24");
	assert_string_equal(v[0].fields[1].theirs, "Qualified");
	int64_t queued;
	int64_t parked;
	assert_ok(f, crm_counts(f->reader, crm, &queued, &parked, &f->err));
	assert_int_equal(queued, 1);
	assert_int_equal(parked, 0);
}

static void record__edit__merges_and_cancels_out(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	pull_deal(f, crm, "Qualified", "4000.00");
	int64_t row = row_of(f, RECORD_DEAL, "D1");
	edit(f, RECORD_DEAL, row, "amount", "4000"); /* says the same */
	assert_int_equal(writes(f, &v), 0);
	edit(f, RECORD_DEAL, row, "amount", "5000");
	edit(f, RECORD_DEAL, row, "amount", "6000");
	edit(f, RECORD_DEAL, row, "next_step", "Call");
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].n_fields, 2);
	assert_string_equal(v[0].fields[0].base, "4000.00");
	assert_string_equal(v[0].fields[0].ours, "6000");
	edit(f, RECORD_DEAL, row, "next_step", NULL);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].n_fields, 1);
	edit(f, RECORD_DEAL, row, "amount", "4000.0");
	assert_int_equal(writes(f, &v), 0);
}

static void record__pull__does_not_take_back_what_waits(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	pull_deal(f, crm, "Qualified", "1");
	int64_t row = row_of(f, RECORD_DEAL, "D1");
	edit(f, RECORD_DEAL, row, "stage", "Won");
	pull_deal(f, crm, "Lost", "2");
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "Won");
	assert_string_equal(shown(f, RECORD_DEAL, row, "amount"), "2");
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(v[0].fields[0].base, "Qualified");
	assert_string_equal(v[0].fields[0].theirs, "Lost");
	record_discard(f->store, v[0].id);
	assert_int_equal(writes(f, &v), 0);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "Lost");
}

static void record__undo__takes_back_one_change(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	int64_t first = edit(f, RECORD_DEAL, row, "stage", "B");
	int64_t second = edit(f, RECORD_DEAL, row, "stage", "C");
	record_undo(f->store, second);
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "B");
	record_undo(f->store, second); /* nothing is left of it */
	assert_int_equal(writes(f, &v), 1);
	first = edit(f, RECORD_DEAL, row, "amount", "9");
	assert_ok(f, record_begin(f->store, v[0].id, &f->err));
	struct err e = ERR_INIT;
	assert_int_equal(record_act_wait(f->store, first, RECORD_UNDO, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_string_equal(shown(f, RECORD_DEAL, row, "amount"), "9");
}

static void record__contact__is_known_at_once(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	struct contact_row *c;
	int64_t crm = add_crm(f, 0);
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example", .crm = crm};
	int64_t id;
	assert_ok(f, account_add(f->store, &account, NULL, 0, &id, &f->err));
	int64_t row = make_contact(f, crm);
	assert_ok(f,
		contact_by_address(f->reader, &f->arena, id, "KIM+x@new.example", &c, &f->err));
	assert_non_null(c);
	assert_true(c->id == row);
	assert_string_equal(c->name, "Kim Lee");
	assert_true(str_starts(c->crm_id, "local:"));
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].n_fields, 3);
	edit(f, RECORD_CONTACT, row, "other_emails", "k@a.example; k@b.example");
	edit(f, RECORD_CONTACT, row, "email", "kim.lee@new.example");
	edit(f, RECORD_CONTACT, row, "phone", "+49 1");
	edit(f, RECORD_CONTACT, row, "first_name", NULL);
	assert_ok(f, contact_get(f->reader, &f->arena, row, &c, &f->err));
	assert_string_equal(c->name, "Lee");
	assert_int_equal(c->n_emails, 3);
	assert_string_equal(c->emails[0], "kim.lee@new.example");
	assert_string_equal(c->emails[2], "k@b.example");
	assert_string_equal(c->phones[0], "+49 1");
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].verb, RECORD_CREATED);
	record_undo(f->store, row);
	assert_int_equal(writes(f, &v), 0);
	assert_ok(f, contact_get(f->reader, &f->arena, row, &c, &f->err));
	assert_null(c);
}

static void record__phones__are_one_and_the_others(void **state)
{
	struct fixture *f = *state;
	struct contact_row *c;
	int64_t crm = add_crm(f, RECORD_IS_LOCAL);
	int64_t row = make_contact(f, crm);
	edit(f, RECORD_CONTACT, row, "phone", "+49 30 1");
	edit(f, RECORD_CONTACT, row, "other_phones", " +49 30 2; +49 30 3,");
	assert_ok(f, contact_get(f->reader, &f->arena, row, &c, &f->err));
	assert_int_equal(c->n_phones, 3);
	assert_string_equal(c->phones[2], "+49 30 3");
	assert_string_equal(shown(f, RECORD_CONTACT, row, "other_phones"), "+49 30 2, +49 30 3");
	edit(f, RECORD_CONTACT, row, "phone", NULL);
	assert_string_equal(shown(f, RECORD_CONTACT, row, "phone"), "+49 30 2");
	assert_string_equal(shown(f, RECORD_CONTACT, row, "other_phones"), "+49 30 3");
	edit(f, RECORD_CONTACT, row, "other_phones", "+49 30 2, +49 30 3"); /* as they were */
	assert_string_equal(shown(f, RECORD_CONTACT, row, "other_phones"), "+49 30 3");
	edit(f, RECORD_CONTACT, row, "other_phones", NULL);
	assert_string_equal(shown(f, RECORD_CONTACT, row, "phone"), "+49 30 2");
	assert_string_equal(shown(f, RECORD_CONTACT, row, "other_phones"), "-");
}

static void record__dependencies__wait_in_order(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t contact = make_contact(f, crm);
	int64_t call = make_call(f, crm, contact);
	const struct record_field firm = {"partner", "new:New Firm"};
	assert_ok(f, record_edit_wait(f->store, RECORD_CONTACT, contact, &firm, 1, &f->err));
	assert_int_equal(writes(f, &v), 3);
	struct record_job *j = due(f, crm); /* the partner was made last and goes first */
	assert_int_equal(j->kind, RECORD_PARTNER);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	assert_ok(f, record_done(f->store, j->id, "P9", &f->err));
	j = due(f, crm);
	assert_true(j->kind == RECORD_CONTACT && j->verb == RECORD_CREATED);
	assert_int_equal(strlen(j->key), 36);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	edit(f, RECORD_CONTACT, contact, "title", "CEO"); /* it is on its way: one of its own */
	assert_int_equal(writes(f, &v), 3);
	assert_ok(f, record_done(f->store, j->id, "C9", &f->err));
	j = due(f, crm);
	assert_true(j->kind == RECORD_ACTIVITY && j->row == call);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	assert_ok(f, record_done(f->store, j->id, j->key, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_LOGGED);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM activity WHERE contact_crm_id = 'C9'"),
		1);
	j = due(f, crm);
	assert_true(j->kind == RECORD_CONTACT && j->verb == RECORD_EDITED);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	assert_ok(f, record_done(f->store, j->id, NULL, &f->err));
	assert_null(due(f, crm));
}

static void record__parked_creation__parks_what_needs_it(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t contact = make_contact(f, crm);
	make_call(f, crm, contact);
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_park(f->store, j->id, false, "No.", &f->err));
	assert_null(due(f, crm));
	assert_int_equal(writes(f, &v), 2);
	assert_int_equal(v[1].state, RECORD_PARKED);
	assert_non_null(v[1].reason);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_PARKED);
	record_retry(f->store, v[0].id);
	assert_int_equal(writes(f, &v), 2);
	assert_int_equal(v[1].state, RECORD_WAITING);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_QUEUED);
	assert_int_equal(due(f, crm)->kind, RECORD_CONTACT);
}

static void record__edit_of_parked__sends_again(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	edit(f, RECORD_DEAL, row, "amount", "much");
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_park(f->store, j->id, false, "Not a number.", &f->err));
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(v[0].reason, "Not a number.");
	assert_string_equal(shown(f, RECORD_DEAL, row, "amount"), "much");
	edit(f, RECORD_DEAL, row, "amount", "7");
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_WAITING);
	assert_null(v[0].reason);
}

static void set_conflict(struct fixture *f, int64_t crm, int64_t row)
{
	const struct record_field theirs = {"stage", "Lost"};
	edit(f, RECORD_DEAL, row, "stage", "Won");
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_conflict(f->store, j->id, &theirs, 1, &f->err));
}

static void record__conflict__keeps_both_until_decided(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	set_conflict(f, crm, row);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_CONFLICT);
	assert_string_equal(v[0].fields[0].ours, "Won");
	assert_string_equal(v[0].fields[0].theirs, "Lost");
	struct err e = ERR_INIT;
	assert_int_equal(record_act_wait(f->store, v[0].id, RECORD_RETRY, &e), -1);
	record_resolve(f->store, v[0].id, true);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_WAITING);
	assert_string_equal(v[0].fields[0].base, "Lost");
	record_discard(f->store, v[0].id);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "Lost");
	pull_deal(f, crm, "A", "2");
	set_conflict(f, crm, row);
	assert_int_equal(writes(f, &v), 1);
	record_resolve(f->store, v[0].id, false);
	assert_int_equal(writes(f, &v), 0);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "Lost");
}

static void record__theirs_taken__a_later_edit_stays_on_top(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	const struct record_field theirs = {"stage", "Lost"};
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	edit(f, RECORD_DEAL, row, "stage", "B");
	struct record_job *j = begin(f, crm);
	edit(f, RECORD_DEAL, row, "stage", "C");
	assert_ok(f, record_conflict(f->store, j->id, &theirs, 1, &f->err));
	assert_int_equal(writes(f, &v), 2);
	record_resolve(f->store, j->id, false);
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "C");
}

static void record__answer_that_never_came__can_still_be_taken_back(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	int64_t first = edit(f, RECORD_DEAL, row, "stage", "B");
	struct record_job *j = begin(f, crm);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_SENDING);
	assert_ok(f, record_defer(f->store, j->id, 0, true, "No line.", &f->err));
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_WAITING);
	assert_true(due(f, crm)->is_doubtful);
	edit(f, RECORD_DEAL, row, "stage", "C"); /* the CRM may have B by now */
	assert_int_equal(writes(f, &v), 2);
	assert_string_equal(v[1].fields[0].base, "B");
	record_discard(f->store, v[1].id);
	record_undo(f->store, first);
	assert_int_equal(writes(f, &v), 0);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "A");
}

static void record__parked_in_doubt__is_looked_for_when_tried_again(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	make_contact(f, crm);
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_park(f->store, j->id, true, "A fault.", &f->err));
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_PARKED);
	record_retry(f->store, j->id);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].state, RECORD_WAITING);
	assert_true(due(f, crm)->is_doubtful);
}

static void park_in_doubt(struct fixture *f, int64_t id)
{
	assert_ok(f, record_begin(f->store, id, &f->err));
	assert_ok(f, record_park(f->store, id, true, "A fault.", &f->err));
}

static void record__edit_of_what_may_be_there__goes_after_it(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = make_contact(f, crm);
	int64_t made = due(f, crm)->id;
	park_in_doubt(f, made);
	edit(f, RECORD_CONTACT, row, "title", "CEO");
	assert_int_equal(writes(f, &v), 2);
	assert_int_equal(v[0].state, RECORD_WAITING); /* it is looked for, as it was sent */
	assert_int_equal(v[0].n_fields, 3);
	assert_int_equal(v[1].verb, RECORD_EDITED);
	assert_int_equal(v[1].n_fields, 1);
	assert_null(v[1].fields[0].base);
	assert_string_equal(v[1].fields[0].ours, "CEO");
	struct record_job *j = due(f, crm);
	assert_int_equal(j->id, made);
	assert_true(j->is_doubtful);
	assert_ok(f, record_done(f->store, made, "C9", &f->err));
	assert_int_equal(due(f, crm)->id, v[1].id);
	assert_string_equal(shown(f, RECORD_CONTACT, row, "title"), "CEO");
}

static void record__withdrawal_of_what_may_be_there__goes_after_it(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	pull_laura(f, crm, "CEO");
	int64_t call = make_call(f, crm, row_of(f, RECORD_CONTACT, "C1"));
	park_in_doubt(f, due(f, crm)->id);
	record_withdraw(f->store, RECORD_ACTIVITY, call);
	assert_int_equal(writes(f, &v), 2);
	assert_int_equal(due(f, crm)->id, v[0].id);
	assert_int_equal(v[1].verb, RECORD_WITHDRAWN);
}

/* The withdrawal of a call that the CRM has, its answer lost, undone: an edit of nothing. */
static int64_t undo_in_doubt(struct fixture *f, int64_t crm, int64_t row)
{
	struct record_write *v;
	int64_t id = record_withdraw(f->store, RECORD_ACTIVITY, row);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, record_begin(f->store, id, &f->err));
	assert_ok(f, record_defer(f->store, id, 0, true, "No line.", &f->err));
	record_undo(f->store, id);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].verb, RECORD_EDITED);
	assert_int_equal(v[0].n_fields, 0);
	assert_int_equal(due(f, crm)->id, id);
	assert_ok(f, record_begin(f->store, id, &f->err));
	return id;
}

static int64_t pull_call(struct fixture *f, int64_t crm)
{
	const struct entry_in in = {.crm_id = "A1",
		.type = "call",
		.kind = ENTRY_CALL,
		.subject = "Prices",
		.body = "Dear.\n",
		.contact_crm_id = "C1",
		.at = 86400};
	struct put_page p = {.crm = crm, .object = "activity"};
	pull_laura(f, crm, "CEO");
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	return row_of(f, RECORD_ACTIVITY, "A1");
}

static void record__undone_withdrawal_in_doubt__still_there_is_all(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = pull_call(f, crm);
	int64_t id = undo_in_doubt(f, crm, row);
	assert_ok(f, record_done(f->store, id, NULL, &f->err));
	assert_int_equal(writes(f, &v), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_LOGGED);
}

static void record__undone_withdrawal_in_doubt__gone_is_made_again(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = pull_call(f, crm);
	int64_t id = undo_in_doubt(f, crm, row);
	assert_ok(f, record_remake(f->store, id, &f->err));
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].verb, RECORD_CREATED);
	assert_null(v[0].crm_id);
	assert_int_equal(v[0].n_fields, 5); /* at body contact kind subject */
	assert_string_equal(v[0].fields[1].ours, "Dear.\n");
	assert_int_equal(v[0].fields[2].ref, RECORD_CONTACT);
	struct record_job *j = due(f, crm);
	assert_false(j->is_doubtful);
	assert_ok(f, record_begin(f->store, id, &f->err));
	assert_ok(f, record_done(f->store, id, j->key, &f->err));
	assert_int_equal(row_of(f, RECORD_ACTIVITY, j->key), row);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_LOGGED);
}

static void record__remake__of_a_deal_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	int64_t crm = add_crm(f, 0);
	pull_deal(f, crm, "A", "1");
	edit(f, RECORD_DEAL, row_of(f, RECORD_DEAL, "D1"), "stage", "B");
	assert_int_equal(record_remake(f->store, due(f, crm)->id, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
}

static void record__edit_upon_one_given_up__stands_upon_what_the_crm_has(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	edit(f, RECORD_DEAL, row, "stage", "B");
	struct record_job *j = begin(f, crm);
	edit(f, RECORD_DEAL, row, "stage", "C");
	assert_ok(f, record_park(f->store, j->id, false, "Not B.", &f->err));
	record_discard(f->store, j->id);
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "C");
	assert_string_equal(v[0].fields[0].base, "A");
	record_discard(f->store, v[0].id);
	assert_int_equal(writes(f, &v), 0);
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "A");
}

static void record__undo_beneath_a_later_edit__shows_what_waits(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	int64_t first = edit(f, RECORD_DEAL, row, "stage", "B");
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_defer(f->store, j->id, 0, true, "No line.", &f->err));
	edit(f, RECORD_DEAL, row, "stage", "C");
	record_undo(f->store, first);
	assert_int_equal(writes(f, &v), 1);
	assert_string_equal(v[0].fields[0].ours, "C");
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "C");
}

/* Ids follow the clock: what came later may have a smaller one. */
static void record__clock_set_back__what_is_made_goes_first(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	int64_t row = make_contact(f, crm);
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_defer(f->store, j->id, 0, true, "No line.", &f->err));
	edit(f, RECORD_CONTACT, row, "title", "CEO");
	fixture_sql(f, "crmail.db", "UPDATE record_value SET write = 1 WHERE field = 'title'");
	fixture_sql(f, "crmail.db", "UPDATE record_write SET id = 1 WHERE verb = 2");
	j = due(f, crm);
	assert_int_equal(j->verb, RECORD_CREATED);
	assert_ok(f, record_begin(f->store, j->id, &f->err));
	assert_ok(f, record_done(f->store, j->id, j->key, &f->err));
	assert_int_equal(due(f, crm)->verb, RECORD_EDITED);
}

/* The CRM took ours, and somebody there put it back before the next pull. */
static void record__set_back_in_the_crm__is_seen(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	int64_t row = deal_at(f, crm, "A");
	edit(f, RECORD_DEAL, row, "stage", "B");
	struct record_job *j = begin(f, crm);
	assert_ok(f, record_done(f->store, j->id, NULL, &f->err));
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "B");
	pull_deal(f, crm, "A", "1");
	assert_string_equal(shown(f, RECORD_DEAL, row, "stage"), "A");
}

static void record__in_a_restored_copy__is_in_doubt(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	make_contact(f, crm);
	assert_false(due(f, crm)->is_doubtful);
	fixture_sql(f, "crmail.db", "INSERT OR REPLACE INTO meta VALUES ('restored', 1)");
	fixture_close(f);
	fixture_open(f);
	assert_true(due(f, crm)->is_doubtful); /* the CRM may have it since the copy was made */
}

static void record__pull_of_own_creation__is_the_same_row(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	int64_t row = make_contact(f, crm);
	struct record_job *j = begin(f, crm);
	const struct contact_in c = {.crm_id = j->key, .first_name = "Kim", .last_name = "Lee"};
	struct put_page p = {.crm = crm, .object = "contact"};
	assert_ok(f, contact_put(f->store, &p, &c, 1, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM contact"), 1);
	assert_true(row_of(f, RECORD_CONTACT, j->key) == row);
	assert_ok(f, record_done(f->store, j->id, j->key, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM contact"), 1);
}

static void record__id_of_the_crm__joins_the_pulled_row(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	int64_t row = make_contact(f, crm);
	int64_t call = make_call(f, crm, row);
	struct record_job *j = begin(f, crm);
	pull_laura(f, crm, "CEO");
	int64_t pulled = row_of(f, RECORD_CONTACT, "C1");
	assert_true(pulled != row);
	int64_t note = make_call(f, crm, pulled);
	fixture_sql(f, "crmail.db",
		arena_printf(&f->arena,
			"INSERT INTO decision (crm, scope, what, kind, target, addr, at)"
			" VALUES (%lld, 3, 3, 1, %lld, 'k@home.example', 1)",
			(long long)crm, (long long)pulled));
	assert_ok(f, record_done(f->store, j->id, "C1", &f->err));
	assert_true(row_of(f, RECORD_CONTACT, "C1") == row);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM contact"), 1);
	assert_string_equal(shown(f, RECORD_ACTIVITY, note, "contact"),
		arena_printf(&f->arena, "%lld", (long long)row));
	assert_string_equal(shown(f, RECORD_ACTIVITY, call, "duration_min"), "12");
	assert_true(fixture_sql(f, "crmail.db", "SELECT target FROM decision") == row);
}

static void record__activity__is_on_the_timeline(void **state)
{
	struct fixture *f = *state;
	struct timeline_entry *v;
	size_t n;
	int64_t crm = add_crm(f, 0);
	int64_t contact = make_contact(f, crm);
	int64_t call = make_call(f, crm, contact);
	assert_ok(f, timeline_page(f->reader, &f->arena, contact, 0, NULL, 9, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, ENTRY_CALL);
	assert_int_equal(v[0].state, LOG_QUEUED);
	assert_string_equal(v[0].subject, "Prices");
	struct activity_row *mail;
	assert_ok(f, activity_due(f->reader, &f->arena, crm, FIXTURE_NOW, &mail, &f->err));
	assert_null(mail); /* it is no mail's entry */
	record_withdraw(f->store, RECORD_ACTIVITY, call);
	struct record_write *w;
	assert_int_equal(writes(f, &w), 1); /* the contact: the call was never told */
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
}

/* What the CRM has no word for is not taken away when it shows the entry; what it has, it says. */
static void record__deal_of_an_entry__is_the_crms_where_it_tells(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0);
	int64_t deal = deal_at(f, crm, "A");
	const char *row = arena_printf(&f->arena, "%lld", (long long)deal);
	int64_t call = make_call(f, crm, make_contact(f, crm));
	edit(f, RECORD_ACTIVITY, call, "deal", row);
	assert_ok(f, record_done(f->store, begin(f, crm)->id, "C9", &f->err));
	struct record_job *j = begin(f, crm);
	struct put_page p = {.crm = crm, .object = "activity"};
	struct entry_in in = {.crm_id = j->key, .kind = ENTRY_CALL, .type = "call", .at = 5};
	assert_ok(f, record_done(f->store, j->id, j->key, &f->err));
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_int_equal(p.n_changed, 1);
	assert_string_equal(shown(f, RECORD_ACTIVITY, call, "deal"), row);
	p.n_changed = 0;
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_int_equal(p.n_changed, 0);
	in.tells_deal = true;
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_string_equal(shown(f, RECORD_ACTIVITY, call, "deal"), "-");
	in.deal_crm_id = "D1";
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_string_equal(shown(f, RECORD_ACTIVITY, call, "deal"), row);
}

static void record__withdraw__goes_to_the_crm_and_back(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	const struct entry_in in = {.crm_id = "A1",
		.type = "task",
		.kind = ENTRY_TASK,
		.subject = "Send offer",
		.status = "planned",
		.due_at = 86400,
		.at = 5};
	struct put_page p = {.crm = crm, .object = "activity"};
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	int64_t row = row_of(f, RECORD_ACTIVITY, "A1");
	assert_string_equal(shown(f, RECORD_ACTIVITY, row, "due_date"), "1970-01-02");
	edit(f, RECORD_ACTIVITY, row, "status", "completed");
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_string_equal(shown(f, RECORD_ACTIVITY, row, "status"), "completed");
	int64_t id = record_withdraw(f->store, RECORD_ACTIVITY, row);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].verb, RECORD_WITHDRAWN);
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_NOT);
	record_undo(f->store, id);
	assert_int_equal(writes(f, &v), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_LOGGED);
	assert_string_equal(shown(f, RECORD_ACTIVITY, row, "status"), "planned");
	record_withdraw(f->store, RECORD_ACTIVITY, row);
	assert_int_equal(writes(f, &v), 1);
	assert_ok(f, record_begin(f->store, v[0].id, &f->err));
	assert_ok(f, record_done(f->store, v[0].id, NULL, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
}

static void record__withdrawn_on_its_way__leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	pull_laura(f, crm, "CEO");
	int64_t call = make_call(f, crm, row_of(f, RECORD_CONTACT, "C1"));
	struct record_job *j = begin(f, crm);
	record_withdraw(f->store, RECORD_ACTIVITY, call);
	assert_int_equal(writes(f, &v), 2);
	assert_ok(f, record_done(f->store, j->id, j->key, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_NOT);
	assert_int_equal(writes(f, &v), 1);
	assert_int_equal(v[0].verb, RECORD_WITHDRAWN);
	assert_string_equal(v[0].crm_id, j->key);
	assert_ok(f, record_begin(f->store, v[0].id, &f->err));
	assert_ok(f, record_done(f->store, v[0].id, NULL, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
}

static void record__local_crm__is_done_at_once(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	size_t n;
	int64_t crm = add_crm(f, RECORD_IS_LOCAL | RECORD_CAN_CREATE << RECORD_CONTACT);
	int64_t contact = make_contact(f, crm);
	int64_t call = make_call(f, crm, contact);
	assert_int_equal(writes(f, &v), 0);
	assert_null(due(f, crm));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), LOG_LOCAL);
	int64_t id = edit(f, RECORD_ACTIVITY, call, "subject", "Other");
	assert_ok(f,
		record_writes(f->reader, &f->arena, crm, 1u << RECORD_DONE, 0, 9, &v, &n, &f->err));
	assert_int_equal(n, 3);
	record_undo(f->store, id);
	assert_int_equal(writes(f, &v), 0);
	assert_string_equal(shown(f, RECORD_ACTIVITY, call, "subject"), "Prices");
	int64_t queued;
	int64_t parked;
	assert_ok(f, crm_counts(f->reader, crm, &queued, &parked, &f->err));
	assert_int_equal(queued + parked, 0);
}

static void record__nonsense__is_refused_whole(void **state)
{
	struct fixture *f = *state;
	struct record_write *v;
	int64_t crm = add_crm(f, 0);
	int64_t row;
	struct err e = ERR_INIT;
	const struct record_field colour[] = {{"first_name", "A"}, {"colour", "red"}};
	const struct record_field nobody = {"title", "CEO"};
	const struct record_field gone[] = {{"kind", "call"}, {"contact", "4711"}};
	assert_int_equal(record_create_wait(f->store, crm, RECORD_CONTACT, colour, 2, &row, &e),
		-1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(record_create_wait(f->store, crm, RECORD_CONTACT, &nobody, 1, &row, &e),
		-1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(record_create_wait(f->store, crm, RECORD_ACTIVITY, gone, 2, &row, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	assert_int_equal(record_edit_wait(f->store, RECORD_DEAL, 4711, &nobody, 1, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	assert_int_equal(writes(f, &v), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM contact"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
}

static void record__same_values__by_meaning(void **state)
{
	(void)state;
	assert_true(record_is_same("amount", "4000", "4000.00"));
	assert_true(record_is_same("amount", "007.50", "7.5"));
	assert_false(record_is_same("amount", "4000", "40000"));
	assert_false(record_is_same("amount", "-1", "1"));
	assert_false(record_is_same("amount", "1.2.3", "1.2.30"));
	assert_true(record_is_same("title", NULL, ""));
	assert_false(record_is_same("title", "a", "A"));
	assert_true(record_is_same("other_emails", "a@x.example, b@x.example",
		"a@x.example b@x.example"));
	assert_false(record_is_same("other_emails", "a@x.example", "a@x.example b@x.example"));
	assert_true(record_is_same("at", "2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00Z"));
	assert_true(record_is_same("close_date", "2026-11-20", "2026-11-20T00:00:00+00:00"));
}

static void deal__stages__are_those_of_the_crm_by_frequency(void **state)
{
	struct fixture *f = *state;
	int64_t crm = add_crm(f, 0), other = 0;
	const struct crm_row c = {.name = "other", .profile = "other"};
	const struct deal_in mine[] = {{.crm_id = "D1", .name = "a", .stage = "Won"},
		{.crm_id = "D2", .name = "b", .stage = "Offer"},
		{.crm_id = "D3", .name = "c", .stage = "Offer"}, {.crm_id = "D4", .name = "d"},
		{.crm_id = "D5", .name = "e", .stage = "Lost"}};
	const struct deal_in theirs = {.crm_id = "D1", .name = "x", .stage = "Secret"};
	struct put_page p = {.crm = crm, .object = "deal"};
	const char **v;
	size_t n;
	assert_ok(f, crm_add(f->store, &c, NULL, 0, &other, &f->err));
	assert_ok(f, deal_put(f->store, &p, mine, ARRAY_SIZE(mine), &f->err));
	p.crm = other;
	assert_ok(f, deal_put(f->store, &p, &theirs, 1, &f->err));
	assert_ok(f, deal_stages(f->reader, &f->arena, crm, &v, &n, &f->err));
	assert_int_equal(n, 3);
	assert_string_equal(v[0], "Offer");
	assert_string_equal(v[1], "Lost");
	assert_string_equal(v[2], "Won");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(record__edit__is_shown_and_queued),
		TEST(record__edit__merges_and_cancels_out),
		TEST(record__pull__does_not_take_back_what_waits),
		TEST(record__undo__takes_back_one_change),
		TEST(record__contact__is_known_at_once),
		TEST(record__phones__are_one_and_the_others),
		TEST(record__dependencies__wait_in_order),
		TEST(record__parked_creation__parks_what_needs_it),
		TEST(record__edit_of_parked__sends_again),
		TEST(record__conflict__keeps_both_until_decided),
		TEST(record__theirs_taken__a_later_edit_stays_on_top),
		TEST(record__answer_that_never_came__can_still_be_taken_back),
		TEST(record__parked_in_doubt__is_looked_for_when_tried_again),
		TEST(record__edit_of_what_may_be_there__goes_after_it),
		TEST(record__withdrawal_of_what_may_be_there__goes_after_it),
		TEST(record__undone_withdrawal_in_doubt__still_there_is_all),
		TEST(record__undone_withdrawal_in_doubt__gone_is_made_again),
		TEST(record__remake__of_a_deal_is_refused),
		TEST(record__edit_upon_one_given_up__stands_upon_what_the_crm_has),
		TEST(record__undo_beneath_a_later_edit__shows_what_waits),
		TEST(record__clock_set_back__what_is_made_goes_first),
		TEST(record__set_back_in_the_crm__is_seen),
		TEST(record__in_a_restored_copy__is_in_doubt),
		TEST(record__pull_of_own_creation__is_the_same_row),
		TEST(record__id_of_the_crm__joins_the_pulled_row),
		TEST(record__activity__is_on_the_timeline),
		TEST(record__deal_of_an_entry__is_the_crms_where_it_tells),
		TEST(record__withdraw__goes_to_the_crm_and_back),
		TEST(record__withdrawn_on_its_way__leaves_nothing),
		TEST(record__local_crm__is_done_at_once),
		TEST(record__nonsense__is_refused_whole),
		TEST(deal__stages__are_those_of_the_crm_by_frequency),
		cmocka_unit_test(record__same_values__by_meaning),
	};
	return cmocka_run_group_tests_name("store/record", tests, NULL, NULL);
}
