/*
 * accounts_read.c - what the accounts screen knows of each account, the lines that takes, and the
 * cursor among them.
 */
#include "config.h"

#include "accounts.h"

#include <string.h>

#include "crmail/base/entry.h"
#include "crmail/store/contact.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "ui/ui_core.h"
#include "views.h"

static bool is_unsent(enum outbox_state s)
{
	return s != OUTBOX_SENT && s != OUTBOX_CANCELLED;
}

static int count(struct view *v, const struct outbox_row *rows, size_t n, size_t i, struct err *e)
{
	struct accounts_data *d = v->data;
	struct counts *c = &d->counts[i];
	struct folder_row *folders = NULL;
	int64_t id = d->v[i].id, parked = 0;
	size_t n_folders = 0;

	if (folder_list(v->ui->reader, &d->arena, id, &folders, &n_folders, e) ||
		op_counts(v->ui->reader, id, &c->ops, &parked, e))
		return -1;
	c->ops += parked;
	bool has_labels = !strcmp(d->v[i].kind, "gmail"); /* their mail lies elsewhere too */
	for (size_t k = 0; k < n_folders; k++) {
		if (has_labels && folders[k].role == FOLDER_OTHER)
			continue;
		c->messages += folders[k].total;
		c->unread += folders[k].unread;
	}
	for (size_t k = 0; k < n; k++) {
		if (rows[k].account != id || !is_unsent(rows[k].state))
			continue;
		c->unsent++;
		c->outbox += rows[k].state != OUTBOX_DRAFT;
	}
	for (size_t k = 0; k < v->ui->n_accounts; k++)
		c->is_insecure =
			c->is_insecure || (v->ui->accounts[k].id == id && v->ui->is_insecure[k]);
	c->secret = account_setting(v->ui->reader, &d->arena, id, "secret");
	c->is_locked = c->secret && !entry_is_in_keyring(c->secret) &&
		       keyring_or_file(v->ui, c->secret) == DESK_SECRETS_LOCKED;
	c->in_keyring = entry_is_in_keyring(c->secret);
	c->needs_keyring = c->in_keyring && keyring_state(v->ui) == DESK_KEYRING_LOCKED;
	c->relay = account_setting(v->ui->reader, &d->arena, id, "relay");
	c->is_grant = account_setting(v->ui->reader, &d->arena, id, "oauth");
	return 0;
}

const struct crm_line *accounts_crm(const struct accounts_data *d)
{
	return d->sel >= d->n && d->sel - d->n < d->crms.n ? &d->crms.v[d->sel - d->n] : NULL;
}

bool accounts_has_problem(const struct accounts_data *d, size_t i)
{
	return d->counts[i].is_locked || d->counts[i].needs_keyring || d->v[i].error ||
	       d->v[i].status == ACCOUNT_SIGN_IN || d->v[i].status == ACCOUNT_PAUSED;
}

int accounts_lines(const struct accounts_data *d, size_t i)
{
	return accounts_has_problem(d, i) ? 4 : 3;
}

/* A line says that CRMs follow. */
static int lines_of_row(const struct accounts_data *d, size_t row)
{
	return row < d->n ? accounts_lines(d, row) : crms_lines(&d->crms.v[row - d->n]);
}

int accounts_line_of(const struct accounts_data *d, size_t sel)
{
	int line = sel >= d->n ? 1 : 0;

	for (size_t i = 0; i < sel; i++)
		line += lines_of_row(d, i);
	return line;
}

static void keep_shown(struct view *v)
{
	struct accounts_data *d = v->data;
	size_t rows = d->n + d->crms.n;
	int at = accounts_line_of(d, d->sel), height = v->rows - 1;

	if (at < d->top)
		d->top = at;
	if (rows > 0 && at + lines_of_row(d, d->sel) > d->top + height)
		d->top = at + lines_of_row(d, d->sel) - height;
	if (d->top < 0 || d->sel == 0)
		d->top = 0;
}

/* The cursor stays on its account or CRM. */
static void keep_chosen(struct accounts_data *d, int64_t account, int64_t crm)
{
	for (size_t i = 0; account && i < d->n; i++)
		if (d->v[i].id == account)
			d->sel = i;
	for (size_t i = 0; crm && i < d->crms.n; i++)
		if (d->crms.v[i].row->id == crm)
			d->sel = d->n + i;
	if (d->sel >= d->n + d->crms.n)
		d->sel = d->n + d->crms.n > 0 ? d->n + d->crms.n - 1 : 0;
}

int accounts_read(struct view *v, struct err *e)
{
	struct accounts_data *d = v->data;
	int64_t account = d->sel < d->n ? d->v[d->sel].id : 0;
	int64_t crm = accounts_crm(d) ? accounts_crm(d)->row->id : 0;
	struct outbox_row *rows = NULL;
	size_t n_rows = 0;

	arena_reset(&d->arena);
	d->n = d->crms.n = 0;
	size_t n = 0;
	if (account_list(v->ui->reader, &d->arena, &d->v, &n, e) ||
		outbox_list(v->ui->reader, &d->arena, &rows, &n_rows, e))
		return -1;
	d->counts = arena_array(&d->arena, n + 1, sizeof(*d->counts));
	memset(d->counts, 0, (n + 1) * sizeof(*d->counts));
	for (size_t i = 0; i < n; i++)
		if (count(v, rows, n_rows, i, e))
			return -1;
	if (crms_read(v, &d->arena, &d->crms, e))
		return -1;
	d->n = n;
	keep_chosen(d, account, crm);
	keep_shown(v);
	return 0;
}
