/*
 * thread_people.c - who takes part in a conversation: names before addresses, the user as "you",
 * and the line of all of them above the messages. Paints nothing.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "ui/ui_core.h"
#include "thread.h"

#define NAMES_SHOWN 4
#define PEOPLE_MAX 64 /* looked at for one line; a screen shows fewer */
#define NAME_MAX_BYTES 1024

static const char *party_name(const struct party *p)
{
	if (p->name && *p->name)
		return p->name;
	if (p->contact_name && *p->contact_name)
		return p->contact_name;
	return p->addr ? p->addr : "";
}

static bool is_user(const struct view *v, const struct message_row *row, const struct party *p)
{
	const struct account_row *a = ui_account(v->ui, row->account);

	return a && a->email && p->addr && addr_same(a->email, p->addr);
}

void thread_add_party(const struct view *v, const struct message_row *row, const struct party *p,
	struct buf *out)
{
	if (is_user(v, row, p))
		/* TRANSLATORS: the user among the people of a conversation */
		buf_addstr(out, _("you"));
	else
		text_add(out, party_name(p));
}

void thread_add_parties(const struct view *v, const struct message_row *row, const struct party *p,
	size_t n, struct buf *out)
{
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		if (i > 0)
			buf_addstr(out, ", ");
		thread_add_party(v, row, &p[i], out);
	}
	if (n > NAMES_SHOWN)
		buf_addf(out,
			ngettext(" and %d more", " and %d more", (unsigned long)(n - NAMES_SHOWN)),
			(int)(n - NAMES_SHOWN));
}

void thread_add_sender(const struct view *v, const struct message_row *row, struct buf *out)
{
	if (row->is_own)
		buf_addstr(out, _("you"));
	else
		thread_add_party(v, row, &row->from, out);
	if (out->len == 0)
		buf_addstr(out, _("unknown sender"));
}

/* Everybody once: by address, the user as one person whatever the account. */
struct people {
	const struct view *v;
	const struct party *seen[PEOPLE_MAX];
	size_t n, n_shown, n_more;
	bool has_user, has_cc;
	struct buf *out;
	int cells; /* left on the line */
};

static bool is_new(struct people *l, const struct message_row *row, const struct party *p)
{
	if (is_user(l->v, row, p)) {
		bool was_there = l->has_user;

		l->has_user = true;
		return !was_there;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->seen[i]->addr && p->addr && addr_same(l->seen[i]->addr, p->addr))
			return false;
	if (l->n < PEOPLE_MAX)
		l->seen[l->n++] = p;
	return true;
}

static void add_name(struct people *l, const char *name, bool is_cc)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(NAME_MAX_BYTES * 2);
	struct draw d = {.g = &l->v->ui->grid};
	int w;

	buf_addstr(&b, l->n_shown == 0 ? " · " : ", ");
	if (is_cc && !l->has_cc) {
		buf_addstr(&b, _("cc"));
		buf_addch(&b, ' ');
	}
	text_add(&b, name);
	w = draw_width(&d, b.p);
	if (l->n_more > 0 || w > l->cells) {
		l->n_more++;
		return;
	}
	l->has_cc = l->has_cc || is_cc;
	l->cells -= w;
	l->n_shown++;
	buf_add(l->out, b.p, b.len);
}

static void add_all(struct people *l, const struct message_row *row, const struct party *p,
	size_t n, bool is_cc)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_MAX_BYTES);

		if (!is_new(l, row, &p[i]))
			continue;
		thread_add_party(l->v, row, &p[i], &name);
		if (name.len > 0)
			add_name(l, name.p, is_cc);
	}
}

static void add_writer(struct people *l, const struct message_row *row)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_MAX_BYTES);
	bool is_first = row->is_own ? !l->has_user : is_new(l, row, &row->from);

	l->has_user = l->has_user || row->is_own;
	thread_add_sender(l->v, row, &name);
	if (is_first)
		add_name(l, name.p, false);
}

void thread_add_people(const struct view *v, int cells, struct buf *out)
{
	const struct thread_data *t = thread_data_of(v);
	struct draw d = {.g = &v->ui->grid};
	struct people l = {.v = v, .out = out};
	CLEANUP(buf_release) struct buf more = BUF_INIT(64);

	buf_addf(out, ngettext("%d message", "%d messages", (unsigned long)t->n), (int)t->n);
	/* TRANSLATORS: after the names of people for whom there was no room */
	buf_addf(&more, _(" and %d more"), PEOPLE_MAX);
	l.cells = cells - draw_width(&d, out->p) - draw_width(&d, more.p);
	for (size_t i = 0; i < t->n; i++)
		add_writer(&l, t->v[i].row);
	for (size_t i = 0; i < t->n; i++)
		add_all(&l, t->v[i].row, t->v[i].row->to, t->v[i].row->n_to, false);
	for (size_t i = 0; i < t->n; i++)
		add_all(&l, t->v[i].row, t->v[i].row->cc, t->v[i].row->n_cc, true);
	if (l.n_more > 0)
		buf_addf(out, _(" and %d more"), (int)l.n_more);
}
