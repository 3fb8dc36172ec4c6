/*
 * compose_people.c - the address fields of a message: popup of completions, tokens as they are
 * taken back or tidied, and their cells. Who matches is people_job.c's.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "ui/ui_core.h"
#include "compose.h"

#define FIELD_MAX ((size_t)1 << 20)

static const enum field people_fields[] = {FIELD_TO, FIELD_CC, FIELD_BCC};

bool compose_is_people(enum field f)
{
	return f == FIELD_TO || f == FIELD_CC || f == FIELD_BCC;
}

void compose_people_release(struct compose_data *d)
{
	for (size_t i = 0; i < d->n_seen; i++)
		free(d->seen[i].addr);
	free(d->seen);
	free(d->asked);
	arena_release(&d->suggest_arena);
}

/* ---- who is known ---- */

static struct seen_addr *seen_of(const struct compose_data *d, const char *addr)
{
	for (size_t i = 0; i < d->n_seen; i++)
		if (strcmp(d->seen[i].addr, addr) == 0)
			return &d->seen[i];
	return NULL;
}

static void see(struct compose_data *d, const char *addr)
{
	if (seen_of(d, addr) || d->n_seen >= SEEN_MAX)
		return;
	if (!d->seen)
		d->seen = xcalloc(SEEN_MAX, sizeof(*d->seen));
	d->seen[d->n_seen++] = (struct seen_addr){.addr = xstrdup(addr)};
	d->has_new_addr = true;
}

/* What each token of a field is; the one that is typed is left in peace. */
static void mark_field(struct compose_data *d, enum field f)
{
	const struct editor *e = &d->fields[f];
	struct people_tokens *t = &d->tokens[f];
	struct arena a = ARENA_INIT;

	t->n = people_split(e->text.p, e->text.len, t->v, PEOPLE_TOKENS_MAX);
	for (size_t i = 0; i < t->n; i++) {
		struct people_token *k = &t->v[i];
		const struct seen_addr *s;
		struct addr who;

		if (k->state == TOKEN_OPEN && d->focus == f)
			continue;
		k->state = TOKEN_BAD;
		if (!people_parse(&a, e->text.p + k->start, k->len, &who))
			continue;
		see(d, who.addr);
		s = seen_of(d, who.addr);
		k->state = s && s->is_known ? TOKEN_KNOWN : TOKEN_GOOD;
	}
	arena_release(&a);
}

/* ---- completion ---- */

/* The text being completed; empty: nothing. */
static struct span open_text(const struct compose_data *d)
{
	const struct editor *e = &d->fields[d->focus];
	struct people_token v[PEOPLE_TOKENS_MAX];
	struct span s = {e->text.p, 0};
	size_t n;

	if (!compose_is_people(d->focus) || !d->is_completing || e->cur != e->anchor)
		return s;
	n = people_split(e->text.p, e->cur, v, PEOPLE_TOKENS_MAX);
	if (n == 0 || n == PEOPLE_TOKENS_MAX || v[n - 1].state != TOKEN_OPEN)
		return s;
	s = (struct span){e->text.p + v[n - 1].start, v[n - 1].len};
	return memchr(s.p, '<', s.len) ? (struct span){s.p, 0} : s;
}

static void ask(struct view *v, struct span text)
{
	struct compose_data *d = compose_data_of(v);
	struct correspondent_query q = {.now = ui_now(v->ui), .limit = SUGGEST_MAX * 2};
	char **addrs = xcalloc(d->n_seen + 1, sizeof(*addrs));
	size_t n = 0;

	q.account = compose_sender(d) ? compose_sender(d)->account : 0;
	free(d->asked);
	d->asked = text.len > 0 ? xstrndup(text.p, text.len) : NULL;
	q.text = d->asked;
	for (size_t i = 0; i < d->n_seen; i++)
		if (!d->seen[i].is_told)
			addrs[n++] = xstrdup(d->seen[i].addr);
	d->has_new_addr = false;
	d->is_asking = true;
	ui_submit(v, &people_job_new(&q, addrs, n, ++d->people_generation)->job);
}

void compose_people_refresh(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct span text = open_text(d);
	bool is_other = d->asked ? !span_eq(text, d->asked) : text.len > 0;

	for (size_t i = 0; i < ARRAY_SIZE(people_fields); i++)
		mark_field(d, people_fields[i]);
	if (text.len == 0) {
		d->n_suggest = 0;
		free(d->asked);
		d->asked = NULL;
		is_other = false;
	}
	if (is_other || d->has_new_addr)
		ask(v, text);
}

static bool is_listed(const struct compose_data *d, enum field but, const char *addr)
{
	struct arena a = ARENA_INIT;
	bool found = false;

	for (size_t f = 0; f < ARRAY_SIZE(people_fields); f++) {
		const struct buf *t = &d->fields[people_fields[f]].text;
		struct addr_list l;

		if (people_fields[f] == but)
			continue;
		addr_parse(&a, t->p, t->len, &l);
		for (size_t i = 0; i < l.n && !found; i++)
			found = addr_same(l.v[i].addr, addr);
	}
	arena_release(&a);
	return found;
}

static void take_found(struct compose_data *d, struct people_job *p)
{
	d->n_suggest = 0;
	arena_release(&d->suggest_arena);
	d->suggest_arena = p->arena;
	p->arena = ARENA_INIT;
	for (size_t i = 0; i < p->n_found && d->n_suggest < SUGGEST_MAX; i++)
		if (!is_listed(d, FIELD_COUNT, p->found[i].addr))
			d->suggest[d->n_suggest++] = p->found[i];
	d->suggest_sel = 0;
}

void compose_people_reply(struct view *v, struct job *j)
{
	struct compose_data *d = compose_data_of(v);
	struct people_job *p = (struct people_job *)j;

	if (j->generation != d->people_generation) {
		j->free(j);
		return;
	}
	for (size_t i = 0; i < p->n_addrs; i++) {
		struct seen_addr *s = seen_of(d, p->addrs[i]);

		s->is_told = true;
		s->is_known = p->is_known[i];
	}
	if (d->asked && j->err.code == ERR_NONE)
		take_found(d, p);
	d->is_asking = false;
	d->is_holding = false;
	j->free(j);
}

/* A person in place of `n` bytes at `at`, followed by what separates. */
static void put_person(struct compose_data *d, size_t at, size_t n, const struct addr *who)
{
	struct editor *e = &d->fields[d->focus];
	CLEANUP(buf_release) struct buf b = BUF_INIT(FIELD_MAX);

	people_add_addr(&b, who);
	buf_addstr(&b, ", ");
	editor_replace(e, at, n, b.p, b.len);
	d->is_completing = false;
	d->n_suggest = 0;
}

static void accept(struct compose_data *d)
{
	const struct correspondent_row *s = &d->suggest[d->suggest_sel];
	const struct addr who = {*s->name ? s->name : NULL, s->addr};
	struct span text = open_text(d);

	put_person(d, (size_t)(text.p - d->fields[d->focus].text.p), text.len, &who);
}

void compose_people_add(struct view *v, const struct addr *who)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e = &d->fields[d->focus];
	struct people_token t[PEOPLE_TOKENS_MAX];
	size_t n = people_split(e->text.p, e->text.len, t, PEOPLE_TOKENS_MAX);
	bool is_open = n > 0 && n < PEOPLE_TOKENS_MAX && t[n - 1].state == TOKEN_OPEN;
	struct arena a = ARENA_INIT;
	struct addr open;

	if (is_listed(d, FIELD_COUNT, who->addr)) {
		/* TRANSLATORS: the placeholder is an address */
		ui_info(v->ui, _("%s is among the recipients already."), who->addr);
	} else if (is_open && people_parse(&a, e->text.p + t[n - 1].start, t[n - 1].len, &open)) {
		e->cur = e->anchor = e->text.len;
		editor_insert(e, ", ", 2);
		put_person(d, e->text.len, 0, who);
	} else {
		size_t at = is_open ? t[n - 1].start : e->text.len;

		put_person(d, at, e->text.len - at, who);
	}
	arena_release(&a);
}

/* ---- tidying ---- */

static bool is_in(const struct addr *v, size_t n, const char *addr)
{
	for (size_t i = 0; i < n; i++)
		if (addr_same(v[i].addr, addr))
			return true;
	return false;
}

void compose_people_tidy(struct view *v, enum field f)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e = &d->fields[f];
	CLEANUP(buf_release) struct buf b = BUF_INIT(FIELD_MAX);
	struct arena a = ARENA_INIT;
	struct addr_list l;
	const char *twice = NULL;
	bool is_bad;

	addr_parse(&a, e->text.p, e->text.len, &l);
	is_bad = l.bad || l.n == 0;
	for (size_t i = 0; i < l.n && !is_bad; i++) {
		is_bad = !people_is_address(l.v[i].addr);
		if (is_in(l.v, i, l.v[i].addr) || is_listed(d, f, l.v[i].addr)) {
			twice = l.v[i].addr;
			continue;
		}
		buf_addstr(&b, b.len > 0 ? ", " : "");
		people_add_addr(&b, &l.v[i]);
	}
	if (!is_bad && !b.failed && strcmp(b.p, e->text.p) != 0) {
		editor_replace(e, 0, e->text.len, b.p, b.len);
		if (twice)
			ui_info(v->ui, _("%s is among the recipients already."), twice);
	}
	arena_release(&a);
}

/* ---- keys ---- */

static bool popup_key(struct compose_data *d, const struct key *k)
{
	size_t n = d->n_suggest;

	if (n == 0)
		return false;
	if (k->code == UKEY_DOWN || k->code == UKEY_UP) {
		d->suggest_sel = (d->suggest_sel + (k->code == UKEY_DOWN ? 1 : n - 1)) % n;
		return true;
	}
	if ((k->code == UKEY_TAB && k->mods == 0) || k->code == UKEY_ENTER) {
		accept(d);
		d->is_changed = true;
		return true;
	}
	if (k->code == UKEY_ESC) {
		d->is_completing = false;
		d->n_suggest = 0;
		return true;
	}
	return false;
}

/* Behind a whole token Backspace takes the token. */
static bool backspace(struct compose_data *d)
{
	struct editor *e = &d->fields[d->focus];
	struct people_token t[PEOPLE_TOKENS_MAX];
	size_t n;

	if (e->cur != e->anchor || e->cur == 0)
		return false;
	n = people_split(e->text.p, e->cur, t, PEOPLE_TOKENS_MAX);
	if (n == 0 || n == PEOPLE_TOKENS_MAX || t[n - 1].state == TOKEN_OPEN)
		return false;
	editor_replace(e, t[n - 1].start, e->cur - t[n - 1].start, "", 0);
	return true;
}

bool compose_people_waits(const struct compose_data *d, const struct key *k)
{
	return d->is_asking && d->asked && compose_is_people(d->focus) &&
	       (k->code == UKEY_ENTER || (k->code == UKEY_TAB && k->mods == 0));
}

bool compose_people_key(struct view *v, const struct key *k)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e;

	if (!compose_is_people(d->focus))
		return false;
	if (popup_key(d, k))
		return true;
	e = &d->fields[d->focus];
	d->is_completing = key_is_text(k) || (k->code == UKEY_BACKSPACE && k->mods == 0);
	if (k->code == UKEY_BACKSPACE && k->mods == 0 && backspace(d)) {
		d->is_completing = false;
		d->is_changed = true;
		return true;
	}
	if (k->code == UKEY_PASTE) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(FIELD_MAX * 2);

		people_add_pasted(&b, k->paste, k->paste_len);
		editor_insert(e, b.p, b.len);
		d->is_changed = true;
		return true;
	}
	return false;
}

/* ---- cells ---- */

/* Behind the token of a contact stands a mark. */
static int mark_width(const struct view *v, const struct people_token *t)
{
	return t->state == TOKEN_KNOWN ? 1 + symbol_width(&v->ui->grid, SYM_CHECK) : 0;
}

/* Cells from byte `from` up to byte `to`, with the marks of the tokens that end between them. */
static int width_between(const struct view *v, enum field f, size_t from, size_t to)
{
	const struct compose_data *d = compose_data_of(v);
	int n = (int)cell_width(d->fields[f].text.p + from, to - from);

	for (size_t i = 0; i < d->tokens[f].n; i++) {
		const struct people_token *t = &d->tokens[f].v[i];

		if (t->start >= from && t->start + t->len < to)
			n += mark_width(v, t);
	}
	return n;
}

/* First byte shown: of the first token from which the cursor is still within `width` cells. */
static size_t first_shown(const struct view *v, enum field f, int width)
{
	const struct compose_data *d = compose_data_of(v);
	const struct editor *e = &d->fields[f];
	size_t start = 0;

	if (d->focus != f)
		return 0;
	for (size_t i = 0; i < d->tokens[f].n && d->tokens[f].v[i].start <= e->cur; i++) {
		if (width_between(v, f, start, e->cur) < width)
			return start;
		start = d->tokens[f].v[i].start;
	}
	while (start < e->cur && width_between(v, f, start, e->cur) >= width)
		start += utf8_cluster(e->text.p + start, e->cur - start);
	return start;
}

int compose_people_cursor(const struct view *v, enum field f, int width)
{
	const struct compose_data *d = compose_data_of(v);

	return width_between(v, f, first_shown(v, f, width), d->fields[f].cur);
}

static unsigned token_style(enum token_state s)
{
	switch (s) {
	case TOKEN_KNOWN:
		return STYLE_KNOWN;
	case TOKEN_BAD:
		return STYLE_FAILED;
	case TOKEN_OPEN:
	case TOKEN_GOOD:
		break;
	}
	return STYLE_NORMAL;
}

/* How many more there are, where the rest has no room and nobody edits. */
static bool paint_rest(const struct view *v, const struct draw *d, int row, int col, enum field f,
	size_t i)
{
	const struct compose_data *c = compose_data_of(v);
	const struct people_tokens *t = &c->tokens[f];
	int end = d->cols - 1;

	if (c->focus == f || i == 0)
		return false;
	if (i + 1 < t->n)
		end -= 6;
	if (col + width_between(v, f, t->v[i].start, t->v[i].start + t->v[i].len) +
			mark_width(v, &t->v[i]) <=
		end)
		return false;
	draw_textf(d, row, col, d->cols - col, STYLE_DIM, "+%zu", t->n - i);
	return true;
}

void compose_people_paint(const struct view *v, const struct draw *d, int row, int col,
	enum field f)
{
	const struct compose_data *c = compose_data_of(v);
	const struct editor *e = &c->fields[f];
	const struct people_tokens *t = &c->tokens[f];
	size_t at = first_shown(v, f, d->cols - col);

	for (size_t i = 0; i < t->n; i++) {
		const struct people_token *k = &t->v[i];
		size_t end = k->start + k->len;

		if (end <= at)
			continue;
		if (k->start > at)
			col += editor_paint_span(e, d, row, col, STYLE_NORMAL, at, k->start - at);
		at = k->start > at ? k->start : at;
		if (paint_rest(v, d, row, col, f, i))
			return;
		col += editor_paint_span(e, d, row, col, token_style(k->state), at, end - at);
		at = end;
		if (k->state != TOKEN_KNOWN)
			continue;
		col += 1 + draw_symbol(d, row, col + 1, STYLE_KNOWN, SYM_CHECK);
		if (t->n == 1 && at == e->text.len)
			draw_text(d, row, col + 1, d->cols - col - 1, STYLE_KNOWN, _("contact"));
	}
	editor_paint_span(e, d, row, col, STYLE_NORMAL, at, e->text.len - at);
}

void compose_people_paint_popup(const struct view *v, const struct draw *d, int first, int col)
{
	const struct compose_data *c = compose_data_of(v);

	for (size_t i = 0; i < c->n_suggest; i++) {
		const struct correspondent_row *s = &c->suggest[i];
		unsigned style = s->contact ? STYLE_KNOWN : STYLE_NORMAL;
		int row = first + (int)i, at = col;

		draw_fill(d, row, 0, 1, d->cols, STYLE_NORMAL);
		if (*s->name)
			at += draw_text(d, row, at, 30, style, s->name) + 2;
		at += draw_text(d, row, at, d->cols - at - 1, *s->name ? STYLE_NORMAL : style,
			      s->addr) +
		      2;
		if (s->contact)
			at += draw_symbol(d, row, at, STYLE_KNOWN, SYM_CHECK) + 1;
		if (s->partner_name)
			draw_text(d, row, at, d->cols - at - 1, STYLE_DIM, s->partner_name);
		if (i == c->suggest_sel)
			draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
	if (c->n_suggest > 0)
		draw_hrule(d, first + (int)c->n_suggest, 0, d->cols, STYLE_DIM);
}
