/* test_compose.c - writing a message beyond its fields: the user's own editor, sender, warnings. */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/compose.h"

struct compose_test {
	char signature[512]; /* a file */
	struct store store;
	struct screen s;
};

static int up(void **state)
{
	struct compose_test *t = calloc(1, sizeof(*t));

	fake_store_fill(&t->store);
	screen_open(&t->s, &t->store, 24, 100);
	screen_keys(&t->s, "c 'a@x.test Tab 'Offer Tab");
	*state = t;
	return 0;
}

static int down(void **state)
{
	struct compose_test *t = *state;
	char *dir = store_path(&t->store, "edit");

	screen_close(&t->s);
	fake_store_release(&t->store);
	rmdir(dir);
	free(dir);
	free(t);
	return 0;
}

/* A second account; each has a signature of its own. */
static int up_signed(void **state)
{
	struct compose_test *t = calloc(1, sizeof(*t));
	const char *dir = getenv("CRMAIL_BUILDDIR");

	fake_store_fill(&t->store);
	snprintf(t->signature, sizeof(t->signature), "%s/ui-signature.%ld", dir ? dir : ".",
		(long)getpid());
	t->store.accounts[1] = t->store.accounts[0];
	t->store.accounts[1].id = t->store.accounts[0].id + 1;
	t->store.accounts[1].name = "home";
	t->store.accounts[1].email = "minh@home.example";
	t->store.n_accounts = 2;
	t->store.signatures[0] = t->signature;
	screen_open(&t->s, &t->store, 24, 100);
	*state = t;
	return 0;
}

static int down_signed(void **state)
{
	struct compose_test *t = *state;

	unlink(t->signature);
	return down(state);
}

static struct compose_data *data(const struct compose_test *t)
{
	return compose_data_of(ui_top(&t->s.ui));
}

static const char *body(const struct compose_test *t)
{
	return data(t)->fields[FIELD_BODY].text.p;
}

static void write_file(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	assert_int_equal(fsx_write_file(path, text, strlen(text), false, &e), 0);
}

static int edit_well(struct screen *s, const char *path, struct err *e)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
	struct stat st;

	assert_int_equal(fsx_read_file(path, &b, e), 0);
	snprintf(s->opened, sizeof(s->opened), "%s", b.p);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	write_file(path, "Dear Laura,\n\nall new.\033[31m\n");
	return 0;
}

static int edit_nothing(struct screen *s, const char *path, struct err *e)
{
	(void)s;
	(void)path;
	(void)e;
	return 0;
}

static int edit_badly(struct screen *s, const char *path, struct err *e)
{
	(void)s;
	write_file(path, "half");
	return err_set(e, ERR_IO, "The editor failed.");
}

static int edit_stopped(struct screen *s, const char *path, struct err *e)
{
	(void)s;
	write_file(path, "saved before the end\n");
	return err_set(e, ERR_CANCELLED, "The editor was stopped.");
}

static void check_no_file(const struct compose_test *t)
{
	char name[64], *path;

	snprintf(name, sizeof(name), "edit/draft-%lld.txt", (long long)data(t)->outbox);
	path = store_path(&t->store, name);
	assert_false(fsx_exists(path));
	free(path);
}

static void outside__takes_the_text_as_one_step(void **state)
{
	struct compose_test *t = *state;

	t->s.edit = edit_well;
	screen_keys(&t->s, "'Hi Alt-E");
	assert_string_equal(t->s.opened, "Hi\n");
	assert_non_null(strstr(body(t), "Dear Laura,\n\nall new."));
	assert_null(strchr(body(t), '\033'));
	assert_true(data(t)->is_changed);
	check_no_file(t);
	screen_keys(&t->s, "Ctrl-Z");
	assert_string_equal(body(t), "Hi");
}

static void outside__nothing_changed_is_no_change(void **state)
{
	struct compose_test *t = *state;

	t->s.edit = edit_nothing;
	screen_keys(&t->s, "'Hi Alt-E");
	assert_string_equal(body(t), "Hi");
	assert_false(data(t)->is_changed); /* saved before the editor began */
	screen_keys(&t->s, "Ctrl-Z");
	assert_string_equal(body(t), "");
}

static void outside__failure_keeps_the_text_and_is_said(void **state)
{
	struct compose_test *t = *state;

	t->s.edit = edit_badly;
	screen_keys(&t->s, "'Hi Alt-E");
	assert_string_equal(body(t), "Hi");
	assert_true(screen_shows(&t->s, "The editor failed."));
	check_no_file(t);
}

static void outside__stopped_editor_gives_what_it_saved(void **state)
{
	struct compose_test *t = *state;

	t->s.edit = edit_stopped;
	screen_keys(&t->s, "'Hi Alt-E");
	assert_string_equal(body(t), "saved before the end");
	assert_true(screen_shows(&t->s, "The editor was stopped."));
	check_no_file(t);
}

/* We were killed while the editor was open: the draft takes what it saved. */
static void outside__what_outlived_us_is_taken(void **state)
{
	struct compose_test *t = *state;
	char *path;

	screen_keys(&t->s, "'Hi Esc");
	path = store_path(&t->store, "edit/draft-1.txt");
	t->s.edit = edit_nothing; /* makes the folder */
	compose_open_draft(&t->s.ui, 1);
	ui_turn(&t->s.ui);
	screen_keys(&t->s, "Alt-E Esc");
	write_file(path, "written before the power went\n");
	compose_open_draft(&t->s.ui, 1);
	ui_turn(&t->s.ui);
	assert_string_equal(body(t), "written before the power went");
	assert_true(screen_shows(&t->s, "This is what your editor saved last."));
	assert_false(fsx_exists(path));
	screen_keys(&t->s, "Ctrl-Z");
	assert_string_equal(body(t), "Hi");
	free(path);
}

static void compose__an_empty_message_leaves_no_draft(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "Esc c");
	t->s.edit = edit_nothing;
	screen_keys(&t->s, "Alt-E Esc");
	assert_int_equal(t->store.outbox[0].state, OUTBOX_DRAFT);
	assert_int_equal(t->store.outbox[1].state, OUTBOX_CANCELLED);
}

static void signature__stands_below_a_new_message(void **state)
{
	struct compose_test *t = *state;

	write_file(t->signature, "-- \nMinh\nour firm\n\n");
	screen_keys(&t->s, "c Tab Tab 'Hi");
	assert_string_equal(body(t), "Hi\n\n-- \nMinh\nour firm\n");
	assert_true(screen_shows(&t->s, "1 word"));
	screen_keys(&t->s, "Ctrl-Z Esc"); /* nothing was written: no draft */
	assert_int_equal(t->store.n_outbox, 0);
}

static void signature__stands_above_a_quotation(void **state)
{
	struct compose_test *t = *state;

	write_file(t->signature, "Minh\n");
	screen_keys(&t->s, "r 'Hi");
	assert_non_null(strstr(body(t), "Hi\n\nMinh\n\nOn "));
	assert_null(strstr(body(t), "-- \n"));
}

static void signature__follows_the_sender(void **state)
{
	struct compose_test *t = *state;

	write_file(t->signature, "Minh, our firm\n");
	screen_keys(&t->s, "c Tab Tab 'Hi Shift-Tab Shift-Tab Shift-Tab Right");
	assert_int_equal(data(t)->draft.sender, 1);
	assert_null(strstr(body(t), "our firm"));
	screen_keys(&t->s, "Ctrl-T 'work Enter");
	assert_int_equal(data(t)->draft.sender, 0);
	assert_non_null(strstr(body(t), "Hi"));
	assert_non_null(strstr(body(t), "Minh, our firm"));
}

/* An alias of the account is offered, and what came to it is answered from it. */
static void from__is_the_address_that_was_written_to(void **state)
{
	struct compose_test *t = *state;

	t->store.alias = "sales@ourfirm.example";
	fake_mail_of(&t->store, 7)->to_addr = "Sales@ourfirm.example";
	screen_keys(&t->s, "j r");
	assert_string_equal(compose_sender(data(t))->who.addr, "sales@ourfirm.example");
	screen_keys(&t->s, "'Hi Alt-S Enter");
	assert_non_null(strstr(t->store.raw[0], "<sales@ourfirm.example>"));
	screen_keys(&t->s, "c Shift-Tab");
	assert_string_equal(compose_sender(data(t))->who.addr, "minh@ourfirm.example");
	screen_keys(&t->s, "Ctrl-T 'sales Enter");
	assert_true(screen_shows(&t->s, "From     Minh Nguyễn <sales@ourfirm.example> (work)"));
}

static void from__account_that_went_blocks(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "c 'a@x.test Tab 'Hi");
	t->s.ui.accounts[0].id = 999; /* as after a removal elsewhere */
	screen_keys(&t->s, "Alt-S");
	assert_true(screen_shows(&t->s, "The account to send from is gone"));
	screen_keys(&t->s, "Enter Esc Right Alt-S Enter");
	assert_int_equal(t->store.n_outbox, 1);
	assert_int_equal(t->store.outbox[0].account, 2);
}

static void cc__is_not_hidden_while_somebody_stands_there(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "Alt-C 'b@x.test Alt-C");
	assert_true(screen_shows(&t->s, "Cc       b@x.test"));
	assert_true(screen_shows(&t->s, "Cc and Bcc stay while somebody stands there."));
	screen_keys(&t->s, "Ctrl-A Del Alt-C");
	assert_false(screen_shows(&t->s, " Bcc   "));
}

/* A paste that comes before the draft is there is not lost. */
static void held__paste_comes_in_its_order(void **state)
{
	struct compose_test *t = *state;
	const struct key r = {.code = 'r'}, a = {.code = 'a'}, b = {.code = 'b'};
	char text[] = "pasted";
	const struct key paste = {.code = UKEY_PASTE, .paste = text, .paste_len = 6};

	screen_keys(&t->s, "Esc");
	ui_key(&t->s.ui, &r); /* no turn: the draft is still being read */
	ui_key(&t->s.ui, &a);
	ui_key(&t->s.ui, &paste);
	memset(text, 'x', 6);
	ui_key(&t->s.ui, &b);
	ui_turn(&t->s.ui);
	assert_int_equal(strncmp(body(t), "apastedb", 8), 0);
}

/* A message that cannot be read can be answered nevertheless, and what is written is kept. */
static void load__failure_loses_nothing(void **state)
{
	struct compose_test *t = *state;
	struct compose_args a = {.kind = COMPOSE_REPLY, .message = 4711};

	screen_keys(&t->s, "Esc");
	compose_open(&t->s.ui, &a);
	ui_turn(&t->s.ui);
	screen_keys(&t->s, "'b@x.test Tab Tab 'kept Esc");
	assert_int_equal(t->store.n_outbox, 2);
	assert_non_null(strstr(t->store.draft_json[1], "kept"));
}

static void load__broken_draft_is_not_opened(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "'precious Esc");
	free(t->store.draft_json[0]);
	t->store.draft_json[0] = xstrdup("{ broken");
	compose_open_draft(&t->s.ui, 1);
	ui_turn(&t->s.ui);
	assert_ptr_not_equal(ui_top(&t->s.ui)->ops, &compose_view_ops);
	assert_string_equal(t->store.draft_json[0], "{ broken");
}

static void compose__to_somebody_begins_at_the_subject(void **state)
{
	struct compose_test *t = *state;
	struct compose_args a = {.kind = COMPOSE_NEW, .to = "b@x.test"};

	compose_open(&t->s.ui, &a);
	ui_turn(&t->s.ui);
	assert_int_equal(data(t)->focus, FIELD_SUBJECT);
	assert_string_equal(data(t)->fields[FIELD_TO].text.p, "b@x.test");
}

static void signature__a_missing_file_is_no_obstacle(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "c Tab Tab 'Hi");
	assert_string_equal(body(t), "Hi");
}

static void title__says_when_it_was_saved(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "'Hi");
	assert_false(screen_shows(&t->s, "saved"));
	screen_keys(&t->s, "Ctrl-S");
	assert_true(screen_shows(&t->s, "saved just now"));
	screen_keys(&t->s, "'!");
	assert_true(screen_shows(&t->s, "not saved yet"));
	screen_set_now(&t->s, FAKE_NOW + 10); /* by itself */
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "saved just now"));
	screen_set_now(&t->s, FAKE_NOW + 10 + 130);
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "saved 2 min ago"));
}

static void compose__sender_is_picked(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "Shift-Tab Shift-Tab Shift-Tab");
	assert_int_equal(data(t)->focus, FIELD_FROM);
	screen_keys(&t->s, "Ctrl-T");
	assert_true(screen_shows(&t->s, "Send from:"));
	screen_keys(&t->s, "Enter");
	assert_int_equal(data(t)->draft.sender, 0);
}

static void sheet__warnings_stand_in_one_line_and_do_not_block(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "Shift-Tab Ctrl-A Del Tab 'attached Alt-S");
	assert_true(screen_shows(&t->s, "The subject is empty. The text speaks of an attachment"));
	screen_keys(&t->s, "Alt-S");
	assert_int_equal(t->store.outbox[0].state, OUTBOX_HELD);
}

/* The text is here and nowhere else: it is not left behind unasked. */
static void compose__full_disk_keeps_the_text(void **state)
{
	struct compose_test *t = *state;

	screen_keys(&t->s, "'Hi Alt-S");
	t->store.is_full = true;
	screen_keys(&t->s, "Enter");
	assert_true(screen_shows(&t->s, "The disk is full."));
	assert_string_equal(body(t), "Hi");
	assert_int_equal(t->store.outbox[0].state, OUTBOX_DRAFT);
	t->store.is_full = false;
	screen_keys(&t->s, "Enter");
	assert_int_equal(t->store.outbox[0].state, OUTBOX_HELD);
}

static void compose__full_disk_is_left_only_when_asked_twice(void **state)
{
	struct compose_test *t = *state;

	t->store.is_full = true;
	screen_keys(&t->s, "'Hi Esc");
	assert_true(screen_shows(&t->s, "The disk is full."));
	assert_string_equal(body(t), "Hi");
	screen_keys(&t->s, "'! Esc"); /* more of it: asked anew */
	assert_string_equal(body(t), "Hi!");
	screen_keys(&t->s, "Esc");
	assert_true(screen_shows(&t->s, "crmail  Inbox"));
}

static void post_commit(struct compose_test *t, int64_t ticket)
{
	const struct event ev = {.type = EV_COMMIT, .arg = ticket, .count = 1};

	event_post(t->s.events, &ev);
	screen_burst(&t->s, "");
}

static void compose__closes_when_the_mail_is_on_the_disk(void **state)
{
	struct compose_test *t = *state;

	t->store.ticket = 7;
	screen_keys(&t->s, "'Hi Alt-S Enter");
	assert_string_equal(body(t), "Hi");
	screen_keys(&t->s, "g o"); /* typed ahead: for the screen below */
	int kicks = t->s.kicks;
	post_commit(t, 6);
	assert_string_equal(body(t), "Hi");
	assert_int_equal(t->s.kicks, kicks);
	post_commit(t, 7);
	assert_int_equal(t->s.kicks, kicks + 1); /* now it is there to be sent */
	assert_true(screen_shows(&t->s, "crmail  Outbox"));
	assert_true(screen_shows(&t->s, "Sending to 1 person."));
}

static void compose__stays_when_the_mail_could_not_be_written(void **state)
{
	struct compose_test *t = *state;

	t->store.ticket = t->store.failed_ticket = 7;
	screen_keys(&t->s, "'Hi Alt-S Enter 'x");
	post_commit(t, 7);
	assert_true(screen_shows(&t->s, "The disk is full."));
	assert_string_equal(body(t), "Hi");
	t->store.ticket = 8;
	screen_keys(&t->s, "Alt-S Enter");
	post_commit(t, 8);
	assert_true(screen_shows(&t->s, "Sending to 1 person."));
	assert_false(screen_shows(&t->s, "The disk is full."));
}

static void compose__a_draft_is_called_saved_when_it_is(void **state)
{
	struct compose_test *t = *state;

	t->store.ticket = t->store.failed_ticket = 7;
	screen_keys(&t->s, "'Hi Esc");
	assert_false(screen_shows(&t->s, "Draft saved"));
	post_commit(t, 7);
	assert_true(screen_shows(&t->s, "The disk is full."));
	assert_string_equal(body(t), "Hi");
	t->store.ticket = 8;
	screen_keys(&t->s, "'! Esc");
	post_commit(t, 8);
	assert_true(screen_shows(&t->s, "Draft saved"));
	assert_true(screen_shows(&t->s, "crmail  Inbox"));
}

static void editor__too_long_a_paste_is_said(void **state)
{
	struct compose_test *t = *state;
	char *big = malloc(EDITOR_MAX + 1);
	struct key k = {.code = UKEY_PASTE, .paste = big, .paste_len = EDITOR_MAX + 1};

	memset(big, 'x', EDITOR_MAX + 1);
	screen_keys(&t->s, "'Hi");
	ui_key(&t->s.ui, &k);
	ui_turn(&t->s.ui);
	assert_string_equal(body(t), "Hi");
	assert_true(screen_shows(&t->s, "This was left out: a text holds 4 MB."));
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(outside__takes_the_text_as_one_step, up, down),
		cmocka_unit_test_setup_teardown(outside__nothing_changed_is_no_change, up, down),
		cmocka_unit_test_setup_teardown(outside__failure_keeps_the_text_and_is_said, up,
			down),
		cmocka_unit_test_setup_teardown(outside__stopped_editor_gives_what_it_saved, up,
			down),
		cmocka_unit_test_setup_teardown(outside__what_outlived_us_is_taken, up, down),
		cmocka_unit_test_setup_teardown(compose__an_empty_message_leaves_no_draft, up,
			down),
		cmocka_unit_test_setup_teardown(signature__stands_below_a_new_message, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(signature__stands_above_a_quotation, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(signature__follows_the_sender, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(signature__a_missing_file_is_no_obstacle, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(from__is_the_address_that_was_written_to, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(from__account_that_went_blocks, up_signed,
			down_signed),
		cmocka_unit_test_setup_teardown(cc__is_not_hidden_while_somebody_stands_there, up,
			down),
		cmocka_unit_test_setup_teardown(held__paste_comes_in_its_order, up, down),
		cmocka_unit_test_setup_teardown(load__failure_loses_nothing, up, down),
		cmocka_unit_test_setup_teardown(load__broken_draft_is_not_opened, up, down),
		cmocka_unit_test_setup_teardown(compose__to_somebody_begins_at_the_subject, up,
			down),
		cmocka_unit_test_setup_teardown(title__says_when_it_was_saved, up, down),
		cmocka_unit_test_setup_teardown(compose__sender_is_picked, up, down),
		cmocka_unit_test_setup_teardown(sheet__warnings_stand_in_one_line_and_do_not_block,
			up, down),
		cmocka_unit_test_setup_teardown(compose__full_disk_keeps_the_text, up, down),
		cmocka_unit_test_setup_teardown(compose__full_disk_is_left_only_when_asked_twice,
			up, down),
		cmocka_unit_test_setup_teardown(compose__closes_when_the_mail_is_on_the_disk, up,
			down),
		cmocka_unit_test_setup_teardown(compose__stays_when_the_mail_could_not_be_written,
			up, down),
		cmocka_unit_test_setup_teardown(compose__a_draft_is_called_saved_when_it_is, up,
			down),
		cmocka_unit_test_setup_teardown(editor__too_long_a_paste_is_said, up, down),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
