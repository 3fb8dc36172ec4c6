/*
 * contact_known.c - whom and which partner the CRM has already, for a contact's form: by name, by
 * address, by the domain of an address [R37].
 */
#include "config.h"

#include "contact_form.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"
#include "crmail/store/activity.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "views.h"

#define PARTNERS_MOST 2000 /* to choose from */
#define SAME_MOST 50       /* people whose name holds that name, looked through */

/* ---- partner --------------------------------------------------------------------------------- */

static bool is_same_name(const char *a, const char *b)
{
	CLEANUP(buf_release) struct buf x = BUF_INIT(BUF_UNLIMITED), y = BUF_INIT(BUF_UNLIMITED);

	fold_plain(&x, a, strlen(a));
	fold_plain(&y, b, strlen(b));
	return strcmp(x.p, y.p) == 0;
}

/* The partner whose name stands in the field. */
void contact_form_find_partner(struct view *v)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *name = form_value(&d->f.form, C_PARTNER);
	struct partner_row *p = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	d->partner = 0;
	if (!name)
		return;
	if (partner_list(v->ui->reader, &a, name, PARTNERS_MOST, &p, &n, &e))
		ui_error(v->ui, &e);
	for (size_t i = 0; i < n && !d->partner; i++)
		if (p[i].crm == d->crm && is_same_name(p[i].name, name))
			d->partner = p[i].id;
}

void contact_form_set_partner(struct view *v, int64_t id)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct partner_row *p = NULL;
	struct err e = ERR_INIT;

	if (!id || partner_get(v->ui->reader, &a, id, &p, &e) || !p)
		return;
	form_set(&d->f.form, C_PARTNER, p->name);
	d->partner = id;
}

/* By the domain of an address: the longest one that a partner has. */
int64_t contact_form_partner_by_domain(struct view *v, const char *domain)
{
	const struct contact_form *d = v->data;
	CLEANUP(buf_release) struct buf any = BUF_INIT(1000), norm = BUF_INIT(1000);
	const char *at;
	struct found_row row;
	struct err e = ERR_INIT;

	buf_addstr(&any, "x@");
	text_add(&any, domain);
	addr_normalise(&norm, any.p, false);
	at = addr_domain(norm.p);
	for (; strchr(at, '.'); at = strchr(at, '.') + 1)
		if (partners_of_domain(v->ui->reader, d->crm, at, &row, 1, &e) == 1)
			return row.id;
	return 0;
}

static void partner_chosen(struct ui *ui, int64_t id, void *ctx)
{
	struct view *v = ui_top(ui);

	if (v->id != *(const int64_t *)ctx)
		return;
	contact_form_set_partner(v, id);
	((struct contact_form *)v->data)->f.form.v[C_PARTNER].is_touched = true;
	view_mark(v, DIRTY_RECALC);
}

void contact_form_pick_partner(struct view *v)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct picker_args pick = {.title = _("Partner"), .chosen = partner_chosen};
	struct partner_row *p = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int64_t *id = xcalloc(1, sizeof(*id));

	if (partner_list(v->ui->reader, &a, "", PARTNERS_MOST, &p, &n, &e))
		ui_error(v->ui, &e);
	*id = v->id;
	pick.ctx = id;
	pick.items = xcalloc(n + 1, sizeof(*pick.items));
	for (size_t i = 0; i < n; i++)
		if (p[i].crm == d->crm)
			pick.items[pick.n++] = (struct picker_item){xstrdup(p[i].name), p[i].id};
	ui_push(v->ui, &picker_view_ops, &pick);
}

/* ---- the same person ------------------------------------------------------------------------- */

static void add_person(struct buf *out, const struct contact_row *c)
{
	if (out->len > 0)
		text_add(out, "; ");
	text_add(out, c->name);
	if (c->partner_name)
		text_add(out, ", "), text_add(out, c->partner_name);
	if (c->n_emails > 0)
		text_add(out, " <"), text_add(out, c->emails[0]), text_add(out, ">");
}

/* A contact other than this one that has an address; NULL = none. */
const struct contact_row *contact_form_owner(struct view *v, struct arena *a, const char *addr)
{
	const struct contact_form *d = v->data;
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	struct found_row found[2];
	struct contact_row *c = NULL;
	struct err e = ERR_INIT;
	int n;

	addr_normalise(&norm, addr, true);
	n = contacts_of_address(v->ui->reader, d->crm, norm.p, found, 2, &e);
	for (int i = 0; i < n; i++)
		if (found[i].id != d->contact &&
			!contact_get(v->ui->reader, a, found[i].id, &c, &e) && c)
			return c;
	return NULL;
}

static const char *full_name(struct arena *a, const struct form *f)
{
	const char *first = form_value(f, C_FIRST), *last = form_value(f, C_LAST);

	if (first && last)
		return arena_printf(a, "%s %s", first, last);
	return first ? first : last;
}

/* Contacts of that very name, as "Laura Palmer, Dafaneto <...>"; false: there is none. */
bool contact_form_add_namesakes(struct view *v, struct buf *out)
{
	const struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *name = full_name(&a, &d->f.form);
	struct contact_row *c = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	if (!name || contact_list(v->ui->reader, &a, name, 0, SAME_MOST, &c, &n, &e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (c[i].crm == d->crm && c[i].id != d->contact && is_same_name(c[i].name, name))
			add_person(out, &c[i]);
	return out->len > 0;
}

/* The line below the fields. */
void contact_form_say_known(struct view *v)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release)
	struct buf note = BUF_INIT(FORM_NOTE_MAX), same = BUF_INIT(FORM_NOTE_MAX);
	const char *partner = form_value(&d->f.form, C_PARTNER),
		   *email = form_value(&d->f.form, C_EMAIL);
	const struct contact_row *owner = email ? contact_form_owner(v, &a, email) : NULL;

	if (owner)
		add_person(&same, owner);
	if (owner || contact_form_add_namesakes(v, &same))
		/* TRANSLATORS: the placeholder is one person or several */
		buf_addf(&note, _("In the CRM already: %s."), same.p);
	if (partner && !d->partner) {
		text_add(&note, note.len ? " " : "");
		text_add(&note, _("This partner is new: it is made with the contact."));
	}
	form_view_say(&d->f, note.p);
}
