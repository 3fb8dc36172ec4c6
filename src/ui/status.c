/* status.c - accounts for the top line: when each was synced last, and what is wrong. */
#include "config.h"

#include "status.h"

#include <string.h>
#include <time.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_item.h"
#include "crmail/store/notice.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/reminder.h"
#include "crmail/store/store.h"
#include "ui_core.h"
#include "when.h"

#define STATUS_MAX_ACCOUNTS 4

/* Nobody listens on the way to this very computer. */
static bool is_loopback(const char *host_port)
{
	return !host_port || str_starts(host_port, "127.") || str_starts(host_port, "[::1]") ||
	       str_starts(host_port, "localhost:");
}

bool status_is_clear(const char *url)
{
	const char *host = url && str_casestarts(url, "http://") ? url + strlen("http://") : NULL;

	return host && !is_loopback(host) && strcmp(host, "localhost") != 0 &&
	       !str_starts(host, "localhost/");
}

static void find_insecure(struct ui *ui)
{
	struct arena *a = &ui->accounts_arena;

	ui->is_insecure = arena_array(a, ui->n_accounts + 1, sizeof(*ui->is_insecure));
	for (size_t i = 0; i < ui->n_accounts; i++) {
		int64_t id = ui->accounts[i].id;
		const char *tls = account_setting(ui->reader, a, id, "tls");

		ui->is_insecure[i] =
			tls && strcmp(tls, "insecure-none") == 0 &&
			(!is_loopback(account_setting(ui->reader, a, id, "imap")) ||
				!is_loopback(account_setting(ui->reader, a, id, "smtp")));
	}
}

static void read_given_up(struct ui *ui)
{
	ui->given_up = arena_array(&ui->accounts_arena, ui->n_accounts + 1, sizeof(*ui->given_up));
	for (size_t i = 0; i < ui->n_accounts; i++) {
		struct err e = ERR_INIT;
		struct given_up *g = &ui->given_up[i];

		if (op_parked(ui->reader, &ui->accounts_arena, ui->accounts[i].id, &g->n,
			    &g->reason, &e))
			log_line(LOG_WARN, "ui", "parked changes: %s", err_code_name(e.code));
	}
}

/* A sign-in that is needed comes before what mends itself. */
static void read_crms(struct ui *ui)
{
	struct crm_item_counts c = {.waiting = 0};
	struct crm_row *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	ui->has_crm = ui->has_crm_server = false;
	ui->crm_problem = NULL;
	ui->crm_refused = 0;
	ui->insecure_crm = NULL;
	if (crm_list(ui->reader, &ui->accounts_arena, &v, &n, &e) ||
		crm_item_counts(ui->reader, &c, &e)) {
		log_line(LOG_WARN, "ui", "CRMs: %s", err_code_name(e.code));
		return;
	}
	ui->has_crm = n > 0;
	ui->crm_refused = c.parked + c.conflicts;
	for (size_t i = 0; i < n; i++) {
		ui->has_crm_server |= v[i].url != NULL;
		if (status_is_clear(v[i].url))
			ui->insecure_crm = v[i].name;
	}
	for (size_t i = n; i-- > 0;)
		if (v[i].error && (!ui->crm_problem || strcmp(v[i].status, "sign-in") == 0))
			ui->crm_problem = &v[i];
}

/* "22:00-07:00", over midnight, too; what is no such text is no time. */
static bool is_quiet(const struct ui *ui)
{
	struct span rest = span_of(ui->o.quiet), part, half;
	int64_t minute[4];
	struct tm tm;
	time_t now = (time_t)ui_now(ui);
	int n = 0;

	while (n < 4 && span_next(&rest, '-', &part))
		while (n < 4 && span_next(&part, ':', &half))
			if (!span_to_i64(half, 0, 59, &minute[n++]))
				return false;
	if (n != 4)
		return false;
	localtime_r(&now, &tm);
	int64_t from = minute[0] * 60 + minute[1], to = minute[2] * 60 + minute[3];
	int64_t at = tm.tm_hour * 60 + tm.tm_min;
	return from <= to ? at >= from && at < to : at >= from || at < to;
}

static void ring(struct ui *ui)
{
	bool is_osc = ui->o.ring && strcmp(ui->o.ring, "osc9") == 0;

	if (!ui->terminal.ring || !ui->o.ring || strcmp(ui->o.ring, "off") == 0 || is_quiet(ui))
		return;
	/* TRANSLATORS: shown by the desktop; no name or text of a mail is in it */
	ui->terminal.ring(ui->terminal.ctx, is_osc ? _("crmail: something new") : NULL);
}

static void read_unseen(struct ui *ui)
{
	struct err e = ERR_INIT;
	int64_t had = ui->unseen;

	if (notice_unseen(ui->reader, &ui->unseen, &e))
		log_line(LOG_WARN, "ui", "notifications: %s", err_code_name(e.code));
	else if (had >= 0 && ui->unseen > had)
		ring(ui);
}

/* A pass would find it due as well, but there may be none for a while. 0 = none waits. */
static int64_t next_reminder_ms(struct ui *ui, int64_t now_ms)
{
	struct err e = ERR_INIT;
	int64_t due_at = 0;

	if (reminder_next(ui->reader, &due_at, &e)) {
		log_line(LOG_WARN, "ui", "reminders: %s", err_code_name(e.code));
		return 0;
	}
	if (!due_at || due_at * 1000 > now_ms)
		return due_at * 1000;
	reminder_tell(ui->o.store); /* its commit reads the feed again */
	return 0;
}

void status_refresh(struct ui *ui)
{
	struct err e = ERR_INIT;
	int64_t now = ui_now_ms(ui), remind_ms = next_reminder_ms(ui, now);

	arena_reset(&ui->accounts_arena);
	ui->accounts = NULL;
	ui->n_accounts = 0;
	if (account_list(ui->reader, &ui->accounts_arena, &ui->accounts, &ui->n_accounts, &e)) {
		log_line(LOG_WARN, "ui", "accounts: %s", err_code_name(e.code));
		ui->n_accounts = 0;
	}
	ui->notice = care_notice(ui->reader, &ui->accounts_arena);
	find_insecure(ui);
	read_given_up(ui);
	read_crms(ui);
	read_unseen(ui);
	/* "2 min ago" changes with the minute; nothing to show, nothing to wake up for. */
	ui->status_at_ms = ui->n_accounts > 0 ? (now / 60000 + 1) * 60000 : 0;
	if (remind_ms && (!ui->status_at_ms || remind_ms < ui->status_at_ms))
		ui->status_at_ms = remind_ms;
}

void status_progress(struct ui *ui)
{
	ui->progress[0] = '\0';
	if (!ui->o.hooks.progress ||
		!ui->o.hooks.progress(ui->o.hooks.ctx, ui->progress, sizeof(ui->progress)))
		ui->progress[0] = '\0';
}

static void add_account(const struct ui *ui, size_t i, struct buf *out)
{
	const struct account_row *a = &ui->accounts[i];

	buf_addstr(out, a->name);
	buf_addch(out, ' ');
	if (ui->is_insecure[i]) {
		/* TRANSLATORS: an account whose servers are talked to without encryption */
		buf_addstr(out, _("insecure"));
		buf_addch(out, ' ');
	}
	switch (a->status) {
	case ACCOUNT_CONNECTED:
		when_ago(out, a->last_sync_at, ui_now(ui));
		return;
	case ACCOUNT_SYNCING:
		buf_addstr(out, _("syncing"));
		return;
	case ACCOUNT_OFFLINE:
		if (!a->last_sync_at || a->error)
			buf_addstr(out, _("offline"));
		if (a->last_sync_at && a->error)
			buf_addstr(out, ", ");
		if (a->last_sync_at)
			when_ago(out, a->last_sync_at, ui_now(ui));
		return;
	case ACCOUNT_SIGN_IN:
		buf_addstr(out, _("sign-in needed"));
		return;
	case ACCOUNT_ERROR:
		buf_addstr(out, _("error"));
		return;
	case ACCOUNT_PAUSED:
		buf_addstr(out, _("paused"));
		return;
	case ACCOUNT_WAITING:
		buf_addstr(out, _("waits"));
		return;
	}
}

static void add_insecure_crm(const struct ui *ui, struct buf *out)
{
	if (!ui->insecure_crm)
		return;
	if (out->len > 0)
		buf_addstr(out, " · ");
	text_add(out, ui->insecure_crm);
	text_add(out, " ");
	text_add(out, _("insecure"));
}

static void add_unseen(const struct ui *ui, struct buf *out)
{
	if (ui->unseen <= 0)
		return;
	if (out->len > 0)
		buf_addstr(out, " · ");
	if (ui->unseen >= NOTICE_UNSEEN_MOST)
		buf_addf(out, _("%d+ new"), NOTICE_UNSEEN_MOST);
	else
		buf_addf(out, ngettext("%lld new", "%lld new", (unsigned long)ui->unseen),
			(long long)ui->unseen);
}

void status_add_line(const struct ui *ui, struct buf *out)
{
	size_t shown = 0;

	if (ui->o.is_demo) {
		buf_addstr(out, _("demo data"));
		return;
	}
	for (size_t i = 0; i < ui->n_accounts && shown < STATUS_MAX_ACCOUNTS; i++) {
		const struct account_row *a = &ui->accounts[i];

		if (strcmp(a->kind, "import") == 0)
			continue; /* has no server to be connected to */
		if (shown++ > 0)
			buf_addstr(out, " · ");
		else if (a->status != ACCOUNT_OFFLINE)
			buf_addf(out, "%s ", symbol_text(&ui->grid, SYM_SYNC));
		add_account(ui, i, out);
	}
	if (ui->n_accounts > STATUS_MAX_ACCOUNTS)
		buf_addf(out, " +%zu", ui->n_accounts - STATUS_MAX_ACCOUNTS);
	add_insecure_crm(ui, out);
	add_unseen(ui, out);
}

/* A sentence of its own, whether it ends in a full stop or in what the system said. */
static void add_sentence(struct buf *out, const char *text)
{
	size_t n = strlen(text);

	text_add(out, text);
	text_add(out, n && strchr(".!?", text[n - 1]) ? " " : ". ");
}

/* A keyring that is locked is no matter of an account whose password lies elsewhere. */
static bool waits_for_keyring(const struct ui *ui, const struct account_row *a)
{
	CLEANUP(arena_release) struct arena mine = ARENA_INIT;
	const struct ui_hooks *h = &ui->o.hooks;

	return a->status == ACCOUNT_ERROR && h->keyring &&
	       h->keyring(h->desk) == DESK_KEYRING_LOCKED &&
	       entry_is_in_keyring(account_setting(ui->reader, &mine, a->id, "secret"));
}

static void add_retry(const struct ui *ui, struct buf *out, const struct account_row *a)
{
	if (waits_for_keyring(ui, a)) {
		keymap_add_key(&ui->keymap, ACTION_UNLOCK_KEYRING, false, out);
		text_add(out, " ");
		text_add(out, _("unlocks the keyring."));
	} else {
		text_add(out, _("Ctrl-R tries again."));
	}
}

static void add_problem(const struct ui *ui, struct buf *out, const struct account_row *a)
{
	text_add(out, a->name);
	text_add(out, ": ");
	switch (a->status) {
	case ACCOUNT_SIGN_IN:
		add_sentence(out, a->error ? a->error : _("The server wants a new sign-in."));
		keymap_add_key(&ui->keymap, ACTION_GO_ACCOUNTS, false, out);
		text_add(out, " ");
		text_add(out, _("signs in again."));
		return;
	case ACCOUNT_OFFLINE:
		add_sentence(out, a->error);
		text_add(out, _("Tried again by itself; Ctrl-R: now."));
		return;
	case ACCOUNT_WAITING:
		text_add(out, a->error ? a->error : _("The server asks to slow down."));
		return;
	case ACCOUNT_ERROR:
	case ACCOUNT_CONNECTED:
	case ACCOUNT_SYNCING:
	case ACCOUNT_PAUSED:
		add_sentence(out, a->error ? a->error : _("The last pass failed."));
		add_retry(ui, out, a);
	}
}

static void add_crm_problem(const struct ui *ui, struct buf *out, const struct crm_row *c)
{
	const char *status = c->status ? c->status : "";

	text_add(out, c->name);
	text_add(out, ": ");
	add_sentence(out, c->error);
	if (!strcmp(status, "sign-in")) {
		keymap_add_key(&ui->keymap, ACTION_GO_ACCOUNTS, false, out);
		text_add(out, " ");
		text_add(out, _("signs in again."));
	} else if (!strcmp(status, "paused")) {
		text_add(out, _("Tried again by itself."));
	} else if (!strcmp(status, "offline")) {
		text_add(out, _("Tried again by itself; Ctrl-R: now."));
	} else {
		text_add(out, _("Ctrl-R tries again."));
	}
}

/* What needs the user comes before what mends itself. */
static const struct account_row *worst(const struct ui *ui)
{
	const struct account_row *mending = NULL;

	for (size_t i = 0; i < ui->n_accounts; i++) {
		const struct account_row *a = &ui->accounts[i];

		if (a->status == ACCOUNT_SIGN_IN || a->status == ACCOUNT_ERROR)
			return a;
		bool goes_on = a->status == ACCOUNT_OFFLINE || a->status == ACCOUNT_WAITING;
		if (goes_on && a->error && !mending)
			mending = a;
	}
	return mending;
}

/* The list shows again what the server has; the change waits for the user's word. */
static void add_given_up(const struct ui *ui, struct buf *out)
{
	for (size_t i = 0; i < ui->n_accounts && !out->len; i++) {
		const struct given_up *g = &ui->given_up[i];

		if (!g->n)
			continue;
		text_add(out, ui->accounts[i].name);
		text_add(out, ": ");
		add_sentence(out, g->reason ? g->reason : _("The server refused."));
		buf_addf(out,
			ngettext("%lld change was taken back; ", "%lld changes were taken back; ",
				(unsigned long)g->n),
			(long long)g->n);
		text_add(out, _("Ctrl-R tries again, :forget drops it."));
	}
}

static void add_refused(const struct ui *ui, struct buf *out)
{
	buf_addf(out,
		ngettext("The CRM refused %lld entry: ", "The CRM refused %lld entries: ",
			(unsigned long)ui->crm_refused),
		(long long)ui->crm_refused);
	keymap_add_key(&ui->keymap, ACTION_GO_ITEMS, false, out);
	text_add(out, " ");
	text_add(out, _("shows which, and why."));
}

/* What needs the user comes before what mends itself. */
static void add_crm(const struct ui *ui, struct buf *out)
{
	const struct crm_row *c = ui->crm_problem;

	if (ui->crm_refused > 0 && !(c && c->status && strcmp(c->status, "sign-in") == 0))
		add_refused(ui, out);
	else if (c)
		add_crm_problem(ui, out, c);
}

const char *status_problem(const struct ui *ui, struct buf *out)
{
	const struct account_row *a = worst(ui);
	struct err trouble = ERR_INIT;

	if (store_trouble(ui->o.store, &trouble)) {
		add_sentence(out, trouble.msg);
		text_add(out, _("Make room; it goes on by itself."));
	} else if (ui->notice) {
		text_add(out, ui->notice);
	} else if (a) {
		add_problem(ui, out, a);
	} else {
		add_given_up(ui, out);
		if (!out->len)
			add_crm(ui, out);
	}
	return out->len ? out->p : NULL;
}
