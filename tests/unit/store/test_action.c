/* test_action.c - what the user does: shown at once, queued, undone, done at the server; outbox. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "tests/unit/store/letters.h"

struct box {
	struct fixture *f;
	int64_t account, inbox, trash, message, thread;
};

static struct box make_box(void **state)
{
	struct box b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	b.trash = letters_folder(b.f, b.account, "Trash", FOLDER_TRASH);
	letters_put(b.f, b.account, b.inbox, &(struct letter){.id = "1"}, 1, &b.message);
	b.thread = letters_thread(b.f, b.message);
	return b;
}

static struct target thread_in_inbox(const struct box *b)
{
	return (struct target){.kind = TARGET_THREADS,
		.ids = &b->thread,
		.n = 1,
		.list = {.kind = LIST_FOLDER, .folder = b->inbox}};
}

static struct op *due_ops(const struct box *b, size_t *n, int64_t *next)
{
	struct op *v;
	assert_ok(b->f,
		op_due(b->f->reader, &b->f->arena, b->account, 10, &v, n, next, &b->f->err));
	return v;
}

static int64_t in_list(const struct box *b, int64_t folder)
{
	struct list_spec spec = {.kind = LIST_FOLDER, .folder = folder};
	struct thread_row *rows;
	size_t n;
	assert_ok(b->f, thread_list_page(b->f->reader, &b->f->arena, &spec, NULL, false, 10, &rows,
				&n, &b->f->err));
	return (int64_t)n;
}

static uint32_t shown_flags(const struct box *b)
{
	struct message_row *m;
	assert_ok(b->f, message_get(b->f->reader, &b->f->arena, b->message, &m, &b->f->err));
	return m->flags;
}

static void server_says(const struct box *b, uint32_t flags)
{
	struct ingest_flag flag = {.server_id = "1", .flags = flags};
	struct ingest_page p = {
		.account = b->account, .folder = b->inbox, .flags = &flag, .n_flags = 1};
	letters_page(b->f, &p);
}

static void flags__stay_as_the_user_set_them__server_says_otherwise(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	size_t n;
	int64_t next;
	action_flags(b.f->store, &t, MSG_SEEN, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	server_says(&b, MSG_ANSWERED);
	assert_int_equal(shown_flags(&b), MSG_SEEN | MSG_ANSWERED);
	struct op *v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].server_id, "1");
	assert_string_equal(v[0].folder, "INBOX");
	assert_int_equal(v[0].flags_add, MSG_SEEN);
	assert_ok(b.f, op_done(b.f->store, v[0].id, NULL, &b.f->err));
	assert_int_equal(shown_flags(&b), MSG_SEEN | MSG_ANSWERED);
	server_says(&b, 0);
	assert_int_equal(shown_flags(&b), 0);
	letters_check_counters(b.f);
}

static void flags__leave_no_op__undone_before_it_went(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t group, next;
	size_t n;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, &group);
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(shown_flags(&b), 0);
	due_ops(&b, &n, &next);
	assert_int_equal(n, 0);
}

static void flags__go_back__undone_after_the_server_had_them(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t group, next;
	size_t n;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, &group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	assert_ok(b.f, op_done(b.f->store, v[0].id, NULL, &b.f->err));
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].flags_remove, MSG_FLAGGED);
}

/* The op was taken by a worker, the user undid it meanwhile, then the server was done. */
static void flags__go_back__undone_on_the_way(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t group, next;
	size_t n;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, &group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(shown_flags(&b), 0);
	assert_ok(b.f, op_done(b.f->store, v[0].id, NULL, &b.f->err));
	assert_int_equal(shown_flags(&b), 0);
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].flags_remove, MSG_FLAGGED);
}

static void trash__waits_five_seconds__then_moves(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_TRASH, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 0);
	assert_int_equal(in_list(&b, b.trash), 1);
	due_ops(&b, &n, &next);
	assert_int_equal(n, 0);
	assert_int_equal(next, FIXTURE_NOW + 5);
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	struct op *v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].to_folder, "Trash");
	assert_ok(b.f, op_done(b.f->store, v[0].id, "900", &b.f->err));
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM placement WHERE server_id = '900'"
				 " AND is_remote AND is_shown"),
		1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM placement"), 1);
	letters_check_counters(b.f);
}

static void move__is_known_again__listed_before_it_was_reported(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t id, next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_TRASH, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	struct op *v = due_ops(&b, &n, &next);
	letters_put(b.f, b.account, b.trash, &(struct letter){.id = "77", .mid = "1@mail.example"},
		1, &id);
	assert_int_equal(id, b.message);
	assert_ok(b.f, op_done(b.f->store, v[0].id, "77", &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 0);
	assert_int_equal(in_list(&b, b.trash), 1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM message"), 1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM placement"), 1);
}

static void move__is_undone__before_and_after_the_server(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t group, next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_TRASH, &group);
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 1);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count(*) FROM op"), 0);
	action_move_role(b.f->store, &t, FOLDER_TRASH, &group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	struct op *v = due_ops(&b, &n, &next);
	assert_ok(b.f, op_done(b.f->store, v[0].id, "900", &b.f->err));
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 1);
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].server_id, "900");
	assert_string_equal(v[0].to_folder, "INBOX");
	letters_check_counters(b.f);
}

static void archive__makes_its_folder__account_without_one(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_ARCHIVE, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, OP_FOLDER_CREATE);
	assert_string_equal(v[0].to_folder, "Archive");
	assert_ok(b.f, op_done(b.f->store, v[0].id, NULL, &b.f->err));
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, OP_MOVE);
}

/* The folder's name here was ours; a server that names folders by ids of its own tells it now. */
static void archive__gets_the_servers_name__once_it_is_made(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_ARCHIVE, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	assert_ok(b.f, op_done(b.f->store, v[0].id, "AAMk=", &b.f->err));
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_string_equal(v[0].to_folder, "AAMk=");
}

/* Killed between making it and hearing so: a listing has brought it before. */
static void archive__joins_the_listed_folder__a_listing_was_faster(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	const struct folder_in listed[] = {
		{"INBOX", "INBOX", FOLDER_INBOX}, {"Archive", "AAMk=", FOLDER_OTHER}};
	int64_t next;
	size_t n;
	action_move_role(b.f->store, &t, FOLDER_ARCHIVE, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_ok(b.f, folder_put_list(b.f->store, b.account, listed, 2, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	assert_string_equal(v[0].to_folder, "Archive");
	assert_ok(b.f, op_done(b.f->store, v[0].id, "AAMk=", &b.f->err));
	assert_ok(b.f, folder_put_list(b.f->store, b.account, listed, 2, &b.f->err));
	v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, OP_MOVE);
	assert_string_equal(v[0].to_folder, "AAMk=");
	letters_check_counters(b.f);
}

static int64_t count_ops(const struct box *b)
{
	return fixture_sql(b->f, "crmail.db", "SELECT count(*) FROM op");
}

static void op__is_parked__shown_state_is_the_servers(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	struct err why = ERR_INIT;
	int64_t next, queued, parked;
	size_t n;
	action_flags(b.f->store, &t, MSG_SEEN, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	(void)err_set(&why, ERR_PROTO, "refused");
	assert_ok(b.f, op_failed(b.f->store, v[0].id, &why, FIXTURE_NOW + 60, 0, &b.f->err));
	due_ops(&b, &n, &next);
	assert_int_equal(n, 0);
	assert_int_equal(next, FIXTURE_NOW + 60);
	assert_ok(b.f, op_failed(b.f->store, v[0].id, &why, 0, 1, &b.f->err));
	assert_ok(b.f, op_counts(b.f->reader, b.account, &queued, &parked, &b.f->err));
	assert_int_equal(queued, 0);
	assert_int_equal(parked, 1);
	assert_int_equal(shown_flags(&b), 0);
}

/* Given up, tried again at the user's word, given up again, and forgotten. */
static void parked__is_tried_again_or_forgotten__as_the_user_says(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	struct err why = ERR_INIT;
	const char *reason;
	int64_t next, count;
	size_t n;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, NULL);
	action_move_role(b.f->store, &t, FOLDER_TRASH, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	(void)err_set(&why, ERR_PROTO, "refused");
	assert_ok(b.f, op_failed(b.f->store, 1, &why, 0, 1, &b.f->err));
	assert_ok(b.f, op_failed(b.f->store, 2, &why, 0, 1, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 1);
	assert_int_equal(shown_flags(&b), 0);
	assert_ok(b.f, op_parked(b.f->reader, &b.f->arena, b.account, &count, &reason, &b.f->err));
	assert_int_equal(count, 2);
	assert_string_equal(reason, "refused");
	op_retry_parked(b.f->store);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 0);
	assert_int_equal(in_list(&b, b.trash), 1);
	assert_int_equal(shown_flags(&b), MSG_FLAGGED);
	struct op *v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1); /* the move waits its five seconds again */
	assert_int_equal(v[0].attempts, 0);
	assert_ok(b.f, op_failed(b.f->store, v[0].id, &why, 0, 1, &b.f->err));
	op_forget_parked(b.f->store);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_ok(b.f, op_parked(b.f->reader, &b.f->arena, b.account, &count, &reason, &b.f->err));
	assert_int_equal(count, 0);
	assert_int_equal(shown_flags(&b), 0);
	assert_int_equal(count_ops(&b), 1);
	letters_check_counters(b.f);
}

static void resync__loses_and_doubles_nothing__ids_start_anew(void **state)
{
	struct box b = make_box(state);
	int64_t ids[2], again[1], n_gone;
	struct letter two[] = {{.id = "2"}, {.id = "3"}};
	letters_put(b.f, b.account, b.inbox, two, 2, ids);
	struct ingest_page p = {.account = b.account, .folder = b.inbox, .all_gone_first = true};
	letters_page(b.f, &p);
	assert_int_equal(in_list(&b, b.inbox), 3);
	letters_put(b.f, b.account, b.inbox, &(struct letter){.id = "1", .mid = "3@mail.example"},
		1, again);
	assert_int_equal(again[0], ids[1]);
	assert_ok(b.f, ingest_resync_end(b.f->store, b.inbox, &n_gone, &b.f->err));
	assert_int_equal(n_gone, 2);
	assert_int_equal(in_list(&b, b.inbox), 1);
	letters_check_counters(b.f);
}

static void outbox__allows_only_its_transitions__handed_is_final(void **state)
{
	struct box b = make_box(state);
	const char *to[] = {"laura@client.example"};
	struct outbox_new o = {.account = b.account,
		.message_id = "m@own.example",
		.subject = "Hi",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_HELD,
		.not_before = FIXTURE_NOW + 10,
		.reply_to = b.message};
	struct outbox_row *row;
	int64_t id, next, ticket;
	ticket = outbox_put(b.f->store, &o, &id);
	assert_true(id > 0);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_false(store_ticket_error(b.f->store, ticket, &b.f->err));
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, &b.f->err));
	assert_null(row);
	assert_int_equal(next, FIXTURE_NOW + 10);
	fixture_set_clock(b.f, FIXTURE_NOW + 10);
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, &b.f->err));
	assert_int_equal(row->id, id);
	assert_int_equal(row->n_recipients, 1);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	assert_int_equal(outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e), -1);
	assert_int_equal(e->code, ERR_CONFLICT);
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e));
	assert_int_equal(outbox_set_state(s, id, OUTBOX_QUEUED, NULL, 0, NULL, 0, e), -1);
	assert_int_equal(outbox_set_state(s, id, OUTBOX_DRAFT, NULL, 0, NULL, 0, e), -1);
	/* With the server's "not now" it is surely not sent, and may go again. */
	const struct outbox_recipient later = {to[0], RCPT_PENDING, "451 4.7.1 Greylisted"};
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_QUEUED, &later, 1, NULL, 0, e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e));
	assert_int_equal(outbox_put_wait(s,
				 &(struct outbox_new){.id = id,
					 .account = b.account,
					 .message_id = "n",
					 .from = "n"},
				 &id, e),
		-1);
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_null(row);
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_SENT, NULL, 0, NULL, 0, e));
	assert_int_equal(shown_flags(&b), MSG_ANSWERED);
	assert_ok(b.f, outbox_filed(s, id, e));
	const char *raw;
	size_t n;
	assert_ok(b.f, outbox_raw(b.f->reader, &b.f->arena, id, &raw, &n, e));
	assert_null(raw);
}

static void check_conflict(struct fixture *f, int64_t id, enum outbox_state to)
{
	assert_int_equal(outbox_set_state(f->store, id, to, NULL, 0, NULL, 0, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
}

/* The user is faster than the worker, or slower than its try and writes the mail anew. */
static void outbox__stays_held__whatever_the_worker_began(void **state)
{
	struct box b = make_box(state);
	struct fixture *f = b.f;
	static const char *const to[] = {"jan@partner.example"};
	struct outbox_new o = {.account = b.account,
		.message_id = "m@own.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &o.id, &f->err));
	assert_ok(f, outbox_act_wait(f->store, o.id, OUTBOX_HOLD, &f->err));
	check_conflict(f, o.id, OUTBOX_CONNECTING);
	assert_ok(f, outbox_act_wait(f->store, o.id, OUTBOX_SEND_NOW, &f->err));
	assert_ok(f,
		outbox_set_state(f->store, o.id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, &f->err));
	assert_ok(f, outbox_act_wait(f->store, o.id, OUTBOX_TAKE_BACK, &f->err));
	o.state = OUTBOX_HELD;
	o.not_before = FIXTURE_NOW + 10;
	assert_ok(f, outbox_put_wait(f->store, &o, &o.id, &f->err));
	check_conflict(f, o.id, OUTBOX_QUEUED);
	check_conflict(f, o.id, OUTBOX_REFUSED);
	check_conflict(f, o.id, OUTBOX_HANDED);
	check_conflict(f, o.id, OUTBOX_CONNECTING);
	fixture_set_clock(f, FIXTURE_NOW + 10);
	assert_ok(f,
		outbox_set_state(f->store, o.id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, &f->err));
}

static void outbox__stays_cancelled__worker_gives_up_its_try(void **state)
{
	struct box b = make_box(state);
	const char *to[] = {"laura@client.example"};
	struct outbox_new o = {.account = b.account,
		.message_id = "m@own.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	struct err *e = &b.f->err;
	int64_t id, next;
	struct outbox_row *row;
	assert_ok(b.f, outbox_put_wait(b.f->store, &o, &id, e));
	assert_ok(b.f, outbox_set_state(b.f->store, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e));
	outbox_act(b.f->store, id, OUTBOX_TAKE_BACK);
	assert_ok(b.f, store_flush(b.f->store, e));
	assert_int_equal(outbox_set_state(b.f->store, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e), -1);
	assert_int_equal(outbox_set_state(b.f->store, id, OUTBOX_QUEUED, NULL, 0, NULL, 0, e), -1);
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_null(row);
}

/* A mail to two people that is being sent, with what is known of each. */
static int64_t put_connecting(struct box *b, enum recipient_state laura, enum recipient_state denis)
{
	static const char *const to[] = {"laura@client.example", "denis@client.example"};
	const struct outbox_recipient said[] = {
		{to[0], laura, NULL}, {to[1], denis, denis == RCPT_PENDING ? NULL : "550 no"}};
	struct outbox_new o = {.account = b->account,
		.message_id = "m@own.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 2,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	struct store *s = b->f->store;
	struct err *e = &b->f->err;
	int64_t id = 0;
	assert_ok(b->f, outbox_put_wait(s, &o, &id, e));
	assert_ok(b->f, outbox_set_state(s, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e));
	assert_ok(b->f, outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e));
	assert_ok(b->f, outbox_set_state(s, id, OUTBOX_QUEUED, said, 2, NULL, 0, e));
	assert_ok(b->f, outbox_set_state(s, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e));
	return id;
}

static void check_box(struct box *b, enum outbox_state state, enum recipient_state laura,
	enum recipient_state denis)
{
	struct outbox_row *rows = NULL;
	size_t n = 0;
	assert_ok(b->f, outbox_list(b->f->reader, &b->f->arena, &rows, &n, &b->f->err));
	assert_int_equal(n, 1);
	assert_string_equal(outbox_state_name(rows[0].state), outbox_state_name(state));
	assert_int_equal(rows[0].recipients[0].state, laura);
	assert_int_equal(rows[0].recipients[1].state, denis);
}

/* As a draft it would go to everybody again. */
static void outbox__is_sent_in_part__taken_back_after_some_got_it(void **state)
{
	struct box b = make_box(state);
	int64_t id = put_connecting(&b, RCPT_ACCEPTED, RCPT_PENDING);
	assert_ok(b.f, outbox_act_wait(b.f->store, id, OUTBOX_TAKE_BACK, &b.f->err));
	check_box(&b, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_REFUSED);
}

static void outbox__is_sent__only_when_somebody_got_it(void **state)
{
	struct box b = make_box(state);
	struct store *s = b.f->store;
	int64_t id = put_connecting(&b, RCPT_PENDING, RCPT_PENDING);
	assert_int_equal(outbox_set_state(s, id, OUTBOX_SENT, NULL, 0, NULL, 0, &b.f->err), -1);
	check_box(&b, OUTBOX_CONNECTING, RCPT_PENDING, RCPT_PENDING);
}

/* The server's no is kept when the user says that the mail went out. */
static void outbox__was_sent__who_got_no_answer_has_it(void **state)
{
	struct box b = make_box(state);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	int64_t id = put_connecting(&b, RCPT_PENDING, RCPT_REFUSED);
	assert_int_equal(outbox_act_wait(s, id, OUTBOX_WAS_SENT, e), -1); /* nobody asked */
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_UNKNOWN, NULL, 0, NULL, 0, e));
	assert_int_equal(outbox_act_wait(s, id, OUTBOX_SEND_NOW, e), -1); /* never just again */
	assert_ok(b.f, outbox_act_wait(s, id, OUTBOX_WAS_SENT, e));
	check_box(&b, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_REFUSED);
}

/* Draft and name at the service survive what the mail goes through, a new version included: the
 * next try goes on with the same draft. */
static void outbox__keeps_what_the_service_calls_it(void **state)
{
	struct box b = make_box(state);
	struct fixture *f = b.f;
	static const char *const to[] = {"jan@partner.example"};
	struct outbox_new o = {.account = b.account,
		.message_id = "ours@own.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	struct outbox_row *row;
	int64_t next;
	assert_ok(f, outbox_put_wait(f->store, &o, &o.id, &f->err));
	assert_ok(f, outbox_set_far_draft(f->store, o.id, "r-77", "gmail", &f->err));
	assert_ok(f, outbox_act_wait(f->store, o.id, OUTBOX_TAKE_BACK, &f->err));
	assert_ok(f, outbox_put_wait(f->store, &o, &o.id, &f->err));
	assert_ok(f, outbox_due(f->reader, &f->arena, b.account, &row, &next, &f->err));
	assert_string_equal(row->far_draft, "r-77");
	assert_string_equal(row->sent_by, "gmail");

	const struct account_row other = {
		.name = "other", .kind = "gmail", .email = "me@other.example"};
	assert_ok(f, account_add(f->store, &other, NULL, 0, &o.account, &f->err));
	assert_ok(f, outbox_act_wait(f->store, o.id, OUTBOX_TAKE_BACK, &f->err));
	assert_ok(f, outbox_put_wait(f->store, &o, &o.id, &f->err));
	assert_ok(f, outbox_due(f->reader, &f->arena, o.account, &row, &next, &f->err));
	assert_null(row->far_draft);
	assert_null(row->sent_by);
}

static struct outbox_row *only_row(struct box *b)
{
	struct outbox_row *rows = NULL;
	size_t n = 0;
	assert_ok(b->f, outbox_list(b->f->reader, &b->f->arena, &rows, &n, &b->f->err));
	assert_int_equal(n, 1);
	return rows;
}

/* Whoever dies between the two would not know the answers to it. */
static void outbox__is_sent_and_called_otherwise__in_one_commit(void **state)
{
	struct box b = make_box(state);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	int64_t id = put_connecting(&b, RCPT_PENDING, RCPT_PENDING);
	assert_ok(b.f, outbox_set_handed(s, id, NULL, 0, "gmail", true, e));
	assert_ok(b.f, outbox_set_sent(s, id, NULL, 0, "theirs@mail.example", e));
	const struct outbox_row *row = only_row(&b);
	assert_int_equal(row->state, OUTBOX_SENT);
	assert_string_equal(row->far_message_id, "theirs@mail.example");
	assert_true(row->files_sent);
}

/* By another way its draft means nothing. */
static void outbox__forgets_a_draft__when_handed_to_another(void **state)
{
	struct box b = make_box(state);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	int64_t id = put_connecting(&b, RCPT_PENDING, RCPT_PENDING);
	assert_ok(b.f, outbox_set_far_draft(s, id, "r-77", "gmail", e));
	assert_ok(b.f, outbox_set_handed(s, id, NULL, 0, "smtp", false, e));
	assert_null(only_row(&b)->far_draft);
	assert_string_equal(only_row(&b)->sent_by, "smtp");
	assert_false(only_row(&b)->files_sent);
}

/* The service has said it, not the user: its draft is the one that goes out. */
static void outbox__goes_again__the_service_did_not_send_it(void **state)
{
	static const struct outbox_recipient pending[] = {
		{"jan@partner.example", RCPT_PENDING, NULL}};
	struct box b = make_box(state);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	struct err why = ERR_INIT;
	int64_t id = put_connecting(&b, RCPT_PENDING, RCPT_PENDING);
	err_set(&why, ERR_NET, "lost");
	assert_ok(b.f, outbox_set_far_draft(s, id, "r-77", "gmail", e));
	assert_ok(b.f, outbox_set_handed(s, id, NULL, 0, "gmail", true, e));
	int64_t handed_at = only_row(&b)->changed_at;
	fixture_set_clock(b.f, FIXTURE_NOW + 100);
	assert_ok(b.f, outbox_ask_later(s, id, FIXTURE_NOW + 105, &why, e));
	assert_int_equal(only_row(&b)->changed_at, handed_at);
	assert_string_equal(only_row(&b)->error, "lost");
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_UNKNOWN, NULL, 0, NULL, 0, e));
	assert_int_equal(outbox_set_state(s, id, OUTBOX_QUEUED, NULL, 0, NULL, 0, e), -1);
	err_clear(e);
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_QUEUED, pending, 1, NULL, 0, e));
	assert_string_equal(only_row(&b)->far_draft, "r-77");
}

/* The user has said that it was not sent, whatever the service's draft has become. */
static void outbox__forgets_the_services_draft__it_was_not_sent(void **state)
{
	struct box b = make_box(state);
	struct store *s = b.f->store;
	struct err *e = &b.f->err;
	struct outbox_row *row = NULL;
	int64_t next = 0, id = put_connecting(&b, RCPT_PENDING, RCPT_PENDING);
	assert_ok(b.f, outbox_set_far_draft(s, id, "r-77", "gmail", e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_HANDED, NULL, 0, NULL, 0, e));
	assert_ok(b.f, outbox_set_state(s, id, OUTBOX_UNKNOWN, NULL, 0, NULL, 0, e));
	assert_ok(b.f, outbox_act_wait(s, id, OUTBOX_WAS_NOT_SENT, e));
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_non_null(row);
	assert_null(row->far_draft);
}

static void outbox__is_due_again__refused_and_sent_again(void **state)
{
	struct box b = make_box(state);
	struct outbox_row *row = NULL;
	int64_t next = 0, id = put_connecting(&b, RCPT_REFUSED, RCPT_REFUSED);
	struct err *e = &b.f->err;
	assert_ok(b.f, outbox_set_far_draft(b.f->store, id, "r-77", "gmail", e));
	assert_ok(b.f, outbox_set_state(b.f->store, id, OUTBOX_REFUSED, NULL, 0, NULL, 0, e));
	/* The service's draft went with the refusal, whatever the user does now. */
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM outbox WHERE far_draft IS NOT NULL"),
		0);
	assert_ok(b.f, outbox_act_wait(b.f->store, id, OUTBOX_SEND_NOW, e));
	check_box(&b, OUTBOX_QUEUED, RCPT_PENDING, RCPT_PENDING);
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_non_null(row);
}

/* Nobody waits for a mail that is on hold: neither a pass nor a worker. */
static void outbox__is_never_due__while_on_hold(void **state)
{
	struct box b = make_box(state);
	struct outbox_row *row = NULL;
	struct outbox_new o = {.account = b.account,
		.message_id = "m@own.example",
		.from = "me@own.example",
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	int64_t next = 0, id = 0;
	struct err *e = &b.f->err;
	assert_ok(b.f, outbox_put_wait(b.f->store, &o, &id, e));
	assert_ok(b.f, outbox_act_wait(b.f->store, id, OUTBOX_HOLD, e));
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_null(row);
	assert_int_equal(next, 0);
	assert_ok(b.f, outbox_act_wait(b.f->store, id, OUTBOX_SEND_NOW, e));
	assert_ok(b.f, outbox_due(b.f->reader, &b.f->arena, b.account, &row, &next, e));
	assert_non_null(row);
}

static void put_report(struct box *b, const char *id, const char *envelope, const char *addr,
	const char *action)
{
	CLEANUP(buf_release) struct buf extra = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf body = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&extra, "Content-Type: multipart/report; boundary=b\n");
	buf_addf(&body,
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"
		"Original-Envelope-Id: %s\n\nFinal-Recipient: rfc822; %s\nAction: %s\n"
		"Diagnostic-Code: smtp; the words\n--b--\n",
		envelope, addr, action);
	letters_put(b->f, b->account, b->inbox,
		&(struct letter){.id = id,
			.mid = id,
			.from = "MAILER-DAEMON@mx.example",
			.extra = extra.p,
			.body = body.p},
		1, NULL);
}

/* Delivered and bounced come from notifications alone, and only about what was accepted. */
static void outbox__hears_what_became_of_each_recipient(void **state)
{
	struct box b = make_box(state);
	int64_t id = put_connecting(&b, RCPT_ACCEPTED, RCPT_REFUSED);
	put_report(&b, "r1", "m@own.example", "laura@client.example", "failed"); /* not sent yet */
	check_box(&b, OUTBOX_CONNECTING, RCPT_ACCEPTED, RCPT_REFUSED);
	assert_ok(b.f, outbox_set_state(b.f->store, id, OUTBOX_SENT, NULL, 0, NULL, 0, &b.f->err));
	put_report(&b, "r2", "other@own.example", "laura@client.example", "failed");
	put_report(&b, "r3", "m@own.example", "eve@client.example", "delivered");
	put_report(&b, "r4", "m@own.example", "denis@client.example", "delivered");
	put_report(&b, "r5", "m@own.example", "laura@client.example", "delayed");
	check_box(&b, OUTBOX_SENT, RCPT_ACCEPTED, RCPT_REFUSED);
	put_report(&b, "r6", "m@own.example", "Laura@Client.example", "delivered");
	check_box(&b, OUTBOX_SENT, RCPT_DELIVERED, RCPT_REFUSED);
	put_report(&b, "r7", "m@own.example", "laura@client.example", "failed");
	check_box(&b, OUTBOX_SENT, RCPT_BOUNCED, RCPT_REFUSED);
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM outbox_recipient WHERE reply = 'the words'"),
		1);
}

static struct ingest_page gone_from_inbox(const struct box *b)
{
	static const char *const gone[] = {"1"};
	return (struct ingest_page){
		.account = b->account, .folder = b->inbox, .gone = gone, .n_gone = 1};
}

/* Somebody else deleted it while our own changes wait: they cannot be made any more. */
static void gone__takes_waiting_ops_along__when_it_came_nowhere(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	struct ingest_page p = gone_from_inbox(&b);
	action_flags(b.f->store, &t, MSG_SEEN, 0, NULL);
	action_move_role(b.f->store, &t, FOLDER_TRASH, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	letters_page(b.f, &p);
	assert_int_equal(in_list(&b, b.trash), 0);
	assert_int_equal(in_list(&b, b.inbox), 0);
	assert_int_equal(count_ops(&b), 1);
	assert_ok(b.f, op_drop_lost(b.f->store, b.account, &b.f->err));
	assert_int_equal(count_ops(&b), 0);
	letters_check_counters(b.f);
}

/* The star waits while another client moves the message: it goes to where the message is now. */
static void check_star_follows(const struct box *b, const char *folder)
{
	size_t n;
	int64_t next;
	assert_ok(b->f, op_drop_lost(b->f->store, b->account, &b->f->err));
	struct op *v = due_ops(b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].flags_add, MSG_FLAGGED);
	assert_string_equal(v[0].folder, folder);
	assert_string_equal(v[0].server_id, "7");
	assert_int_equal(
		fixture_sql(b->f, "crmail.db",
			"SELECT flags FROM message m JOIN placement p ON p.message = m.id"),
		MSG_FLAGGED | MSG_SEEN);
	letters_check_counters(b->f);
}

static const struct letter moved_letter = {
	.id = "7", .mid = "1@mail.example", .flags = MSG_SEEN, .at = FIXTURE_NOW - 86400};

static void star__follows_a_move__the_old_folder_is_seen_first(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	struct ingest_page p = gone_from_inbox(&b);
	int64_t again;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	letters_page(b.f, &p);
	letters_put(b.f, b.account, b.trash, &moved_letter, 1, &again);
	assert_int_equal(again, b.message);
	check_star_follows(&b, "Trash");
}

static void star__follows_a_move__the_new_folder_is_seen_first(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	struct ingest_page p = gone_from_inbox(&b);
	int64_t again;
	action_flags(b.f->store, &t, MSG_FLAGGED, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	letters_put(b.f, b.account, b.trash, &moved_letter, 1, &again);
	assert_int_not_equal(again, b.message);
	letters_page(b.f, &p);
	check_star_follows(&b, "Trash");
}

/* A second delivery of a mail that was deleted is another message. */
static void came_again__is_a_new_message__at_another_moment(void **state)
{
	struct box b = make_box(state);
	struct ingest_page p = gone_from_inbox(&b);
	struct letter later = moved_letter;
	int64_t again;
	later.at = FIXTURE_NOW - 60;
	letters_page(b.f, &p);
	letters_put(b.f, b.account, b.inbox, &later, 1, &again);
	assert_int_not_equal(again, b.message);
}

/* Base, server and user: the table of every meeting of two clients at one flag. */
static void merge__keeps_both_sides__flag_by_flag(void **state)
{
	static const struct {
		uint32_t base, server, add, remove, want;
	} table[] = {
		{0, 0, MSG_SEEN, 0, MSG_SEEN},
		{0, MSG_FLAGGED, MSG_SEEN, 0, MSG_SEEN | MSG_FLAGGED},
		{0, MSG_SEEN, MSG_SEEN, 0, MSG_SEEN},
		{MSG_SEEN, 0, 0, MSG_SEEN, 0},
		{MSG_SEEN, MSG_SEEN | MSG_ANSWERED, 0, MSG_SEEN, MSG_ANSWERED},
		{MSG_SEEN | MSG_FLAGGED, MSG_SEEN, 0, MSG_SEEN, 0},
		{MSG_FLAGGED, 0, MSG_SEEN, 0, MSG_SEEN},
		{MSG_SEEN, MSG_FLAGGED, MSG_ANSWERED, MSG_SEEN, MSG_FLAGGED | MSG_ANSWERED},
	};
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		size_t n;
		int64_t next;
		server_says(&b, table[i].base);
		action_flags(b.f->store, &t, table[i].add, table[i].remove, NULL);
		assert_ok(b.f, store_flush(b.f->store, &b.f->err));
		server_says(&b, table[i].server);
		assert_int_equal(shown_flags(&b), table[i].want);
		struct op *v = due_ops(&b, &n, &next);
		uint32_t server = table[i].server;
		for (size_t k = 0; k < n; k++) { /* what the server has after STORE */
			server = (server | v[k].flags_add) & ~v[k].flags_remove;
			assert_ok(b.f, op_done(b.f->store, v[k].id, NULL, &b.f->err));
		}
		assert_int_equal(server, table[i].want);
		server_says(&b, server);
		assert_int_equal(shown_flags(&b), table[i].want);
	}
}

/* Read here, read there as well, and then marked unread here: the user's last word counts. */
static void unread__is_pushed__though_another_client_read_it_too(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	size_t n;
	int64_t next;
	action_flags(b.f->store, &t, MSG_SEEN, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	server_says(&b, MSG_SEEN);
	action_flags(b.f->store, &t, 0, MSG_SEEN, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(shown_flags(&b), 0);
	struct op *v = due_ops(&b, &n, &next);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].flags_remove, MSG_SEEN);
}

/* Undo takes back one's own change, not the same change of another client. */
static void undo__leaves_what_another_client_did(void **state)
{
	struct box b = make_box(state);
	struct target t = thread_in_inbox(&b);
	int64_t group, next;
	size_t n;
	action_flags(b.f->store, &t, MSG_SEEN, 0, &group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	struct op *v = due_ops(&b, &n, &next);
	server_says(&b, MSG_SEEN);
	action_undo(b.f->store, group);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(shown_flags(&b), MSG_SEEN);
	assert_ok(b.f, op_done(b.f->store, v[0].id, NULL, &b.f->err)); /* it was on its way */
	assert_int_equal(count_ops(&b), 0);
	assert_int_equal(shown_flags(&b), MSG_SEEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(archive__gets_the_servers_name__once_it_is_made),
		TEST(archive__joins_the_listed_folder__a_listing_was_faster),
		TEST(outbox__forgets_the_services_draft__it_was_not_sent),
		TEST(flags__stay_as_the_user_set_them__server_says_otherwise),
		TEST(flags__leave_no_op__undone_before_it_went),
		TEST(flags__go_back__undone_after_the_server_had_them),
		TEST(flags__go_back__undone_on_the_way),
		TEST(trash__waits_five_seconds__then_moves),
		TEST(move__is_known_again__listed_before_it_was_reported),
		TEST(move__is_undone__before_and_after_the_server),
		TEST(archive__makes_its_folder__account_without_one),
		TEST(op__is_parked__shown_state_is_the_servers),
		TEST(parked__is_tried_again_or_forgotten__as_the_user_says),
		TEST(resync__loses_and_doubles_nothing__ids_start_anew),
		TEST(outbox__stays_cancelled__worker_gives_up_its_try),
		TEST(outbox__stays_held__whatever_the_worker_began),
		TEST(gone__takes_waiting_ops_along__when_it_came_nowhere),
		TEST(star__follows_a_move__the_old_folder_is_seen_first),
		TEST(star__follows_a_move__the_new_folder_is_seen_first),
		TEST(came_again__is_a_new_message__at_another_moment),
		TEST(merge__keeps_both_sides__flag_by_flag),
		TEST(unread__is_pushed__though_another_client_read_it_too),
		TEST(undo__leaves_what_another_client_did),
		TEST(outbox__is_sent_in_part__taken_back_after_some_got_it),
		TEST(outbox__is_sent__only_when_somebody_got_it),
		TEST(outbox__was_sent__who_got_no_answer_has_it),
		TEST(outbox__keeps_what_the_service_calls_it),
		TEST(outbox__is_sent_and_called_otherwise__in_one_commit),
		TEST(outbox__forgets_a_draft__when_handed_to_another),
		TEST(outbox__goes_again__the_service_did_not_send_it),
		TEST(outbox__is_due_again__refused_and_sent_again),
		TEST(outbox__is_never_due__while_on_hold),
		TEST(outbox__hears_what_became_of_each_recipient),
		TEST(outbox__allows_only_its_transitions__handed_is_final),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
