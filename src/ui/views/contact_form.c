/*
 * contact_form.c - a contact's fields: of somebody new, filled in from the mail, or of one that the
 * CRM has. Who may be the same person is shown before anything is saved [R37].
 */
#include "config.h"

#include "contact_form.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"
#include "ui/ui_core.h"
#include "views.h"

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

struct contact_args {
	int64_t crm, account, contact;
	const struct form_stranger *stranger;
};

static void contact_changed(struct view *v, size_t field)
{
	struct contact_form *d = v->data;

	if (field <= C_LAST && field == d->f.form.cur)
		d->is_name_allowed = false;
	if (field == d->f.form.cur && field != C_PARTNER)
		return; /* what is being typed is looked up when it is left */
	if (field == C_PARTNER)
		contact_form_find_partner(v);
	if (field <= C_LAST || field == C_EMAIL || field == C_PARTNER)
		contact_form_say_known(v);
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
			contact_form_set_partner(v, partner);
	}
}

/* ---- saving ---------------------------------------------------------------------------------- */

static bool is_address(const char *s)
{
	const char *at = strchr(s, '@');

	return at && at != s && at[1] && !strchr(at + 1, '@') && !strpbrk(s, " ,;<>");
}

/* One that was shared before may stay so. */
static bool check_owner(struct view *v, enum contact_field field, const char *addr)
{
	struct contact_form *d = v->data;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct contact_row *owner;

	if (d->contact && !d->f.form.v[field].is_touched)
		return true;
	owner = contact_form_owner(v, &a, addr);
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
	if (d->contact || d->is_name_allowed || !contact_form_add_namesakes(v, &same))
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

	contact_form_find_partner(v);
	contact_form_say_known(v);
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
		contact_form_fill(v, a->stranger);
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
		contact_form_pick_partner(v);
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
	.reply = contact_form_reply,
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
