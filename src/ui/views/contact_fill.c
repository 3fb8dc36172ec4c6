/* contact_fill.c - a contact's form filled in from a mail: its sender, and how it is signed. */
#include "config.h"

#include "contact_form.h"

#include <stdlib.h>

#include "crmail/base/buf.h"
#include "crmail/mail/signature.h"
#include "crmail/store/contact.h"
#include "ui/jobs.h"
#include "ui/ui_core.h"
#include "body.h"
#include "views.h"

static void fill(struct contact_form *d, enum contact_field field, const char *text)
{
	if (text && !d->f.form.v[field].is_touched)
		form_set(&d->f.form, field, text);
}

static void fill_list(struct contact_form *d, enum contact_field field, const char *const *v,
	size_t n)
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
	int64_t id = email ? contact_form_partner_by_domain(v, addr_domain(email)) : 0;

	if (d->f.form.v[C_PARTNER].is_touched || d->partner)
		return;
	if (!id && s->host)
		id = contact_form_partner_by_domain(v, s->host);
	if (id) {
		contact_form_set_partner(v, id);
		return;
	}
	fill(d, C_PARTNER, s->company);
	contact_form_find_partner(v);
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
	contact_form_say_known(v);
}

/* At once from the name and the domain; the mail's text is read by the reader thread. */
void contact_form_fill(struct view *v, const struct form_stranger *s)
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

void contact_form_reply(struct view *v, struct job *j)
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
