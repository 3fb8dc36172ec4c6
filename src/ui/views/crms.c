/* crms.c - see crms.h. Connecting one is crm_setup.h's. */
#include "config.h"

#include "crms.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "ui/status.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "crm_setup.h"
#include "views.h"

#define NAME_COLS 18

/* ---- reading --------------------------------------------------------------------------------- */

static void find_accounts(const struct ui *ui, struct crm_line *c)
{
	for (size_t i = 0; i < ui->n_accounts; i++) {
		if (ui->accounts[i].crm != c->row->id)
			continue;
		if (c->n_accounts++ == 0)
			c->account = ui->accounts[i].name;
	}
}

int crms_read(struct view *v, struct arena *a, struct crms *out, struct err *e)
{
	struct ui *ui = v->ui;
	struct crm_row *rows = NULL;
	size_t n = 0;

	out->n = 0;
	if (crm_list(ui->reader, a, &rows, &n, e))
		return -1;
	out->v = arena_array(a, n + 1, sizeof(*out->v));
	for (size_t i = 0; i < n; i++) {
		struct crm_line *c = &out->v[i];
		const char *secret = crm_setting(ui->reader, a, rows[i].id, "secret");

		*c = (struct crm_line){.row = &rows[i]};
		if (crm_counts(ui->reader, rows[i].id, &c->queued, &c->parked, e))
			return -1;
		find_accounts(ui, c);
		c->is_insecure = status_is_clear(rows[i].url);
		c->in_keyring = entry_is_in_keyring(secret);
		c->needs_keyring = c->in_keyring && keyring_state(ui) == DESK_KEYRING_LOCKED;
		c->is_locked = secret && !c->in_keyring &&
			       keyring_or_file(ui, secret) == DESK_SECRETS_LOCKED;
	}
	out->n = n;
	return 0;
}

/* ---- how it stands --------------------------------------------------------------------------- */

static bool is_status(const struct crm_line *c, const char *word)
{
	return c->row->status && strcmp(c->row->status, word) == 0;
}

static bool is_local(const struct crm_line *c)
{
	return !c->row->url;
}

static bool logs(const struct crm_line *c)
{
	return strcmp(c->row->log_side, "off") != 0 && strcmp(c->row->log_mode, "off") != 0;
}

static bool has_problem(const struct crm_line *c)
{
	return c->row->error || c->is_locked || c->needs_keyring || c->parked > 0 ||
	       crm_is_paused(c->row) || is_status(c, "sign-in") || c->n_accounts == 0 || !logs(c);
}

int crms_lines(const struct crm_line *c)
{
	return has_problem(c) ? 4 : 3;
}

static const char *status_words(const struct crm_line *c)
{
	static const struct {
		const char *word, *says;
	} table[] = {
		{"connected", N_("connected")},
		{"syncing", N_("syncing")},
		{"offline", N_("offline")},
		{"sign-in", N_("sign-in needed")},
		{"error", N_("error")},
		{"paused", N_("paused")},
	};

	if (is_local(c))
		return _("kept here, no server");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (is_status(c, table[i].word))
			return _(table[i].says);
	return _("offline");
}

static unsigned status_style(const struct crm_line *c)
{
	if (is_status(c, "connected") || is_status(c, "syncing"))
		return STYLE_KNOWN;
	if (is_status(c, "sign-in") || is_status(c, "error"))
		return STYLE_FAILED | STYLE_BOLD;
	return is_status(c, "paused") ? STYLE_WAITING : STYLE_DIM;
}

static const char *mode_words(const struct crm_line *c)
{
	if (!logs(c))
		return _("logs nothing");
	if (strcmp(c->row->log_mode, "replies") == 0)
		return _("logs conversations you wrote in");
	if (strcmp(c->row->log_mode, "everything") == 0)
		return _("logs everything");
	return _("logs mail with its people");
}

static void add_counts(struct buf *b, const struct crm_line *c)
{
	if (c->n_accounts > 0) {
		text_add(b, _("mail of "));
		text_add(b, c->account);
		if (c->n_accounts > 1)
			buf_addf(b, " +%zu", c->n_accounts - 1);
		text_add(b, " · ");
	}
	text_add(b, mode_words(c));
	if (c->is_insecure)
		buf_addf(b, " · %s", _("insecure, not encrypted"));
	if (c->queued > 0)
		buf_addf(b,
			ngettext(" · %lld entry waits", " · %lld entries wait",
				(unsigned long)c->queued),
			(long long)c->queued);
	if (c->parked > 0)
		buf_addf(b,
			ngettext(" · %lld refused", " · %lld refused", (unsigned long)c->parked),
			(long long)c->parked);
}

static void add_sentence(struct buf *b, const char *text)
{
	size_t n = strlen(text);

	text_add(b, text);
	text_add(b, n && strchr(".!?", text[n - 1]) ? " " : ". ");
}

/* The sentence, and the key that mends it; the worst first. */
static unsigned add_problem(const struct view *v, const struct crm_line *c, struct buf *b)
{
	enum action mends = ACTION_SYNC;
	const char *how = _("tries again.");
	unsigned style = STYLE_FAILED;

	if (crm_is_paused(c->row)) {
		add_sentence(b, _("Nothing is read or logged."));
		mends = ACTION_ACCOUNT_PAUSE;
		how = _("lets it go on.");
		style = STYLE_WAITING;
	} else if (c->is_locked) {
		add_sentence(b, _("Its password is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("opens it with your passphrase.");
	} else if (c->needs_keyring) {
		add_sentence(b, _("Its password is in the keyring, which is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("unlocks it.");
	} else if (is_status(c, "sign-in")) {
		add_sentence(b, c->row->error ? c->row->error : _("The CRM wants a new sign-in."));
		mends = ACTION_ACCOUNT_SIGN_IN;
		how = _("signs in again.");
	} else if (c->row->error) {
		add_sentence(b, c->row->error);
		style = is_status(c, "offline") || is_status(c, "paused") ? STYLE_WAITING
									  : STYLE_FAILED;
	} else if (c->parked > 0) {
		add_sentence(b, _("The CRM refused some of it."));
		mends = ACTION_GO_ITEMS;
		how = _("shows what, and why.");
	} else if (c->n_accounts == 0) {
		add_sentence(b, _("No mail belongs to it."));
		mends = ACTION_CRM_EDIT;
		how = _("says whose does.");
		style = STYLE_WAITING;
	} else {
		add_sentence(b, _("No mail is logged."));
		mends = ACTION_CRM_LOGGING;
		how = _("says what is to be.");
		style = STYLE_WAITING;
	}
	keymap_add_key(&v->ui->keymap, mends, false, b);
	text_add(b, " ");
	text_add(b, how);
	return style;
}

void crms_paint(const struct view *v, const struct crm_line *c, const struct draw *d, int row,
	bool is_current)
{
	CLEANUP(buf_release) struct buf status = BUF_INIT(256);
	CLEANUP(buf_release) struct buf counts = BUF_INIT(512);
	CLEANUP(buf_release) struct buf problem = BUF_INIT(2048);
	int end;

	text_add(&status, status_words(c));
	if (c->row->last_pull_at) {
		text_add(&status, " · ");
		when_ago(&status, c->row->last_pull_at, ui_now(v->ui));
	}
	end = draw_text_right(d, row, d->cols - 1, d->cols / 2, status_style(c), status.p);
	draw_text(d, row, 2, NAME_COLS - 1, STYLE_BOLD, c->row->name);
	draw_text(d, row, 2 + NAME_COLS, end - NAME_COLS - 3, STYLE_NORMAL,
		c->row->url ? c->row->url : c->row->profile);
	add_counts(&counts, c);
	draw_text(d, row + 1, 2, d->cols - 3, STYLE_DIM, counts.p);
	if (has_problem(c)) {
		unsigned style = add_problem(v, c, &problem);

		draw_text(d, row + 2, 2, d->cols - 3, style, problem.p);
	}
	if (is_current) {
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

/* ---- what is done ---------------------------------------------------------------------------- */

const char *crms_done_words(enum desk_kind kind)
{
	switch ((int)kind) {
	case DESK_CRM_PAUSE:
		return _("Paused: nothing is read or logged until p is pressed again.");
	case DESK_CRM_RESUME:
		return _("Going on.");
	case DESK_CRM_REMOVE:
		return _("Disconnected. Your mail stays, and so does everything in the CRM.");
	default:
		return "";
	}
}

static void removal_chosen(struct ui *ui, int64_t id, void *ctx)
{
	void (**give)(struct view * v, enum desk_kind kind, int64_t crm) = ctx;
	struct view *v = ui_top(ui);

	if (id && v->ops == &accounts_view_ops)
		(*give)(v, DESK_CRM_REMOVE, id);
}

/* Keeping comes first, so that Enter alone loses nothing; what would be lost is said with it. */
static void ask_removal(struct view *v, const struct crm_line *c,
	void (*give)(struct view *v, enum desk_kind kind, int64_t crm))
{
	CLEANUP(buf_release) struct buf title = BUF_INIT(512);
	CLEANUP(buf_release) struct buf keep = BUF_INIT(256);
	struct picker_args p = {.chosen = removal_chosen};
	void (**ctx)(struct view * v, enum desk_kind kind, int64_t crm) = xcalloc(1, sizeof(*ctx));
	int64_t waiting = c->queued + c->parked;

	*ctx = give;
	text_add(&title, _("Disconnect"));
	text_add(&title, " ");
	text_add(&title, c->row->name);
	text_add(&keep, _("keep it"));
	if (waiting > 0)
		buf_addf(&keep,
			ngettext(" (%lld entry has not reached it)",
				" (%lld entries have not reached it)", (unsigned long)waiting),
			(long long)waiting);
	p.title = title.p;
	p.ctx = ctx;
	p.items = xcalloc(2, sizeof(*p.items));
	p.items[p.n++] = (struct picker_item){xstrdup(keep.p), 0};
	p.items[p.n++] = (struct picker_item){
		xstrdup(is_local(c) ? _("remove its contacts and their links; your mail stays")
				    : _("forget its contacts here; mail stays, the CRM keeps its "
					"own")),
		c->row->id};
	ui_push(v->ui, &picker_view_ops, &p);
}

static void sign_in(struct view *v, const struct crm_line *c)
{
	CLEANUP(buf_release) struct buf title = BUF_INIT(256);
	struct secret_args args = {.crm = c->row->id};

	if (is_local(c)) {
		ui_info(v->ui, "%s", _("This CRM has no password."));
		return;
	}
	text_add(&title, _("New password for "));
	text_add(&title, c->row->name);
	args.title = title.p;
	ui_push(v->ui, &secret_view_ops, &args);
}

static void sync_now(struct view *v, const struct crm_line *c)
{
	struct ui *ui = v->ui;

	if (crm_is_paused(c->row)) {
		ui_info(ui, "%s", _("The CRM is paused: p lets it go on."));
		return;
	}
	if (ui->o.hooks.sync_now)
		ui->o.hooks.sync_now(ui->o.hooks.ctx, 0);
	ui_info(ui, "%s",
		ui->o.hooks.sync_now ? _("Asking the CRM.")
				     : _("No server is connected in this session."));
}

enum view_result crms_action(struct view *v, const struct crm_line *c, enum action act,
	void (*give)(struct view *v, enum desk_kind kind, int64_t crm))
{
	switch ((int)act) {
	case ACTION_SYNC:
		sync_now(v, c);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_PAUSE:
		give(v, crm_is_paused(c->row) ? DESK_CRM_RESUME : DESK_CRM_PAUSE, c->row->id);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_SIGN_IN:
		sign_in(v, c);
		return VIEW_HANDLED;
	case ACTION_ACCOUNT_REMOVE:
		ask_removal(v, c, give);
		return VIEW_HANDLED;
	case ACTION_CRM_EDIT:
		crm_setup_edit(v->ui, c->row->id);
		return VIEW_HANDLED;
	case ACTION_CRM_LOGGING:
		crm_logging_open(v->ui, c->row->id);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}
