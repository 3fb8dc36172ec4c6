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
#define PEOPLE_MAX 64 /* for the room that their number takes; a screen shows fewer */
#define NAME_MAX_BYTES 1024
#define SEEN_FIRST 64

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

/* Addresses, for asking whether one was there; open addressing, NULL = free. */
struct seen {
	struct arena *a;
	const char **v;
	size_t n, cap;
};

static bool insert_text(struct seen *s, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t at;

	for (const char *p = text; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
	for (at = (size_t)(hash ^ hash >> 32) & (s->cap - 1); s->v[at];
		at = (at + 1) & (s->cap - 1))
		if (strcmp(s->v[at], text) == 0)
			return false;
	s->v[at] = text;
	s->n++;
	return true;
}

/* False when it was there. The text must last as long as the arena. */
static bool note_text(struct seen *s, const char *text)
{
	if (s->n * 2 >= s->cap) {
		struct seen more = {.a = s->a, .cap = s->cap ? s->cap * 2 : SEEN_FIRST};

		more.v = arena_array(s->a, more.cap, sizeof(*more.v));
		for (size_t i = 0; i < s->cap; i++)
			if (s->v[i])
				insert_text(&more, s->v[i]);
		*s = more;
	}
	return insert_text(s, text);
}

/* Everybody once: by address, the user as one person whatever the account. In a conversation of
 * thousands the same few write again and again: how an address is written is asked first, which is
 * cheap, and only a new one is folded. */
struct people {
	const struct view *v;
	struct seen written, folded;
	size_t n_shown, n_more;
	bool has_user, has_cc;
	struct buf *out;
	int cells; /* left on the line */
};

static bool is_new(struct people *l, const struct message_row *row, const struct party *p)
{
	CLEANUP(buf_release) struct buf norm = BUF_INIT(NAME_MAX_BYTES);

	if (p->addr && !note_text(&l->written, p->addr))
		return false;
	if (is_user(l->v, row, p)) {
		bool was_there = l->has_user;

		l->has_user = true;
		return !was_there;
	}
	if (!p->addr)
		return true;
	addr_normalise(&norm, p->addr, false);
	return note_text(&l->folded,
		norm.failed ? p->addr : arena_strndup(l->folded.a, norm.p, norm.len));
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
	if (!is_first)
		return;
	thread_add_sender(l->v, row, &name);
	add_name(l, name.p, false);
}

void thread_add_people(const struct view *v, int cells, struct buf *out)
{
	const struct thread_data *t = thread_data_of(v);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct draw d = {.g = &v->ui->grid};
	struct people l = {.v = v, .out = out, .written.a = &a, .folded.a = &a};
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
