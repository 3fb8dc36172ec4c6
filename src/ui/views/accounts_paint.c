/* accounts_paint.c - the lines of each account, and below them the CRMs. */
#include "config.h"

#include "accounts.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/account.h"
#include "ui/draw.h"
#include "ui/ui_core.h"
#include "ui/when.h"
#include "views.h"

#define NAME_COLS 18
#define KIND_COLS 9

static const char *status_words(const struct account_row *a)
{
	if (strcmp(a->kind, "import") == 0)
		return _("kept here, no server");
	switch (a->status) {
	case ACCOUNT_OFFLINE:
		return _("offline");
	case ACCOUNT_CONNECTED:
		return _("connected");
	case ACCOUNT_SYNCING:
		return _("syncing");
	case ACCOUNT_SIGN_IN:
		return _("sign-in needed");
	case ACCOUNT_ERROR:
		return _("error");
	case ACCOUNT_PAUSED:
		return _("paused");
	case ACCOUNT_WAITING:
		return _("waits");
	}
	return "";
}

static unsigned status_style(enum account_status s)
{
	switch (s) {
	case ACCOUNT_CONNECTED:
	case ACCOUNT_SYNCING:
		return STYLE_KNOWN;
	case ACCOUNT_SIGN_IN:
	case ACCOUNT_ERROR:
		return STYLE_FAILED | STYLE_BOLD;
	case ACCOUNT_PAUSED:
	case ACCOUNT_WAITING:
		return STYLE_WAITING;
	case ACCOUNT_OFFLINE:
		break;
	}
	return STYLE_DIM;
}

/* Nothing is asked of the person. */
static bool mends_itself(enum account_status s)
{
	return s == ACCOUNT_PAUSED || s == ACCOUNT_OFFLINE || s == ACCOUNT_WAITING;
}

static const char *place_words(const struct counts *c)
{
	if (c->is_grant)
		return c->in_keyring ? _("sign-in in the keyring") : _("sign-in in the file");
	return c->in_keyring ? _("password in the keyring") : _("password in the file");
}

static void add_counts(struct buf *b, const struct counts *c)
{
	buf_addf(b, ngettext("%lld message", "%lld messages", (unsigned long)c->messages),
		(long long)c->messages);
	buf_addf(b, ngettext(", %lld unread", ", %lld unread", (unsigned long)c->unread),
		(long long)c->unread);
	if (c->ops > 0)
		buf_addf(b,
			ngettext(" · %lld change waits", " · %lld changes wait",
				(unsigned long)c->ops),
			(long long)c->ops);
	if (c->secret)
		buf_addf(b, " · %s", place_words(c));
	if (c->relay) {
		buf_addf(b, " · %s ", _("sends through"));
		text_add(b, c->relay);
	}
	if (c->is_insecure)
		buf_addf(b, " · %s", _("insecure, not encrypted"));
	if (c->outbox > 0)
		buf_addf(b,
			ngettext(" · %lld mail in the outbox", " · %lld mails in the outbox",
				(unsigned long)c->outbox),
			(long long)c->outbox);
}

/* The sentence, and the key that mends it. */
static void add_problem(const struct view *v, size_t i, struct buf *b)
{
	const struct accounts_data *d = v->data;
	const struct account_row *a = &d->v[i];
	enum action mends = ACTION_SYNC;
	const char *how = _("tries again.");

	if (a->status == ACCOUNT_PAUSED) {
		text_add(b, _("Nothing is fetched or sent."));
		mends = ACTION_ACCOUNT_PAUSE;
		how = _("lets it go on.");
	} else if (d->counts[i].is_locked) {
		text_add(b, _("Its password is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("opens it with your passphrase.");
	} else if (d->counts[i].needs_keyring) {
		text_add(b, _("Its password is in the keyring, which is locked."));
		mends = ACTION_ACCOUNT_UNLOCK;
		how = _("unlocks it.");
	} else if (a->status == ACCOUNT_SIGN_IN) {
		text_add(b, a->error ? a->error : _("The server wants a new sign-in."));
		mends = ACTION_ACCOUNT_SIGN_IN;
		how = _("signs in again.");
	} else {
		text_add(b, a->error);
		if (a->status == ACCOUNT_WAITING)
			return; /* no key hurries it */
	}
	text_add(b, " ");
	keymap_add_key(&v->ui->keymap, mends, false, b);
	text_add(b, " ");
	text_add(b, how);
}

static void paint_account(const struct view *v, size_t i, const struct draw *d, int row)
{
	const struct accounts_data *p = v->data;
	const struct account_row *a = &p->v[i];
	CLEANUP(buf_release) struct buf status = BUF_INIT(256);
	CLEANUP(buf_release) struct buf counts = BUF_INIT(256);
	CLEANUP(buf_release) struct buf problem = BUF_INIT(2048);
	int end;

	text_add(&status, status_words(a));
	if (a->last_sync_at) {
		text_add(&status, " · ");
		when_ago(&status, a->last_sync_at, ui_now(v->ui));
	}
	end = draw_text_right(d, row, d->cols - 1, d->cols / 2, status_style(a->status), status.p);
	draw_text(d, row, 2, NAME_COLS - 1, STYLE_BOLD, a->name);
	draw_text(d, row, 2 + NAME_COLS, KIND_COLS - 1, STYLE_DIM, a->kind);
	draw_text(d, row, 2 + NAME_COLS + KIND_COLS, end - NAME_COLS - KIND_COLS - 3, STYLE_NORMAL,
		a->email);
	add_counts(&counts, &p->counts[i]);
	draw_text(d, row + 1, 2, d->cols - 3, STYLE_DIM, counts.p);
	if (accounts_has_problem(p, i)) {
		add_problem(v, i, &problem);
		draw_text(d, row + 2, 2, d->cols - 3,
			mends_itself(a->status) ? STYLE_WAITING : STYLE_FAILED, problem.p);
	}
	if (i == p->sel) {
		draw_symbol(d, row, 0, STYLE_ACCENT, SYM_CURRENT);
		draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}

static void paint_crms(const struct view *v, const struct draw *part, int row)
{
	const struct accounts_data *p = v->data;

	draw_text(part, row++, 2, part->cols - 3, STYLE_DIM,
		p->crms.n > 0 ? _("CRMs") : _("No CRM is connected. C connects one."));
	for (size_t i = 0; i < p->crms.n && row < part->rows; i++) {
		if (row + crms_lines(&p->crms.v[i]) > 0)
			crms_paint(v, &p->crms.v[i], part, row, p->n + i == p->sel);
		row += crms_lines(&p->crms.v[i]);
	}
}

void accounts_paint(const struct view *v, const struct draw *d)
{
	const struct accounts_data *p = v->data;
	struct draw part = draw_part(d, 1, 0, d->rows - 1, d->cols);
	int row = -p->top;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (p->n == 0) {
		draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD,
			_("No account is connected yet."));
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM, _("a connects one."));
		row = d->rows / 3 + 2;
	}
	for (size_t i = 0; i < p->n && row < part.rows; i++) {
		if (row + accounts_lines(p, i) > 0)
			paint_account(v, i, &part, row);
		row += accounts_lines(p, i);
	}
	paint_crms(v, &part, row);
}
