/*
 * contact_form.c - a contact's fields: of somebody new, filled in from the mail, or of one that the
 * CRM has. Who may be the same person is shown before anything is saved [R37].
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/fold.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/signature.h"
#include "crmail/store/activity.h"
#include "crmail/store/contact.h"
#include "ui/jobs.h"
#include "ui/ui_core.h"
#include "body.h"
#include "form_view.h"
#include "views.h"

#define PARTNERS_MOST 2000 /* to choose from */
#define SAME_MOST 50       /* people whose name holds that name, looked through */

enum field {
	C_FIRST,
	C_LAST,
	C_TITLE,
	C_EMAIL,
	C_OTHERS,
	C_PHONE,
	C_PHONES,
	C_PARTNER,
	C_SAVE,
	C_COUNT
};

static const struct form_field fields[C_COUNT] = {
	[C_FIRST] = {FORM_TEXT, N_("First name")},
	[C_LAST] = {FORM_TEXT, N_("Last name")},
	[C_TITLE] = {FORM_TEXT, N_("Job"), .hint = N_("As on the business card.")},
	[C_EMAIL] = {FORM_TEXT, N_("Email")},
	[C_OTHERS] = {FORM_TEXT, N_("Other addresses"), .hint = N_("With commas between them.")},
	[C_PHONE] = {FORM_TEXT, N_("Phone")},
	[C_PHONES] = {FORM_TEXT, N_("Other phones"), .hint = N_("With commas between them.")},
	[C_PARTNER] = {FORM_TEXT, N_("Partner"),
		.hint = N_("The company. Ctrl-T shows those of the CRM.")},
	[C_SAVE] = {FORM_BUTTON, N_("Save")},
};

/* Names as in record.h. */
static const char *const names[C_SAVE] = {
	[C_FIRST] = "first_name",
	[C_LAST] = "last_name",
	[C_TITLE] = "title",
	[C_EMAIL] = "email",
	[C_OTHERS] = "other_emails",
	[C_PHONE] = "phone",
	[C_PHONES] = "other_phones",
	[C_PARTNER] = "partner",
};

struct contact_form {
	struct form_view f; /* first: see form_view.h */
	int64_t crm, account;
	int64_t contact;      /* 0 = a new one */
	int64_t partner;      /* of the name in C_PARTNER, when the CRM has it; 0 = none */
	bool is_name_allowed; /* the user was told of people of the same name */
};

struct contact_args {
	int64_t crm, account, contact;
	const struct form_stranger *stranger;
};

/* ---- partner --------------------------------------------------------------------------------- */

static bool is_same_name(const char *a, const char *b)
{
	CLEANUP(buf_release) struct buf x = BUF_INIT(BUF_UNLIMITED), y = BUF_INIT(BUF_UNLIMITED);

	fold_plain(&x, a, strlen(a));
	fold_plain(&y, b, strlen(b));
	return strcmp(x.p, y.p) == 0;
}

/* The partner whose name stands in the field. */
static void find_partner(struct view *v)
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

static void set_partner(struct view *v, int64_t id)
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
static int64_t partner_by_domain(struct view *v, const char *domain)
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
	set_partner(v, id);
	((struct contact_form *)v->data)->f.form.v[C_PARTNER].is_touched = true;
	view_mark(v, DIRTY_RECALC);
}

static void pick_partner(struct view *v)
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
static const struct contact_row *owner_of(struct view *v, struct arena *a, const char *addr)
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
static bool add_namesakes(struct view *v, struct buf *out)
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
static void say_what_is_known(struct view *v)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release)
	struct buf note = BUF_INIT(FORM_NOTE_MAX), same = BUF_INIT(FORM_NOTE_MAX);
	const char *partner = form_value(&d->f.form, C_PARTNER),
		   *email = form_value(&d->f.form, C_EMAIL);
	const struct contact_row *owner = email ? owner_of(v, &a, email) : NULL;

	if (owner)
		add_person(&same, owner);
	if (owner || add_namesakes(v, &same))
		/* TRANSLATORS: the placeholder is one person or several */
		buf_addf(&note, _("In the CRM already: %s."), same.p);
	if (partner && !d->partner) {
		text_add(&note, note.len ? " " : "");
		text_add(&note, _("This partner is new: it is made with the contact."));
	}
	form_view_say(&d->f, note.p);
}

static void contact_changed(struct view *v, size_t field)
{
	struct contact_form *d = v->data;

	if (field <= C_LAST && field == d->f.form.cur)
		d->is_name_allowed = false;
	if (field == d->f.form.cur && field != C_PARTNER)
		return; /* what is being typed is looked up when it is left */
	if (field == C_PARTNER)
		find_partner(v);
	if (field <= C_LAST || field == C_EMAIL || field == C_PARTNER)
		say_what_is_known(v);
}

/* ---- filling in ------------------------------------------------------------------------------ */

static void fill(struct contact_form *d, enum field field, const char *text)
{
	if (text && !d->f.form.v[field].is_touched)
		form_set(&d->f.form, field, text);
}

static void fill_list(struct contact_form *d, enum field field, const char *const *v, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(2000);

	for (size_t i = 0; i < n; i++) {
		text_add(&b, b.len ? ", " : "");
		text_add(&b, v[i]);
	}
	fill(d, field, b.len ? b.p : NULL);
}

static void fill_partner(struct view *v, const struct signature *s)
{
	struct contact_form *d = v->data;
	const char *email = form_value(&d->f.form, C_EMAIL);
	int64_t id = email ? partner_by_domain(v, addr_domain(email)) : 0;

	if (d->f.form.v[C_PARTNER].is_touched || d->partner)
		return;
	if (!id && s->host)
		id = partner_by_domain(v, s->host);
	if (id) {
		set_partner(v, id);
		return;
	}
	fill(d, C_PARTNER, s->company);
	find_partner(v);
	if (!d->partner &&
		!(record_abilities(v->ui->reader, d->crm) & RECORD_CAN_CREATE << RECORD_PARTNER) &&
		!d->f.form.v[C_PARTNER].is_touched)
		form_set(&d->f.form, C_PARTNER, "");
}

/* What was typed meanwhile stays. */
static void fill_from(struct view *v, const struct signature *s)
{
	struct contact_form *d = v->data;

	if (s->first_name || s->last_name) {
		fill(d, C_FIRST, s->first_name ? s->first_name : "");
		fill(d, C_LAST, s->last_name ? s->last_name : "");
	}
	fill(d, C_TITLE, s->title);
	fill(d, C_PHONE, s->n_phones > 0 ? s->phones[0] : NULL);
	if (s->n_phones > 1 && !d->f.form.v[C_PHONES].is_hidden)
		fill_list(d, C_PHONES, s->phones + 1, s->n_phones - 1);
	fill_list(d, C_OTHERS, s->addrs, s->n_addrs);
	fill_partner(v, s);
	say_what_is_known(v);
}

/* At once from the name and the domain; the mail's text is read by the reader thread. */
static void fill_from_stranger(struct view *v, const struct form_stranger *s)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct signature_in in = {.from = {s->name, s->addr}};
	struct signature known;

	fill(d, C_EMAIL, s->addr);
	signature_read(&a, &in, &known);
	fill_from(v, &known);
	if (s->message)
		ui_submit(v, &open_job_new(JOB_KEEP, 0, s->message, 0)->job);
}

static void contact_reply(struct view *v, struct job *j)
{
	const struct open_job *o = (struct open_job *)j;
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	if (j->err.code == ERR_NONE && o->n_bodies > 0) {
		const struct message *m = &o->bodies[0]->m;
		struct signature_in in = {
			.blocks = o->bodies[0]->doc.blocks, .n_blocks = o->bodies[0]->doc.n_blocks};
		struct signature s;

		if (m->from.n > 0)
			in.from = m->from.v[0];
		if (m->reply_to.n == 1)
			in.reply_to = m->reply_to.v[0];
		signature_read(&a, &in, &s);
		/* A mail of somebody else tells nothing of whom it was sent to. */
		if (in.from.addr && form_value(&d->f.form, C_EMAIL) &&
			addr_same(in.from.addr, form_value(&d->f.form, C_EMAIL)))
			fill_from(v, &s);
	}
	j->free(j);
	view_mark(v, DIRTY_RECALC);
}

static void fill_from_record(struct view *v)
{
	struct contact_form *d = v->data;
	int64_t partner = 0;

	for (size_t i = 0; i < C_SAVE; i++) {
		const char *text = record_shown(v->ui->reader, &d->f.arena, RECORD_CONTACT,
			d->contact, names[i]);

		form_set(&d->f.form, i, text && i != C_PARTNER ? text : "");
		if (i != C_PARTNER)
			continue;
		d->partner = 0;
		if (text && str_to_i64(text, 1, INT64_MAX, &partner))
			set_partner(v, partner);
	}
}

/* ---- saving ---------------------------------------------------------------------------------- */

static bool is_address(const char *s)
{
	const char *at = strchr(s, '@');

	return at && at != s && at[1] && !strchr(at + 1, '@') && !strpbrk(s, " ,;<>");
}

/* One that was shared before may stay so. */
static bool check_owner(struct view *v, enum field field, const char *addr)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct contact_row *owner;

	if (d->contact && !d->f.form.v[field].is_touched)
		return true;
	owner = owner_of(v, &a, addr);
	if (!owner)
		return true;
	/* TRANSLATORS: the placeholders are a person's name and an address */
	return form_refuse(&d->f.form, field,
		arena_printf(&a, _("%s has this address already: %s"), owner->name, addr));
}

static bool check_addresses(struct view *v)
{
	struct contact_form *d = v->data;
	struct form *f = &d->f.form;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *email = form_value(f, C_EMAIL);
	struct span rest = span_of(form_value(f, C_OTHERS)), one;

	if (email && !is_address(email))
		return form_refuse(f, C_EMAIL, _("This needs an address, as laura@example.com."));
	if (email && !check_owner(v, C_EMAIL, email))
		return false;
	while (span_next(&rest, ',', &one)) {
		const char *addr = arena_strndup(&a, span_trim(one).p, span_trim(one).len);

		if (!*addr)
			continue;
		if (!is_address(addr))
			return form_refuse(f, C_OTHERS,
				arena_printf(&a, _("This is no address: %s"), addr));
		if (!check_owner(v, C_OTHERS, addr))
			return false;
	}
	return true;
}

/* The second time it is meant. */
static bool check_name(struct view *v)
{
	struct contact_form *d = v->data;
	CLEANUP(buf_release) struct buf same = BUF_INIT(FORM_NOTE_MAX);

	if (!form_value(&d->f.form, C_FIRST) && !form_value(&d->f.form, C_LAST))
		return form_refuse(&d->f.form, C_LAST, _("A name is needed."));
	if (d->contact || d->is_name_allowed || !add_namesakes(v, &same))
		return true;
	d->is_name_allowed = true;
	return form_refuse(&d->f.form, C_LAST,
		_("A known name: Alt-S once more makes another contact."));
}

static bool check_partner(struct view *v)
{
	struct contact_form *d = v->data;

	if (!form_value(&d->f.form, C_PARTNER) || d->partner ||
		record_abilities(v->ui->reader, d->crm) & RECORD_CAN_CREATE << RECORD_PARTNER)
		return true;
	return form_refuse(&d->f.form, C_PARTNER,
		_("No such partner, and the CRM takes no new ones (Ctrl-T)."));
}

static const char *value_of(struct contact_form *d, size_t field)
{
	const char *text = form_value(&d->f.form, field);

	if (field != C_PARTNER || !text)
		return text;
	if (d->partner)
		return arena_printf(&d->f.arena, "%lld", (long long)d->partner);
	return arena_printf(&d->f.arena, "new:%s", text);
}

static void contact_save(struct view *v)
{
	struct contact_form *d = v->data;
	struct store *s = v->ui->o.store;
	struct record_field out[C_SAVE];
	size_t n = 0;

	find_partner(v);
	say_what_is_known(v);
	if (!check_name(v) || !check_addresses(v) || !check_partner(v))
		return;
	for (size_t i = 0; i < C_SAVE; i++)
		if (!d->f.form.v[i].is_hidden && (d->contact || form_value(&d->f.form, i)))
			out[n++] = (struct record_field){names[i], value_of(d, i)};
	if (d->contact)
		form_view_done(v, record_edit(s, RECORD_CONTACT, d->contact, out, n),
			_("Contact changed."));
	else
		form_view_done(v, record_create(s, d->crm, RECORD_CONTACT, out, n),
			_("Contact made."));
}

/* ---- the view -------------------------------------------------------------------------------- */

static int contact_open(struct view *v, const void *args, struct err *e)
{
	const struct contact_args *a = args;
	struct contact_form *d = v->data;

	(void)e;
	form_view_init(v, fields, C_COUNT);
	d->crm = a->crm;
	d->account = a->account;
	d->contact = a->contact;
	d->f.title = d->contact ? N_("Contact") : N_("New contact");
	d->f.save = contact_save;
	d->f.changed = contact_changed;
	/* No profile has a place for more than one. */
	d->f.form.v[C_PHONES].is_hidden =
		!(record_abilities(v->ui->reader, d->crm) & RECORD_IS_LOCAL);
	if (d->contact)
		fill_from_record(v);
	else
		fill_from_stranger(v, a->stranger);
	return 0;
}

/* What came or was taken back meanwhile, as long as nothing was typed. */
static void contact_event(struct view *v, const struct event *ev)
{
	struct contact_form *d = v->data;

	if (ev->type != EV_CONTACTS || !d->contact || form_is_touched(&d->f.form))
		return;
	fill_from_record(v);
	view_mark(v, DIRTY_RECALC);
}

static enum view_result contact_action(struct view *v, enum action act)
{
	const struct contact_form *d = v->data;

	if (act != ACTION_FORM_PICK)
		return form_view_action(v, act);
	if (d->f.form.cur == C_PARTNER)
		pick_partner(v);
	else
		ui_info(v->ui, "%s", _("Ctrl-T chooses a partner, in its field."));
	return VIEW_HANDLED;
}

static const struct view_ops contact_form_ops = {
	.name = "contact-form",
	.where = WHERE_FORM,
	.data_size = sizeof(struct contact_form),
	.hints = form_view_hints,
	.open = contact_open,
	.close = form_view_close,
	.event = contact_event,
	.reply = contact_reply,
	.key = form_view_key,
	.action = contact_action,
	.recalc = form_view_recalc,
	.paint = form_view_paint,
	.cursor = form_view_cursor,
	.title = form_view_title,
};

static void open_new(struct ui *ui, const struct contact_args *a)
{
	if (form_view_may(ui, a->crm, RECORD_CONTACT, RECORD_CAN_CREATE))
		ui_push(ui, &contact_form_ops, a);
}

static void crm_chosen(struct ui *ui, int64_t id, void *ctx)
{
	static const struct form_stranger nobody = {.addr = NULL};
	struct contact_args a = {.crm = id, .stranger = &nobody};

	(void)ctx;
	open_new(ui, &a);
}

/* Of nobody's mail: in the only CRM, or in the one that is chosen. */
static void open_blank(struct ui *ui)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct picker_args pick = {.title = _("In which CRM"), .chosen = crm_chosen};
	struct crm_row *v = NULL;
	struct err e = ERR_INIT;

	if (crm_list(ui->reader, &a, &v, &pick.n, &e)) {
		ui_error(ui, &e);
		return;
	}
	if (pick.n < 2) {
		crm_chosen(ui, pick.n ? v[0].id : 0, NULL);
		return;
	}
	pick.items = xcalloc(pick.n, sizeof(*pick.items));
	for (size_t i = 0; i < pick.n; i++)
		pick.items[i] = (struct picker_item){xstrdup(v[i].name), v[i].id};
	ui_push(ui, &picker_view_ops, &pick);
}

void form_contact_new_open(struct ui *ui, const struct form_stranger *s)
{
	const struct account_row *account = ui_account(ui, s->account);
	struct contact_args a = {
		.crm = account ? account->crm : 0, .account = s->account, .stranger = s};

	if (s->account)
		open_new(ui, &a);
	else
		open_blank(ui);
}

void form_contact_edit_open(struct ui *ui, int64_t contact)
{
	struct contact_args a = {
		.crm = record_crm(ui->reader, RECORD_CONTACT, contact), .contact = contact};

	if (conflict_open_of(ui, RECORD_CONTACT, contact))
		return;
	if (form_view_may(ui, a.crm, RECORD_CONTACT, RECORD_CAN_EDIT))
		ui_push(ui, &contact_form_ops, &a);
}
