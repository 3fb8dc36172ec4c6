/* test_flows.c - what a sequence of keys does to the mail, and what the screen says about it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "crmail/base/mem.h"
#include "crmail/store/message.h"
#include "flow.h"
#include "ui/views/tree.h"
#include "ui/views/views.h"

static void fill_many(struct flow *f)
{
	flow_fill_many(f, 3000);
}

static int open_many(void **state)
{
	struct flow *f = xcalloc(1, sizeof(*f));

	flow_open(f, fill_many, 24, 80, NULL);
	*state = f;
	return 0;
}

static void tell(struct flow *f, enum event_type type)
{
	flow_tell(f, (struct event){.type = type, .count = 1});
}

static void post_change(struct flow *f)
{
	tell(f, EV_MESSAGES);
}

static void order__newest_first_and_back(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter");
	assert_true(screen_row_of(&f->s, "▸ 12 Nov") < screen_row_of(&f->s, "▾ Today 09:41"));
	screen_keys(&f->s, "Ctrl-O");
	assert_true(screen_shows(&f->s, "Newest message first."));
	assert_true(screen_row_of(&f->s, "▾ Today 09:41") >= 0);
	assert_true(screen_row_of(&f->s, "▸ 12 Nov") > screen_row_of(&f->s, "▸ 14 Nov"));
	assert_true(screen_row_of(&f->s, "▸ 14 Nov") > screen_row_of(&f->s, "▾ Today 09:41"));
	/* It holds for the next conversation too, and for the same one opened again. */
	screen_keys(&f->s, "q Enter");
	assert_true(screen_row_of(&f->s, "▸ 12 Nov") > screen_row_of(&f->s, "▾ Today 09:41"));
	screen_keys(&f->s, "n");
	assert_int_equal(screen_row_of(&f->s, "▸ 14 Nov") > 0, 1);
	screen_keys(&f->s, "Ctrl-O");
	assert_true(screen_row_of(&f->s, "▸ 12 Nov") < screen_row_of(&f->s, "▾ Today 09:41"));
}

static void problem__takes_the_place_of_what_is_done(void **state)
{
	struct flow *f = *state;
	const struct event ev = {.type = EV_ACCOUNT, .account = 1, .count = 1};

	screen_keys(&f->s, "Enter y");
	assert_true(screen_shows(&f->s, "Link 1 copied."));
	f->store.accounts[0].status = ACCOUNT_ERROR;
	f->store.accounts[0].error = "The server is on fire.";
	flow_tell(f, ev);
	assert_true(screen_shows(&f->s, "The server is on fire."));
	/* It is no news any more: what the next key does is said. */
	screen_keys(&f->s, "y");
	flow_tell(f, ev);
	assert_true(screen_shows(&f->s, "Link 1 copied."));
}

static void trash__of_the_trash_changes_nothing(void **state)
{
	struct flow *f = *state;

	f->store.mail[f->store.n_mail - 1].role = FOLDER_TRASH;
	list_show(&f->s.ui, &(struct list_args){.spec = {.kind = LIST_ROLE, .role = FOLDER_TRASH},
				    .title = "Trash"});
	ui_turn(&f->s.ui);
	assert_true(screen_shows(&f->s, "crmail  Trash"));
	screen_keys(&f->s, "#");
	assert_true(screen_shows(&f->s, "It is in the trash already"));
	assert_false(screen_shows(&f->s, "No mail here."));
}

static void label__is_set_marked_and_removed(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "l 'off Enter");
	assert_true(screen_shows(&f->s, "Label set. z undo"));
	assert_true(f->store.labelled != 0);
	screen_keys(&f->s, "Enter l");
	assert_true(screen_shows(&f->s, "✓ Offers"));
	assert_false(screen_shows(&f->s, "Trash"));
	screen_keys(&f->s, "'off Enter");
	assert_true(screen_shows(&f->s, "Label removed. z undo 5s"));
	assert_int_equal(f->store.labelled, 0);
}

static void archive__moves_the_conversation_and_z_brings_it_back(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j e");
	assert_int_equal(fake_mail_of(&f->store, 7)->role, FOLDER_ARCHIVE);
	assert_false(screen_shows(&f->s, "Frage zum Angebot"));
	screen_keys(&f->s, "z");
	assert_int_equal(fake_mail_of(&f->store, 7)->role, FOLDER_INBOX);
	post_change(f);
	assert_true(screen_shows(&f->s, "Frage zum Angebot"));
}

static void trash__counts_down_and_the_line_goes(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "#");
	assert_true(screen_shows(&f->s, "Moved to the trash. z undo 5s"));
	screen_set_now(&f->s, FAKE_NOW + 3);
	ui_turn(&f->s.ui);
	assert_true(screen_shows(&f->s, "z undo 2s"));
	assert_in_range(ui_timeout_ms(&f->s.ui), 1, 1000);
}

static void select__acts_on_all_selected(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j x x I");
	assert_true(fake_mail_of(&f->store, 7)->flags & MSG_SEEN);
	assert_false(fake_mail_of(&f->store, 8)->flags & MSG_SEEN);
	assert_true(screen_shows(&f->s, "2 marked as read."));
	assert_false(screen_shows(&f->s, "selected"));
}

static void range__selects_from_there_to_here(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "V j j");
	assert_true(screen_shows(&f->s, "✓ noreply@billing.example"));
	screen_keys(&f->s, "e");
	assert_int_equal(fake_mail_of(&f->store, 8)->role, FOLDER_ARCHIVE);
	assert_int_equal(fake_mail_of(&f->store, 6)->role, FOLDER_ARCHIVE);
	assert_int_equal(fake_mail_of(&f->store, 5)->role, FOLDER_INBOX);
}

static void star__is_a_toggle(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j s");
	assert_true(fake_mail_of(&f->store, 7)->flags & MSG_FLAGGED);
	screen_keys(&f->s, "s");
	assert_false(fake_mail_of(&f->store, 7)->flags & MSG_FLAGGED);
}

static void open__marks_what_is_shown_as_read(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter");
	assert_true(fake_mail_of(&f->store, 8)->flags & MSG_SEEN);
	assert_true(screen_shows(&f->s, "thanks, the board meets Thursday."));
	screen_keys(&f->s, "\"");
	assert_true(screen_shows(&f->s, "> I have attached the offer"));
	screen_keys(&f->s, "p p Enter");
	assert_true(screen_shows(&f->s, "▾ Thu 12 Nov 10:00"));
	screen_keys(&f->s, "H");
	assert_true(screen_shows(&f->s, "Message-ID: <m3@example.test>"));
}

static void thread__J_and_K_walk_the_list(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter J");
	assert_true(screen_shows(&f->s, "Angebot 2026-17"));
	screen_keys(&f->s, "K");
	assert_true(screen_shows(&f->s, "the board meets"));
	screen_keys(&f->s, "K");
	assert_true(screen_shows(&f->s, "No more conversations in this direction."));
}

static void thread__P_leaves_out_what_is_shown_already(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter P"); /* there is no HTML in it */
	assert_true(screen_shows(&f->s, "Shown as source."));
	screen_keys(&f->s, "P");
	assert_true(screen_shows(&f->s, "Shown as it suits best."));
	screen_keys(&f->s, "q j Enter P");
	assert_true(screen_shows(&f->s, "Shown as plain text."));
	screen_keys(&f->s, "P");
	assert_true(screen_shows(&f->s, "Shown as source."));
}

static void thread__new_mail_appears_while_it_is_open(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter p Enter n");
	f->store.mail[f->store.n_mail - 2].thread = 3; /* another one turns out to belong here */
	post_change(f);
	assert_true(screen_shows(&f->s, "4 messages"));
	assert_true(screen_shows(&f->s, "Angebot 2026-17"));
	assert_false(screen_shows(&f->s, "Opening"));
	assert_true(screen_shows(&f->s, "I have attached the offer in its second version."));
}

static void link__number_and_enter_opens_it(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter 1");
	assert_true(screen_shows(&f->s, "Enter opens https://dafaneto.example/price"));
	screen_keys(&f->s, "Enter");
	assert_string_equal(f->s.opened, "https://dafaneto.example/price");
	screen_keys(&f->s, "7 Enter");
	assert_true(screen_shows(&f->s, "There is no such link"));
}

static void panel__comes_by_tab_where_it_is_narrow(void **state)
{
	struct flow *f = *state;

	screen_resize(&f->s, 24, 80);
	screen_keys(&f->s, "Enter");
	assert_false(screen_shows(&f->s, "Timeline"));
	screen_keys(&f->s, "Tab");
	assert_true(screen_shows(&f->s, "Timeline"));
	screen_keys(&f->s, "Esc");
	assert_false(screen_shows(&f->s, "Timeline"));
	assert_true(screen_shows(&f->s, "Hi Minh,"));
}

static void send__is_held_and_z_makes_it_a_draft_again(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'Thanks. Alt-S Alt-S");
	assert_int_equal(f->store.n_outbox, 1);
	assert_int_equal(f->store.outbox[0].state, OUTBOX_HELD);
	assert_int_equal(f->store.outbox[0].not_before, FAKE_NOW + 10);
	assert_int_equal(f->store.outbox[0].reply_to, 8);
	assert_non_null(strstr(f->store.raw[0], "\r\nIn-Reply-To: <m8@example.test>\r\n"));
	assert_non_null(strstr(f->store.raw[0],
		"Subject: Re: Deadline order and the new terms\r\n"));
	screen_keys(&f->s, "z");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_DRAFT);
	assert_true(screen_shows(&f->s, "Thanks."));
	assert_true(screen_shows(&f->s, "To       Laura Palmer <laura@dafaneto.example>"));
}

static void send__without_recipient_is_refused(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "c Tab Tab 'text Alt-S Enter");
	assert_int_equal(f->store.n_outbox, 0);
	assert_true(screen_shows(&f->s, "There is no recipient yet."));
}

static void compose__warns_of_a_forgotten_attachment(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'see 'the Space 'attached Alt-S");
	assert_true(screen_shows(&f->s, "speaks of an attachment"));
}

static void compose__completes_addresses_from_contacts(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "c 'lau Tab 'zz Tab");
	assert_true(screen_shows(&f->s, "To       Laura Palmer <laura@dafaneto.example> ✓, zz"));
}

static void compose__leaving_keeps_the_draft(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "c 'a@b.example Tab 'Hello Esc");
	assert_int_equal(f->store.n_outbox, 1);
	assert_int_equal(f->store.outbox[0].state, OUTBOX_DRAFT);
	screen_keys(&f->s, "g d Enter");
	assert_true(screen_shows(&f->s, "Subject  Hello"));
	assert_true(screen_shows(&f->s, "To       a@b.example"));
}

static void draft__of_the_server_is_opened_and_goes_on_here(void **state)
{
	struct flow *f = *state;

	fake_mail_of(&f->store, 7)->role = FOLDER_DRAFTS;
	screen_keys(&f->s, "g d");
	assert_true(screen_shows(&f->s, "at the server"));
	assert_true(screen_shows(&f->s, "Frage zum Angebot 2026-17"));
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "Subject  Frage zum Angebot 2026-17"));
	assert_true(screen_shows(&f->s, "terms-v3.pdf"));
	screen_keys(&f->s, "'more Esc");
	assert_int_equal(f->store.n_outbox, 1);
	assert_int_equal(f->store.adopted, 7);
	assert_int_equal(f->store.outbox[0].not_before, OUTBOX_LEFT);
	assert_non_null(strstr(f->store.raw[0], "terms-v3.pdf"));
}

static void draft__is_thrown_away_and_z_brings_it_back(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "c 'a@b.example Tab 'Hello Esc g d #");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_CANCELLED);
	assert_true(screen_shows(&f->s, "No drafts."));
	screen_keys(&f->s, "z");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_DRAFT);
	assert_true(screen_shows(&f->s, "Subject  Hello"));
}

static void sidebar__with_the_focus_changes_no_mail(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Tab e #");
	assert_int_equal(fake_mail_of(&f->store, 8)->role, FOLDER_INBOX);
	screen_keys(&f->s, "j Enter");
	assert_true(screen_shows(&f->s, "crmail  Starred"));
}

static void quit__asks_while_mail_waits__and_sends_it(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'x Alt-S Enter q");
	assert_true(screen_shows(&f->s, "1 mail has not been sent yet."));
	assert_false(f->s.ui.is_quitting);
	screen_keys(&f->s, "Esc");
	assert_false(f->s.ui.is_quitting);
	screen_keys(&f->s, "q s");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_QUEUED);
	assert_true(screen_shows(&f->s, "Sending 1 mail, then leaving."));
	assert_false(f->s.ui.is_quitting);
	f->store.outbox[0].error = "smtp.example is not there.";
	tell(f, EV_OUTBOX);
	assert_true(screen_shows(&f->s, "smtp.example is not there."));
	assert_false(f->s.ui.is_quitting);
	f->store.outbox[0].state = OUTBOX_SENT;
	tell(f, EV_OUTBOX);
	assert_true(f->s.ui.is_quitting);
}

static void quit__stays__when_sending_fails(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'x Alt-S Enter q s");
	f->store.outbox[0].state = OUTBOX_REFUSED;
	tell(f, EV_OUTBOX);
	tell(f, EV_OUTBOX);
	assert_false(f->s.ui.is_quitting);
	assert_true(screen_shows(&f->s, "crmail  Outbox"));
	assert_true(screen_shows(&f->s, "Not everything was sent."));
	screen_keys(&f->s, "Q"); /* it waits for nothing any more */
	assert_true(f->s.ui.is_quitting);
}

static void quit__keeps_the_mail__or_makes_it_a_draft(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'x Alt-S Enter q k");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_HELD);
	assert_true(f->s.ui.is_quitting);
	f->s.ui.is_quitting = false;
	screen_keys(&f->s, "Esc Q d");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_DRAFT);
	assert_true(f->s.ui.is_quitting);
}

static void quit__asks_nothing__for_mail_on_hold(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'x Alt-S Enter g o H");
	assert_true(f->store.outbox[0].not_before == OUTBOX_HELD_FOREVER);
	assert_true(screen_shows(&f->s, "on hold"));
	assert_false(screen_shows(&f->s, "z undo"));
	screen_keys(&f->s, "Q");
	assert_true(f->s.ui.is_quitting);
}

static void quit__asks_nothing__when_others_go_on_sending(void **state)
{
	struct flow *f = *state;

	f->s.is_shared = true;
	screen_keys(&f->s, "r 'x Alt-S Enter q");
	assert_true(f->s.ui.is_quitting);
	assert_int_equal(f->store.outbox[0].state, OUTBOX_HELD);
}

static void outbox__asks_whether_it_was_sent(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'x Alt-S Enter");
	f->store.outbox[0].state = OUTBOX_UNKNOWN;
	screen_keys(&f->s, "g o S");
	assert_true(screen_shows(&f->s, "Was it sent?"));
	screen_keys(&f->s, "x Esc");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_UNKNOWN);
	screen_keys(&f->s, "Enter y");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_SENT);
	f->store.outbox[0].state = OUTBOX_UNKNOWN;
	tell(f, EV_OUTBOX);
	screen_keys(&f->s, "Enter n");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_QUEUED);
}

static void outbox__sends_again_or_edits_what_failed(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "r 'Thanks Alt-S Enter");
	f->store.outbox[0].state = OUTBOX_REFUSED;
	screen_keys(&f->s, "g o S");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_QUEUED);
	assert_true(f->s.kicks > 0);
	f->store.outbox[0].state = OUTBOX_REFUSED;
	tell(f, EV_OUTBOX);
	screen_keys(&f->s, "Enter e");
	assert_int_equal(f->store.outbox[0].state, OUTBOX_DRAFT);
	assert_true(screen_shows(&f->s, "Thanks"));
}

static void compose__is_saved_by_itself(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "c 'a@b.example");
	assert_int_equal(f->store.n_outbox, 0);
	assert_in_range(ui_timeout_ms(&f->s.ui), 1, 10000);
	screen_set_now(&f->s, FAKE_NOW + 10);
	ui_turn(&f->s.ui);
	assert_int_equal(f->store.n_outbox, 1);
}

static void forward__takes_the_attachments_along(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j f 'denis@dafaneto.example");
	assert_true(screen_shows(&f->s, "terms-v3.pdf  49 bytes"));
	screen_keys(&f->s, "Esc g d Enter Alt-S Enter"); /* also from a draft */
	assert_int_equal(f->store.outbox[0].state, OUTBOX_HELD);
	assert_non_null(strstr(f->store.raw[0], "terms-v3.pdf"));
	assert_non_null(strstr(f->store.raw[0], "VGhlIHRlcm1zIG9mIHRoZSBjb250cmFjdC"));
}

static void save__never_overwrites(void **state)
{
	struct flow *f = *state;
	char path[1024];

	snprintf(path, sizeof(path), "%s/terms-v3.pdf", f->s.ui.o.download_dir);
	unlink(path);
	screen_keys(&f->s, "j Enter S");
	assert_true(screen_shows(&f->s, "terms-v3.pdf"));
	assert_int_equal(access(path, R_OK), 0);
	screen_keys(&f->s, "A s");
	assert_true(screen_shows(&f->s, "terms-v3 (2).pdf"));
	unlink(path);
	snprintf(path, sizeof(path), "%s/terms-v3 (2).pdf", f->s.ui.o.download_dir);
	assert_int_equal(unlink(path), 0);
}

static void attachment__is_read_scrolled_and_opened_outside(void **state)
{
	struct flow *f = *state;

	fake_mail_of(&f->store, 7)->text = fake_attachments;
	screen_keys(&f->s, "j Enter A Enter");
	assert_true(screen_shows(&f->s, "Grüße   an      alle"));
	assert_true(screen_shows(&f->s, "red"));
	assert_false(screen_shows(&f->s, "the end"));
	assert_null(strchr(screen_dump(&f->s), '\x1b'));
	screen_keys(&f->s, "G");
	assert_true(screen_shows(&f->s, "the end"));
	assert_false(screen_shows(&f->s, "Grüße"));
	screen_keys(&f->s, "g g j");
	assert_false(screen_shows(&f->s, "Grüße"));
	screen_keys(&f->s, "k");
	assert_true(screen_shows(&f->s, "Grüße"));
	assert_string_equal(f->s.opened, "");
	screen_keys(&f->s, "O");
	assert_non_null(strstr(f->s.opened, "notes"));
	assert_int_equal(access(f->s.opened, R_OK), 0);
	unlink(f->s.opened);
	screen_keys(&f->s, "q");
	assert_true(screen_shows(&f->s, "crmail  Attachments"));
	screen_keys(&f->s, "j O");
	assert_non_null(strstr(f->s.opened, "invite"));
	unlink(f->s.opened);
}

static void attachment__narrow_screens_wrap_it(void **state)
{
	struct flow *f = *state;

	fake_mail_of(&f->store, 7)->text = fake_attachments;
	screen_keys(&f->s, "j Enter A j Enter");
	assert_true(screen_shows(&f->s, "Begins: Thu 26 Nov 2026 14:00 (Europe/Berlin)"));
	screen_resize(&f->s, 20, 24);
	assert_false(screen_shows(&f->s, "Begins: Thu 26 Nov 2026 14:00 (Europe/Berlin)"));
	assert_true(screen_shows(&f->s, "Begins: Thu 26 Nov"));
	screen_keys(&f->s, "G");
	assert_true(screen_shows(&f->s, "the price list."));
}

static const char *cursor_row(struct flow *f, struct buf *b)
{
	buf_reset(b);
	grid_dump_row(&f->s.ui.grid, f->s.ui.grid.cursor_row, b);
	return b->p;
}

static void tree__is_walked_and_opens_at_its_message(void **state)
{
	struct flow *f = *state;
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	screen_keys(&f->s, "+");
	assert_true(screen_shows(&f->s, "you  Happy to."));
	assert_non_null(strstr(cursor_row(f, &b), "Laura Palmer, you (3)"));
	screen_keys(&f->s, "j");
	assert_non_null(strstr(cursor_row(f, &b), "We have looked at your offer"));
	screen_keys(&f->s, "j");
	assert_non_null(strstr(cursor_row(f, &b), "       you  Happy to."));
	screen_keys(&f->s, "j j");
	assert_non_null(strstr(cursor_row(f, &b), "Björn Krüger"));
	screen_keys(&f->s, "k k");
	assert_non_null(strstr(cursor_row(f, &b), "you  Happy to."));
	post_change(f); /* read again: the cursor stays on its message */
	assert_non_null(strstr(cursor_row(f, &b), "you  Happy to."));
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "Happy to. I have attached the offer in its second"));
	screen_keys(&f->s, "q");
	assert_non_null(strstr(cursor_row(f, &b), "you  Happy to."));
	screen_keys(&f->s, "h");
	assert_false(screen_shows(&f->s, "you  Happy to."));
	assert_non_null(strstr(cursor_row(f, &b), "Laura Palmer, you (3)"));
}

static void tree__goes_with_its_row(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "+ j j Esc");
	assert_false(screen_shows(&f->s, "you  Happy to."));
	screen_keys(&f->s, "+ j e"); /* actions are the conversation's */
	assert_int_equal(fake_mail_of(&f->store, 8)->role, FOLDER_ARCHIVE);
	assert_false(screen_shows(&f->s, "you  Happy to."));
	screen_keys(&f->s, "z + g s g i");
	assert_false(screen_shows(&f->s, "you  Happy to."));
}

static void tree__a_reply_answers_the_message_under_the_cursor(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "+ j r");
	assert_true(screen_shows(&f->s, "> We have looked at your offer"));
}

static void tree__order_puts_answers_below_and_cuts_loops(void **state)
{
	const struct message_row m[] = {{.id = 5, .parent = 9}, {.id = 1}, {.id = 2, .parent = 1},
		{.id = 3, .parent = 77}, {.id = 4, .parent = 1}, {.id = 6, .parent = 2},
		{.id = 9, .parent = 5}, {.id = 7, .parent = 7}};
	static const int64_t ids[] = {1, 2, 6, 4, 3, 7, 5, 9};
	static const int depths[] = {0, 1, 2, 1, 0, 0, 0, 1};
	struct arena a = ARENA_INIT;
	struct tree_node *v;

	(void)state;
	tree_order(&a, m, ARRAY_SIZE(m), &v);
	for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
		assert_int_equal(v[i].m->id, ids[i]);
		assert_int_equal(v[i].depth, depths[i]);
	}
	arena_release(&a);
}

static void tree__long_conversations_scroll_inside(void **state)
{
	struct flow *f = *state;
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	for (size_t i = 0; i < 700; i++)
		f->store.mail[f->store.n_mail - 1 - i].thread = f->store.mail[2999].thread;
	screen_keys(&f->s, "g i +");
	assert_true(screen_shows(&f->s, "(700)"));
	for (int i = 0; i < 500; i++)
		screen_keys(&f->s, "j");
	assert_non_null(strstr(cursor_row(f, &b), "Somebody  text"));
	screen_keys(&f->s, "j");
	assert_non_null(strstr(cursor_row(f, &b), "subject 2299"));
}

static void refused_change__is_told__until_it_is_tried_or_forgotten(void **state)
{
	struct flow *f = *state;
	const char *told = "does not let you change this folder. 1 change was taken back; ";

	f->store.n_parked = 1;
	tell(f, EV_ACCOUNT);
	assert_true(screen_shows(&f->s, told));
	screen_keys(&f->s, "Ctrl-R");
	tell(f, EV_ACCOUNT);
	assert_false(screen_shows(&f->s, told));
	assert_int_equal(f->store.n_parked, 0);
	f->store.n_parked = 2;
	tell(f, EV_ACCOUNT);
	screen_keys(&f->s, "j");
	assert_true(screen_shows(&f->s, "2 changes were taken back"));
	screen_keys(&f->s, ": f o r g e t Enter");
	assert_int_equal(f->store.n_parked, 0);
}

static void prefix__shows_what_may_follow_after_a_moment(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "g");
	assert_false(screen_shows(&f->s, "g i  Inbox"));
	assert_in_range(ui_timeout_ms(&f->s.ui), 1, 400);
	screen_set_now(&f->s, FAKE_NOW + 1);
	ui_turn(&f->s.ui);
	assert_true(screen_shows(&f->s, "g i  Inbox"));
	screen_keys(&f->s, "t");
	assert_true(screen_shows(&f->s, "crmail  Sent"));
}

static void reload__the_cursor_stays_on_its_conversation(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j");
	f->store.mail[4].date = FAKE_NOW; /* an older one gets new mail, and is first now */
	struct fake_mail moved = f->store.mail[4];
	memmove(&f->store.mail[4], &f->store.mail[5], (f->store.n_mail - 5) * sizeof(moved));
	f->store.mail[f->store.n_mail - 1] = moved;
	post_change(f);
	const int row = f->s.ui.grid.cursor_row;
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	grid_dump_row(&f->s.ui.grid, row, &b);
	assert_non_null(strstr(b.p, "Björn Krüger"));
	assert_int_equal(row, 2 + 2 * 2);
}

static void problem__stays_with_the_key_that_mends_it(void **state)
{
	struct flow *f = *state;

	f->store.accounts[0].status = ACCOUNT_ERROR;
	f->store.accounts[0].error = "The server does not answer.";
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "j k");
	assert_true(screen_shows(&f->s, "work: The server does not answer. Ctrl-R tries again."));
}

static void notice__is_shown_until_it_is_over__damaged_data_folder(void **state)
{
	struct flow *f = *state;
	const struct event changed = {.type = EV_ACCOUNT, .count = 1};

	f->store.notice = "The cache was damaged and is filled again; no mail is lost.";
	event_post(f->s.events, &changed);
	screen_keys(&f->s, "j k");
	assert_true(screen_shows(&f->s, f->store.notice));
	f->store.notice = NULL;
	event_post(f->s.events, &changed);
	screen_keys(&f->s, "j k");
	assert_false(screen_shows(&f->s, "The cache was damaged"));
}

static void empty__says_why_and_what_to_do(void **state)
{
	struct flow *f = *state;

	f->store.n_mail = 0;
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "The inbox is empty."));
	f->store.accounts[0].last_sync_at = 0;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "Nothing has been fetched yet."));
	f->store.n_accounts = 0;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "No account is connected yet."));
	screen_keys(&f->s, "c");
	assert_true(screen_shows(&f->s, "Connect an account first"));
}

/* Keys after a change of place are for its rows, not for those still shown. */
static void place__keys_typed_ahead__are_for_its_rows(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "s j s k");
	screen_burst(&f->s, "g s #");
	assert_true(screen_shows(&f->s, "Moved to the trash"));
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "Re: Deadline order and the new terms"));
	assert_false(screen_shows(&f->s, "Frage zum Angebot 2026-17"));
}

static void paging__typed_ahead__leads_as_far(void **state)
{
	struct flow *f = *state;

	for (int i = 0; i < 100; i++)
		screen_keys(&f->s, "PgDn");
	char *there = strdup(screen_dump(&f->s)), row[32];
	snprintf(row, sizeof(row), "%.12s", strstr(there, "subject "));
	screen_keys(&f->s, "G g g");
	screen_burst(&f->s, PAGES_20 PAGES_20 PAGES_20 PAGES_20 PAGES_20);
	assert_string_equal(screen_dump(&f->s), there);
	free(there);
	screen_burst(&f->s, "PgUp PgUp PgUp PgUp PgUp PgUp PgUp PgUp PgUp PgUp " PAGES_5 PAGES_5);
	assert_true(screen_shows(&f->s, row));
	screen_keys(&f->s, "G g g Enter");
	for (int i = 0; i < 700; i++)
		screen_keys(&f->s, "J");
	assert_true(screen_shows(&f->s, "subject 2299"));
}

static void paging__holds_a_bounded_window(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "G");
	assert_true(screen_shows(&f->s, "subject 0 "));
	for (int i = 0; i < 340; i++)
		screen_keys(&f->s, "PgUp");
	assert_true(screen_shows(&f->s, "subject 2999"));
	for (int i = 0; i < 1500; i++)
		screen_keys(&f->s, "j");
	assert_true(screen_shows(&f->s, "subject 1499"));
	assert_in_range(f->store.longest_page, 1, 600);
	screen_keys(&f->s, "g g");
	assert_true(screen_shows(&f->s, "subject 2999"));
}

#define KEYS(name, setup) cmocka_unit_test_setup_teardown(name, setup, flow_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYS(order__newest_first_and_back, flow_up),
		KEYS(problem__takes_the_place_of_what_is_done, flow_up),
		KEYS(trash__of_the_trash_changes_nothing, flow_up),
		KEYS(label__is_set_marked_and_removed, flow_up),
		KEYS(archive__moves_the_conversation_and_z_brings_it_back, flow_up),
		KEYS(trash__counts_down_and_the_line_goes, flow_up),
		KEYS(select__acts_on_all_selected, flow_up),
		KEYS(range__selects_from_there_to_here, flow_up),
		KEYS(star__is_a_toggle, flow_up),
		KEYS(open__marks_what_is_shown_as_read, flow_up),
		KEYS(thread__J_and_K_walk_the_list, flow_up),
		KEYS(thread__P_leaves_out_what_is_shown_already, flow_up),
		KEYS(thread__new_mail_appears_while_it_is_open, flow_up),
		KEYS(link__number_and_enter_opens_it, flow_up),
		KEYS(panel__comes_by_tab_where_it_is_narrow, flow_up),
		KEYS(send__is_held_and_z_makes_it_a_draft_again, flow_up),
		KEYS(send__without_recipient_is_refused, flow_up),
		KEYS(compose__warns_of_a_forgotten_attachment, flow_up),
		KEYS(compose__completes_addresses_from_contacts, flow_up),
		KEYS(compose__leaving_keeps_the_draft, flow_up),
		KEYS(draft__of_the_server_is_opened_and_goes_on_here, flow_up),
		KEYS(draft__is_thrown_away_and_z_brings_it_back, flow_up),
		KEYS(sidebar__with_the_focus_changes_no_mail, flow_up),
		KEYS(quit__asks_while_mail_waits__and_sends_it, flow_up),
		KEYS(quit__stays__when_sending_fails, flow_up),
		KEYS(quit__keeps_the_mail__or_makes_it_a_draft, flow_up),
		KEYS(quit__asks_nothing__for_mail_on_hold, flow_up),
		KEYS(quit__asks_nothing__when_others_go_on_sending, flow_up),
		KEYS(outbox__asks_whether_it_was_sent, flow_up),
		KEYS(outbox__sends_again_or_edits_what_failed, flow_up),
		KEYS(compose__is_saved_by_itself, flow_up),
		KEYS(forward__takes_the_attachments_along, flow_up),
		KEYS(save__never_overwrites, flow_up),
		KEYS(attachment__is_read_scrolled_and_opened_outside, flow_up),
		KEYS(attachment__narrow_screens_wrap_it, flow_up),
		KEYS(tree__is_walked_and_opens_at_its_message, flow_up),
		KEYS(tree__goes_with_its_row, flow_up),
		KEYS(tree__a_reply_answers_the_message_under_the_cursor, flow_up),
		KEYS(tree__long_conversations_scroll_inside, open_many),
		cmocka_unit_test(tree__order_puts_answers_below_and_cuts_loops),
		KEYS(refused_change__is_told__until_it_is_tried_or_forgotten, flow_up),
		KEYS(prefix__shows_what_may_follow_after_a_moment, flow_up),
		KEYS(reload__the_cursor_stays_on_its_conversation, flow_up),
		KEYS(problem__stays_with_the_key_that_mends_it, flow_up),
		KEYS(notice__is_shown_until_it_is_over__damaged_data_folder, flow_up),
		KEYS(empty__says_why_and_what_to_do, flow_up),
		KEYS(paging__holds_a_bounded_window, open_many),
		KEYS(paging__typed_ahead__leads_as_far, open_many),
		KEYS(place__keys_typed_ahead__are_for_its_rows, flow_up),
	};

	flow_set_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
