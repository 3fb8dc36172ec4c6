/* crm_setup.c - "Which CRM?": the list of profiles, the CRMs there are already, or skip. */
#include "config.h"

#include "crm_setup.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "order.h"
#include "views.h"

#define SKIPPED 0
#define FIRST_CRM ((int64_t)1 << 32) /* ids of CRMs in the list; below it, places of profiles */

struct choice_ctx {
	int64_t account;
};

static int read_profiles(struct ui *ui, struct arena *a, struct desk_profile **v, size_t *n,
	struct err *e)
{
	const struct ui_hooks *h = &ui->o.hooks;

	*n = 0;
	return h->profiles ? h->profiles(h->desk, NULL, a, v, n, e) : 0;
}

static void use_profile(struct ui *ui, size_t place, int64_t account)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_setup_args args = {.account = account};
	struct desk_profile *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (read_profiles(ui, &a, &v, &n, &e))
		ui_error(ui, &e);
	if (place >= n)
		return;
	args.profile = v[place].name;
	ui_push(ui, &crm_setup_view_ops, &args);
}

/* The form of that CRM, where the account is one more line. */
static void use_crm(struct ui *ui, int64_t crm, int64_t account)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_row *row = NULL;
	struct err e = ERR_INIT;

	if (crm_get(ui->reader, &a, crm, &row, &e))
		ui_error(ui, &e);
	if (!row)
		return;
	const struct crm_setup_args args = {
		.profile = row->profile, .crm = crm, .account = account};

	ui_push(ui, &crm_setup_view_ops, &args);
}

static void chosen(struct ui *ui, int64_t id, void *ctx)
{
	const struct choice_ctx *c = ctx;

	if (id == SKIPPED)
		ui_info(ui, "%s", _("No CRM for now: g A, then C, connects one."));
	else if (id >= FIRST_CRM)
		use_crm(ui, id - FIRST_CRM, c->account);
	else
		use_profile(ui, (size_t)(id - 1), c->account);
}

static void add_item(struct picker_args *p, int64_t id, const char *before, const char *name)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(512);

	text_add(&b, before);
	text_add(&b, name);
	p->items[p->n++] = (struct picker_item){xstrdup(b.p), id};
}

void crm_setup_start(struct ui *ui, int64_t account)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct picker_args p = {.title = _("Which CRM?"), .chosen = chosen};
	struct desk_profile *v = NULL;
	struct crm_row *crms = NULL;
	struct choice_ctx *ctx;
	struct err e = ERR_INIT;
	size_t n = 0, n_crms = 0;

	if (read_profiles(ui, &a, &v, &n, &e) || crm_list(ui->reader, &a, &crms, &n_crms, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (n == 0) {
		if (!account)
			ui_info(ui, "%s", _("No CRM can be connected in this session."));
		return;
	}
	p.items = xcalloc(n + n_crms + 1, sizeof(*p.items));
	for (size_t i = 0; account && i < n_crms; i++)
		add_item(&p, FIRST_CRM + crms[i].id, _("the one connected already: "),
			crms[i].name);
	for (size_t i = 0; i < n; i++)
		add_item(&p, (int64_t)i + 1, "", v[i].title);
	add_item(&p, SKIPPED, "", _("none for now"));
	ctx = xcalloc(1, sizeof(*ctx));
	ctx->account = account;
	p.ctx = ctx;
	ui_push(ui, &picker_view_ops, &p);
}

void crm_setup_edit(struct ui *ui, int64_t crm)
{
	use_crm(ui, crm, 0);
}

void crm_logging_open(struct ui *ui, int64_t crm)
{
	ui_push(ui, &crm_logging_view_ops, &crm);
}
