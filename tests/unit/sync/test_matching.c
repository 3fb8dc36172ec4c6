/*
 * test_matching.c - from a mail to its rows, without a network: what is logged to whom, who waits
 * in the match inbox, what is matched again when people change, and that the user's word wins.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "crmail/base/buf.h"
#include "crmail/store/activity.h"
#include "crmail/store/decide.h"
#include "crmail/store/ingest.h"
#include "crmail/store/message.h"
#include "crmail/sync/crm_sync.h"
#include "tests/unit/store/fixture.h"

#define AT 1793491200 /* 2026-11-01 */

struct scene {
	struct fixture *f;
	int64_t crm, account, inbox, spam, folder;
	int number;
};

static void set_up(struct scene *s, void **state, const struct crm_row *rules,
	const struct setting *words, size_t n_words)
{
	struct fixture *f = *state;
	*s = (struct scene){.f = f};
	struct crm_row row = *rules;
	row.name = "main";
	row.profile = "local";
	assert_ok(f, crm_add(f->store, &row, words, n_words, &s->crm, &f->err));
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example", .crm = s->crm};
	assert_ok(f, account_add(f->store, &account, NULL, 0, &s->account, &f->err));
	const struct folder_in in[] = {{"INBOX", "INBOX", FOLDER_INBOX},
		{"Spam", "Spam", FOLDER_JUNK}, {"Family/Kids", "Family/Kids", FOLDER_OTHER}};
	assert_ok(f, folder_put_list(f->store, s->account, in, ARRAY_SIZE(in), &f->err));
	struct folder_row *folders;
	size_t n;
	assert_ok(f, folder_list(f->reader, &f->arena, s->account, &folders, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		*(folders[i].role == FOLDER_INBOX        ? &s->inbox
			: folders[i].role == FOLDER_JUNK ? &s->spam
							 : &s->folder) = folders[i].id;
}

static const struct crm_row known = {.log_since = 0};

struct letter_in {
	const char *from, *to, *cc, *answers, *more;
	int64_t folder;
};

static int64_t put_mail(struct scene *s, const struct letter_in *l)
{
	struct fixture *f = s->f;
	int i = ++s->number;
	const char *text = arena_printf(&f->arena,
		"From: %s\r\nTo: %s\r\n%s%s%sSubject: S%d\r\nMessage-ID: <%d@x.example>\r\n%s%s%s%s"
		"Date: Sun, 1 Nov 2026 00:00:%02d +0000\r\n\r\nfirst line\r\n",
		l->from, l->to ? l->to : "me@ourfirm.example", l->cc ? "Cc: " : "",
		l->cc ? l->cc : "", l->cc ? "\r\n" : "", i, i, l->answers ? "In-Reply-To: <" : "",
		l->answers ? l->answers : "", l->answers ? "@x.example>\r\n" : "",
		l->more ? l->more : "", i);
	struct ingest_msg m = {.server_id = arena_printf(&f->arena, "%d", i),
		.received = AT + i,
		.size = strlen(text),
		.p = ingest_prepare(&f->arena, text, strlen(text), true)};
	struct ingest_page page = {.account = s->account,
		.folder = l->folder ? l->folder : s->inbox,
		.msgs = &m,
		.n = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
	return r.ids[0];
}

static int64_t mail(struct scene *s, const char *from)
{
	return put_mail(s, &(struct letter_in){.from = from});
}

static void contact(struct scene *s, const char *id, const char *name, const char *first,
	const char *second)
{
	const char *const addrs[] = {first, second};
	const struct contact_in c = {.crm_id = id,
		.name = name,
		.emails = addrs,
		.n_emails = (first != NULL) + (second != NULL)};
	struct put_page p = {.crm = s->crm, .object = "contact"};
	assert_ok(s->f, contact_put(s->f->store, &p, &c, 1, &s->f->err));
}

static void partner(struct scene *s, const char *id, const char *domain)
{
	const struct partner_in x = {
		.crm_id = id, .name = id, .domains = &domain, .n_domains = domain != NULL};
	struct put_page p = {.crm = s->crm, .object = "partner"};
	assert_ok(s->f, partner_put(s->f->store, &p, &x, 1, &s->f->err));
}

static void lead(struct scene *s, const char *id, const char *addr)
{
	const struct lead_in x = {.crm_id = id, .name = id, .addr = addr};
	struct put_page p = {.crm = s->crm, .object = "lead"};
	assert_ok(s->f, lead_put(s->f->store, &p, &x, 1, &s->f->err));
}

static void match(struct scene *s)
{
	struct fixture *f = s->f;
	struct crm_sync *crm = NULL;
	const char *top = getenv("CRMAIL_SRCDIR");
	const struct crm_sync_options o = {.store = f->store,
		.clock = f->clock,
		.share_dir = arena_printf(&f->arena, "%s/share/crmail", top ? top : ".")};
	assert_ok(f, crm_sync_open(&crm, &o, s->crm, &f->err));
	assert_ok(f, crm_sync_match(crm, &f->err));
	crm_sync_close(crm);
}

/* "C1 P2 L3": where entries of the mail stand or wait, by CRM id, else "- " and the reason. */
static const char *logged(struct scene *s, int64_t message)
{
	struct fixture *f = s->f;
	sqlite3 *h;
	sqlite3_stmt *q;
	char path[96];
	const char *out = NULL;
	snprintf(path, sizeof(path), "%s/crmail.db", f->dir);
	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(h,
			"SELECT group_concat(t, ' ') FROM (SELECT coalesce((SELECT crm_id FROM"
			" contact WHERE id = x.contact), (SELECT crm_id FROM partner WHERE id ="
			" x.partner), (SELECT crm_id FROM lead WHERE id = x.lead), 'none') AS t"
			" FROM activity x WHERE x.message = ?1 AND x.state < 4 ORDER BY t)"
			" UNION ALL SELECT '- ' || reason FROM mail_crm WHERE message = ?1",
			-1, &q, NULL),
		SQLITE_OK);
	sqlite3_bind_int64(q, 1, message);
	while (sqlite3_step(q) == SQLITE_ROW)
		if (sqlite3_column_text(q, 0) && !out)
			out = arena_strdup(&f->arena, (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	sqlite3_close(h);
	return out ? out : "nothing";
}

static int64_t say(struct scene *s, const struct decision_in *d)
{
	int64_t id = 0;
	assert_ok(s->f, decide_wait(s->f->store, d, &id, &s->f->err));
	return id;
}

static void take_back(struct scene *s, int64_t id)
{
	assert_ok(s->f, decide_undo_wait(s->f->store, id, &s->f->err));
}

static int64_t row_of(struct scene *s, const char *crm_id)
{
	int64_t id = 0;
	assert_ok(s->f, crm_id[0] == 'P'
				? partner_by_crm_id(s->f->reader, crm_id, &id, &s->f->err)
				: contact_by_crm_id(s->f->reader, crm_id, &id, &s->f->err));
	assert_true(id > 0);
	return id;
}

static struct stranger_row *strangers(struct scene *s, size_t *n)
{
	struct stranger_row *v;
	assert_ok(s->f, stranger_page(s->f->reader, &s->f->arena, NULL, 50, &v, n, &s->f->err));
	return v;
}

/* ---- people come, change and go -------------------------------------------------------------- */

static void matching__contact_added_later__old_mail_is_logged(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	int64_t old = mail(&s, "Ann <ann@wood.example>");
	match(&s);
	assert_string_equal(logged(&s, old), "- unknown");
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	match(&s);
	assert_string_equal(logged(&s, old), "C1");
}

static void matching__secondary_address_and_plus_tag(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", "Ann+CRM@Private.example");
	int64_t second = mail(&s, "ann@private.example");
	int64_t tagged = mail(&s, "ann+list@PRIVATE.example");
	match(&s);
	assert_string_equal(logged(&s, second), "C1");
	assert_string_equal(logged(&s, tagged), "C1");
}

static void matching__address_moves_to_another_contact(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", "shared@wood.example");
	int64_t id = mail(&s, "shared@wood.example");
	match(&s);
	assert_string_equal(logged(&s, id), "C1");
	contact(&s, "C2", "Bea", "shared@wood.example", NULL);
	match(&s); /* both have it: logged to the first already, and open for what comes */
	size_t n;
	struct stranger_row *v = strangers(&s, &n);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, STRANGER_CONTACTS);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	match(&s); /* a mail that was linked to neither finds the one that is left */
	assert_string_equal(logged(&s, id), "C2");
	strangers(&s, &n);
	assert_int_equal(n, 0);
}

static void matching__partner_changes_its_domain(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	partner(&s, "P1", "old.example");
	partner(&s, "P2", "twice.example");
	partner(&s, "P3", "twice.example");
	int64_t old = mail(&s, "x@old.example");
	int64_t new = mail(&s, "x@mail.new.example");
	int64_t two = mail(&s, "x@twice.example");
	match(&s);
	assert_string_equal(logged(&s, old), "P1");
	assert_string_equal(logged(&s, new), "- unknown");
	assert_string_equal(logged(&s, two), "- ambiguous");
	partner(&s, "P1", "new.example");
	partner(&s, "P2", "other.example");
	match(&s);
	assert_string_equal(logged(&s, old), "- unknown");
	assert_string_equal(logged(&s, new), "P1");
	assert_string_equal(logged(&s, two), "P3");
}

static void matching__lead__comes_and_becomes_somebody_else(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	int64_t id = mail(&s, "lea@new.example");
	lead(&s, "L1", "lea@new.example");
	match(&s);
	assert_string_equal(logged(&s, id), "L1");
	lead(&s, "L1", "lea@elsewhere.example");
	match(&s);
	assert_string_equal(logged(&s, id), "- unknown");
}

static void matching__free_mail__is_nobodys_company(void **state)
{
	struct scene s;
	const struct setting words[] = {{"freemail_domains", "club.example"}};
	set_up(&s, state, &known, words, 1);
	partner(&s, "P1", "gmail.com");
	partner(&s, "P2", "club.example");
	int64_t ids[] = {mail(&s, "a@gmail.com"), mail(&s, "b@club.example")};
	match(&s);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(logged(&s, ids[i]), "- unknown");
}

/* ---- what is left out ------------------------------------------------------------------------ */

static void matching__folders__spam_and_those_named(void **state)
{
	struct scene s;
	const struct setting words[] = {{"no_log_folders", "Holidays, family"}};
	set_up(&s, state, &known, words, 1);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t in_inbox = mail(&s, "ann@wood.example");
	int64_t in_spam =
		put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .folder = s.spam});
	int64_t in_kids =
		put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .folder = s.folder});
	match(&s);
	assert_string_equal(logged(&s, in_inbox), "C1");
	assert_string_equal(logged(&s, in_spam), "- folder");
	assert_string_equal(logged(&s, in_kids), "- folder");
	const struct target t = {.kind = TARGET_MESSAGES, .ids = &in_spam, .n = 1};
	int64_t group;
	action_move(s.f->store, &t, s.inbox, &group);
	/* What the user did is committed before what anybody waits for. */
	assert_ok(s.f, crm_set_status(s.f->store, s.crm, NULL, NULL, 0, &s.f->err));
	match(&s);
	assert_string_equal(logged(&s, in_spam), "C1");
}

static void matching__never_log__addresses_and_domains(void **state)
{
	struct scene s;
	const struct setting words[] = {{"never_log", "Ann+x@wood.example, @iron.example"}};
	set_up(&s, state, &known, words, 1);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	contact(&s, "C2", "Bea", "bea@iron.example", NULL);
	contact(&s, "C3", "Cid", "cid@gold.example", NULL);
	int64_t ann = mail(&s, "ann@wood.example");
	int64_t bea = mail(&s, "bea@iron.example");
	int64_t cid = mail(&s, "cid@gold.example");
	match(&s);
	assert_string_equal(logged(&s, ann), "- never-log");
	assert_string_equal(logged(&s, bea), "- never-log");
	assert_string_equal(logged(&s, cid), "C3");
	say(&s, &(struct decision_in){.what = DECIDE_NEVER,
			.scope = DECIDE_ADDRESS,
			.crm = s.crm,
			.addr = "Gold.example"});
	int64_t later = mail(&s, "cid+x@mail.gold.example");
	match(&s);
	assert_string_equal(logged(&s, cid), "- never-log");
	assert_string_equal(logged(&s, later), "- never-log");
	say(&s, &(struct decision_in){.what = DECIDE_ALLOW,
			.scope = DECIDE_ADDRESS,
			.crm = s.crm,
			.addr = "@gold.example"});
	match(&s);
	assert_string_equal(logged(&s, cid), "C3");
}

static void matching__modes_and_the_day_of_connecting(void **state)
{
	static const struct {
		const char *mode;
		int64_t since;
		const char *known, *unknown, *answered;
	} rows[] = {
		{"known", 0, "C1", "- unknown", "C1"},
		{"known", AT + 100, "- before-start", "- unknown", "- before-start"},
		{"off", 0, "- off", "- unknown", "- off"},
		{"replies", 0, "- not-a-reply", "- unknown", "C1"},
		{"everything", 0, "C1", "none", "C1"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene s;
		if (i) {
			fixture_down(state);
			fixture_up(state);
		}
		const struct crm_row row = {.log_mode = rows[i].mode, .log_since = rows[i].since};
		set_up(&s, state, &row, NULL, 0);
		contact(&s, "C1", "Ann", "ann@wood.example", NULL);
		int64_t a = mail(&s, "ann@wood.example");
		int64_t b = mail(&s, "who@knows.example");
		match(&s);
		if (strcmp(logged(&s, a), rows[i].known) != 0 ||
			strcmp(logged(&s, b), rows[i].unknown) != 0)
			fail_msg("row %zu: %s, %s", i, logged(&s, a), logged(&s, b));
		put_mail(&s, &(struct letter_in){.from = "me@ourfirm.example",
				     .to = "ann@wood.example",
				     .answers = "1"});
		match(&s); /* what came before the answer is part of it now */
		if (strcmp(logged(&s, a), rows[i].answered) != 0)
			fail_msg("row %zu, answered: %s", i, logged(&s, a));
	}
}

static void matching__backfill__counts_then_logs(void **state)
{
	struct scene s;
	const struct crm_row row = {.log_since = AT + 100};
	set_up(&s, state, &row, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t ids[4];
	int64_t n = 0;
	for (size_t i = 0; i < 3; i++)
		ids[i] = mail(&s, "ann@wood.example");
	ids[3] = mail(&s, "who@knows.example");
	match(&s);
	assert_ok(s.f, backfill_count(s.f->reader, s.crm, AT + 2, &n, &s.f->err));
	assert_int_equal(n, 2);
	assert_ok(s.f, backfill_start(s.f->store, s.crm, AT + 2, &s.f->err));
	match(&s);
	assert_string_equal(logged(&s, ids[0]), "- before-start");
	assert_string_equal(logged(&s, ids[1]), "C1");
	assert_string_equal(logged(&s, ids[2]), "C1");
	assert_string_equal(logged(&s, ids[3]), "- unknown");
	assert_ok(s.f, backfill_start(s.f->store, s.crm, AT + 50, &s.f->err)); /* never later */
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT log_since FROM crm"), AT + 2);
}

/* ---- decisions ------------------------------------------------------------------------------- */

static void matching__ambiguous__waits__then_is_logged_as_chosen(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "desk@wood.example", NULL);
	contact(&s, "C2", "Bea", "desk@wood.example", NULL);
	int64_t one = mail(&s, "Desk <desk@wood.example>");
	int64_t other = mail(&s, "desk@wood.example");
	match(&s);
	assert_string_equal(logged(&s, one), "- ambiguous");
	size_t n;
	struct stranger_row *v = strangers(&s, &n);
	assert_true(n == 1 && v[0].count == 2 && v[0].message == other);
	struct candidate_row *c;
	assert_ok(s.f, stranger_candidates(s.f->reader, &s.f->arena, &v[0], 9, &c, &n, &s.f->err));
	assert_true(n == 2 && c[0].has_address && !strcmp(c[1].name, "Bea"));
	int64_t id = say(&s, &(struct decision_in){.what = DECIDE_CHOOSE,
				     .scope = DECIDE_THREAD,
				     .message = one,
				     .kind = LINK_CONTACT,
				     .target = c[1].id,
				     .addr = "desk@wood.example"});
	int64_t reply =
		put_mail(&s, &(struct letter_in){.from = "desk@wood.example", .answers = "1"});
	match(&s);
	assert_string_equal(logged(&s, one), "C2");
	assert_string_equal(logged(&s, reply), "C2"); /* remembered for the conversation */
	assert_string_equal(logged(&s, other), "- ambiguous");
	say(&s, &(struct decision_in){.what = DECIDE_CHOOSE,
			.scope = DECIDE_ADDRESS,
			.message = one,
			.kind = LINK_CONTACT,
			.target = c[0].id,
			.addr = "desk@wood.example"});
	match(&s);
	assert_string_equal(logged(&s, other), "C1");
	assert_string_equal(logged(&s, one), "C2");
	strangers(&s, &n);
	assert_int_equal(n, 0);
	take_back(&s, id);
	match(&s);
	assert_string_equal(logged(&s, one), "C1");
}

static void matching__private__takes_back_what_waits_and_can_be_undone(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t a = mail(&s, "ann@wood.example");
	int64_t b = put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .answers = "1"});
	int64_t other = mail(&s, "ann@wood.example");
	match(&s);
	int64_t id = say(&s, &(struct decision_in){
				     .what = DECIDE_PRIVATE, .scope = DECIDE_THREAD, .message = b});
	int64_t later =
		put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .answers = "2"});
	match(&s);
	assert_string_equal(logged(&s, a), "- private");
	assert_string_equal(logged(&s, later), "- private");
	assert_string_equal(logged(&s, other), "C1");
	say(&s, &(struct decision_in){.what = DECIDE_LOG, .scope = DECIDE_MAIL, .message = later});
	match(&s);
	assert_string_equal(logged(&s, later), "C1");
	assert_string_equal(logged(&s, b), "- private");
	take_back(&s, id);
	match(&s);
	assert_string_equal(logged(&s, a), "C1");
	assert_string_equal(logged(&s, b), "C1");
}

static void matching__linked_and_unlinked_by_hand(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	contact(&s, "C2", "Bea", "bea@iron.example", NULL);
	partner(&s, "P1", "wood.example");
	int64_t a = mail(&s, "ann@wood.example");
	int64_t b = put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .answers = "1"});
	int64_t machine = put_mail(&s, &(struct letter_in){.from = "ann@wood.example",
					       .more = "Auto-Submitted: auto-replied\r\n"});
	match(&s);
	assert_string_equal(logged(&s, machine), "- automated");
	struct decision_in d = {.what = DECIDE_UNLINK,
		.scope = DECIDE_MAIL,
		.message = a,
		.kind = LINK_CONTACT,
		.target = row_of(&s, "C1")};
	int64_t first = say(&s, &d);
	match(&s);
	assert_string_equal(logged(&s, a), "- unlinked"); /* and not to the partner instead */
	assert_string_equal(logged(&s, b), "C1");
	d.what = DECIDE_LINK;
	d.target = row_of(&s, "C2");
	d.scope = DECIDE_THREAD;
	int64_t second = say(&s, &d);
	match(&s);
	assert_string_equal(logged(&s, a), "C2");
	assert_string_equal(logged(&s, b), "C1 C2");
	d.message = machine;
	d.scope = DECIDE_MAIL;
	say(&s, &d);
	match(&s);
	assert_string_equal(logged(&s, machine), "C1 C2");
	contact(&s, "C2", "Beatrix", "bea@iron.example", NULL); /* matched again, still as said */
	contact(&s, "C1", "Anna", "ann@wood.example", NULL);
	match(&s);
	assert_string_equal(logged(&s, a), "C2");
	take_back(&s, first);
	take_back(&s, second);
	match(&s);
	assert_string_equal(logged(&s, a), "C1");
	assert_string_equal(logged(&s, b), "C1");
}

static void matching__this_mail__not_or_anyway(void **state)
{
	struct scene s;
	const struct crm_row row = {.log_since = AT + 100};
	set_up(&s, state, &row, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t old = mail(&s, "ann@wood.example");
	int64_t role = put_mail(&s,
		&(struct letter_in){.from = "info@wood.example", .cc = "ann@wood.example"});
	match(&s);
	assert_string_equal(logged(&s, old), "- before-start");
	assert_string_equal(logged(&s, role), "- role-sender");
	struct decision_in d = {.what = DECIDE_LOG, .scope = DECIDE_MAIL, .message = old};
	say(&s, &d);
	d.message = role;
	say(&s, &d);
	match(&s);
	assert_string_equal(logged(&s, old), "C1");
	assert_string_equal(logged(&s, role), "C1");
	d.what = DECIDE_NOT;
	int64_t id = say(&s, &d);
	match(&s);
	assert_string_equal(logged(&s, role), "- skipped");
	take_back(&s, id);
	match(&s);
	assert_string_equal(logged(&s, role), "C1");
}

static void matching__decisions__outlive_the_mails_row(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t id = mail(&s, "ann@wood.example");
	say(&s, &(struct decision_in){
			.what = DECIDE_PRIVATE, .scope = DECIDE_THREAD, .message = id});
	assert_ok(s.f, account_remove(s.f->store, s.account, &s.f->err));
	const struct account_row account = {
		.name = "again", .kind = "maildir", .email = "me@ourfirm.example", .crm = s.crm};
	assert_ok(s.f, account_add(s.f->store, &account, NULL, 0, &s.account, &s.f->err));
	const struct folder_in in = {"INBOX", "INBOX", FOLDER_INBOX};
	assert_ok(s.f, folder_put_list(s.f->store, s.account, &in, 1, &s.f->err));
	struct folder_row *folders;
	size_t n;
	assert_ok(s.f, folder_list(s.f->reader, &s.f->arena, s.account, &folders, &n, &s.f->err));
	s.inbox = folders[0].id;
	s.number = 0; /* the same mail once more */
	int64_t again = mail(&s, "ann@wood.example");
	match(&s);
	assert_string_equal(logged(&s, again), "- private");
}

static void matching__strangers__newest_first__until_looked_at(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann Wood", "ann@wood.example", NULL);
	partner(&s, "P1", "wood.example");
	mail(&s, "Ann Wood <ann.private@gmail.com>");
	mail(&s, "info@iron.example");
	put_mail(&s, &(struct letter_in){
			     .from = "list@iron.example", .more = "List-Id: <l.iron.example>\r\n"});
	put_mail(&s, &(struct letter_in){.from = "ann@wood.example", .cc = "cc@iron.example"});
	put_mail(&s, &(struct letter_in){.from = "me@ourfirm.example",
			     .to = "bob@wood.example, new@iron.example"});
	int64_t last = mail(&s, "Ann Wood <ann.private+x@gmail.com>");
	match(&s);
	size_t n;
	struct stranger_row *v = strangers(&s, &n);
	assert_int_equal(n, 3);
	assert_string_equal(v[0].addr, "ann.private@gmail.com");
	assert_string_equal(v[0].name, "Ann Wood");
	assert_true(v[0].count == 2 && v[0].message == last);
	assert_string_equal(v[1].addr, "bob@wood.example");
	assert_string_equal(v[2].addr, "new@iron.example");
	struct candidate_row *c;
	size_t k;
	assert_ok(s.f, stranger_candidates(s.f->reader, &s.f->arena, &v[0], 9, &c, &k, &s.f->err));
	assert_true(k == 1 && !c[0].has_address && !strcmp(c[0].name, "Ann Wood"));
	int64_t id = say(&s, &(struct decision_in){.what = DECIDE_LATER,
				     .scope = DECIDE_ADDRESS,
				     .crm = s.crm,
				     .addr = v[0].addr});
	strangers(&s, &n);
	assert_int_equal(n, 2);
	int64_t ambiguous, unknown;
	assert_ok(s.f, stranger_count(s.f->reader, 99, &ambiguous, &unknown, &s.f->err));
	assert_true(ambiguous == 0 && unknown == 2);
	take_back(&s, id);
	strangers(&s, &n);
	assert_int_equal(n, 3);
	say(&s, &(struct decision_in){.what = DECIDE_LATER,
			.scope = DECIDE_ADDRESS,
			.crm = s.crm,
			.addr = v[0].addr});
	mail(&s, "Ann Wood <ann.private@gmail.com>"); /* writes again */
	match(&s);
	v = strangers(&s, &n);
	assert_true(n == 3 && v[0].count == 3);
}

static void matching__rules_change__everything_is_matched_again(void **state)
{
	struct scene s;
	set_up(&s, state, &known, NULL, 0);
	contact(&s, "C1", "Ann", "ann@wood.example", NULL);
	int64_t id = mail(&s, "ann@wood.example");
	match(&s);
	assert_string_equal(logged(&s, id), "C1");
	assert_ok(s.f,
		account_set(s.f->store, s.account, "own_addresses", "ann@wood.example", &s.f->err));
	match(&s);
	assert_string_equal(logged(&s, id), "- internal");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		T(matching__contact_added_later__old_mail_is_logged),
		T(matching__secondary_address_and_plus_tag),
		T(matching__address_moves_to_another_contact),
		T(matching__partner_changes_its_domain),
		T(matching__lead__comes_and_becomes_somebody_else),
		T(matching__free_mail__is_nobodys_company),
		T(matching__folders__spam_and_those_named),
		T(matching__never_log__addresses_and_domains),
		T(matching__modes_and_the_day_of_connecting),
		T(matching__backfill__counts_then_logs),
		T(matching__ambiguous__waits__then_is_logged_as_chosen),
		T(matching__private__takes_back_what_waits_and_can_be_undone),
		T(matching__linked_and_unlinked_by_hand),
		T(matching__this_mail__not_or_anyway),
		T(matching__decisions__outlive_the_mails_row),
		T(matching__strangers__newest_first__until_looked_at),
		T(matching__rules_change__everything_is_matched_again),
	};
	return cmocka_run_group_tests_name("sync/matching", tests, NULL, NULL);
}
