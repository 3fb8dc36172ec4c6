/* html_flow.c - writing text, lines, prefixes, runs and links. Knows no tags (html.c) and no
 * tables (html_table.c). */
#include "config.h"

#include "html_flow.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/utf8.h"
#include "html_lex.h"
#include "links.h"
#include "render_limits.h"

#define CHUNK ((size_t)16 << 10) /* of raw text decoded at once */
#define MAX_BLANKS 32            /* kept at the start of a line */
#define MAX_NL 3
#define TAB_CELLS 8

void flow_init(struct flow *f, struct arena *a)
{
	*f = (struct flow){.a = a, .first = FLOW_NONE, .link_first = FLOW_NONE};
	buf_init(&f->text, RENDER_MAX_TEXT);
	buf_init(&f->raw, 4 * CHUNK);
	buf_init(&f->clean, 16 * CHUNK);
}

void flow_release(struct flow *f)
{
	buf_release(&f->text);
	buf_release(&f->raw);
	buf_release(&f->clean);
}

bool flow_at_start(const struct flow *f)
{
	return f->nl > 0 || f->text.len == 0;
}

static void add_blanks(struct buf *out, unsigned n)
{
	while (n-- > 0)
		buf_addch(out, ' ');
}

static void add_marks(struct buf *out, unsigned depth)
{
	while (depth-- > 0)
		buf_add(out, "> ", 2);
}

static unsigned current_indent(const struct flow *f)
{
	return f->ctx.lists ? f->lists[f->ctx.lists - 1].indent : 0;
}

void flow_add_prefix(const struct flow *f, struct buf *out)
{
	add_marks(out, f->ctx.quote);
	add_blanks(out, current_indent(f));
}

/* Pays the line ends owed and starts the line. */
static void open_line(struct flow *f)
{
	unsigned between = f->line_quote < f->ctx.quote ? f->line_quote : f->ctx.quote;

	for (unsigned i = 0; f->text.len && i < f->nl; i++) {
		buf_addch(&f->text, '\n');
		if (i + 1 == f->nl || !between)
			continue;
		add_marks(&f->text, between);
		buf_truncate(&f->text, f->text.len - 1);
	}
	if (f->marker[0]) {
		add_marks(&f->text, f->ctx.quote);
		add_blanks(&f->text, f->ctx.lists ? f->lists[f->ctx.lists - 1].base : 2);
		buf_addstr(&f->text, f->marker);
		f->marker[0] = '\0';
	} else {
		flow_add_prefix(f, &f->text);
	}
	f->line_quote = f->ctx.quote;
	f->nl = 0;
	f->col = 0;
}

/* A run goes on over the blank between two words of one line, never over a line end. */
static void add_run(struct flow *f, size_t start, bool new_line)
{
	uint16_t link = f->url && f->n_links < RENDER_MAX_LINKS ? (uint16_t)(f->n_links + 1) : 0;
	uint16_t style = f->ctx.style | (link ? RUN_LINK : 0);
	struct render_run *last = f->n_runs ? &f->runs[f->n_runs - 1] : NULL;
	size_t end = f->text.len;

	if (!style || end <= start)
		return;
	if (!new_line && last && last->style == style && last->link == link &&
		last->start + last->len + 1 >= start) {
		last->len = (uint32_t)(end - last->start);
		return;
	}
	if (f->n_runs == RENDER_MAX_RUNS)
		return;
	struct render_run *runs =
		arena_grow(f->a, f->runs, &f->cap_runs, f->n_runs + 1, sizeof(*runs));
	if (!runs)
		return;
	f->runs = runs;
	runs[f->n_runs++] = (struct render_run){.start = (uint32_t)start,
		.len = (uint32_t)(end - start),
		.style = style,
		.link = link};
}

/* Writes a word after the line ends and blanks that are owed. */
static void put(struct flow *f, const char *p, size_t n)
{
	if (f->text.failed || f->text.len + n + 512 > f->text.max) {
		f->cut = true;
		return;
	}
	bool new_line = flow_at_start(f);
	if (new_line)
		open_line(f);
	add_blanks(&f->text, f->blanks);
	f->blanks = 0;
	f->touched = false;
	if (f->first == FLOW_NONE)
		f->first = f->text.len;
	if (f->url && f->link_first == FLOW_NONE)
		f->link_first = f->text.len;
	size_t start = f->text.len;
	buf_add(&f->text, p, n);
	add_run(f, start, new_line);
}

/* Length of a blank at p: ASCII, or one of the Unicode blanks (then *hard). 0 = not a blank. */
static size_t blank_len(const char *p, size_t n, bool *hard)
{
	const unsigned char *u = (const unsigned char *)p;

	*hard = false;
	if (*u == ' ' || *u == '\n' || *u == '\t')
		return 1;
	*hard = true;
	if (n >= 2 && u[0] == 0xC2 && u[1] == 0xA0)
		return 2;
	if (n >= 3 && u[0] == 0xE2 && u[1] == 0x80 &&
		((u[2] >= 0x80 && u[2] <= 0x8A) || u[2] == 0xAF))
		return 3;
	return n >= 3 && u[0] == 0xE2 && u[1] == 0x81 && u[2] == 0x9F ? 3 : 0;
}

/* No-break spaces at the start of a line are an indent that somebody typed; elsewhere any run of
 * blanks is one. */
static void owe_blank(struct flow *f, bool hard)
{
	if (!flow_at_start(f)) {
		f->blanks = 1;
	} else if (hard || f->blanks) {
		f->touched = true;
		f->blanks += f->blanks < MAX_BLANKS;
	}
}

/* What the source line that begins at p is. */
static enum flow_raw raw_line(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] == ' ')
		i++;
	if (i < n && p[i] == '>')
		return RAW_QUOTE;
	if (n - i < 3 || p[i] != '-' || p[i + 1] != '-')
		return RAW_NONE;
	i += 2 + (p[i + 2] == ' ');
	return i < n && p[i] == '\n' ? RAW_SIGNATURE : RAW_NONE;
}

/* Some programs put quoted plain text and signatures into HTML as they were, so that browsers run
 * their lines together: there the line ends of the source count. */
static void pass_source_line(struct flow *f, const char *p, size_t n)
{
	enum flow_raw next = raw_line(p, n);
	const char *end = f->text.p + f->text.len;

	if (f->text.len >= 2 && end[-1] == '-' && end[-2] == '-' &&
		(f->text.len == 2 || end[-3] == '\n'))
		f->keep = RAW_SIGNATURE;
	if (next == RAW_NONE && f->keep == RAW_NONE) {
		owe_blank(f, false);
		return;
	}
	flow_br(f);
	if (next != RAW_NONE || f->keep == RAW_QUOTE)
		f->keep = n && *p == '\n' ? f->keep : next;
}

static void collapse(struct flow *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		bool hard;
		size_t len = blank_len(p + i, n - i, &hard), start = i;

		if (len) {
			if (p[i] == '\n' && !flow_at_start(f))
				pass_source_line(f, p + i + 1, n - i - 1);
			else
				owe_blank(f, hard);
			i += len;
			continue;
		}
		while (i < n && !blank_len(p + i, n - i, &hard))
			i++;
		put(f, p + start, i - start);
	}
}

static void preserve(struct flow *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		bool hard;
		size_t len = blank_len(p + i, n - i, &hard), start = i;

		if (len && p[i] == '\n') {
			flow_br(f);
			f->col = 0;
		} else if (len) {
			unsigned cells = p[i] == '\t' ? TAB_CELLS - f->col % TAB_CELLS : 1;
			f->col += cells;
			f->blanks += f->blanks < 16 * MAX_BLANKS ? cells : 0;
		}
		i += len;
		while (i < n && !len && !blank_len(p + i, n - i, &hard))
			i++;
		if (len)
			continue;
		unsigned col = f->col;
		put(f, p + start, i - start);
		f->col = col + (unsigned)cell_width(p + start, i - start);
	}
}

/* How much of the text to decode at once: cut where neither a reference nor a character is. */
static size_t chunk_len(const char *p, size_t n)
{
	if (n <= CHUNK)
		return n;
	for (size_t i = CHUNK; i > CHUNK / 2; i--) {
		if (ascii_isspace(p[i - 1]))
			return i;
	}
	size_t i = CHUNK;
	while (i > CHUNK - 4 && ((unsigned char)p[i] & 0xC0) == 0x80)
		i--;
	return i;
}

void flow_text(struct flow *f, struct span html)
{
	while (html.len && !f->cut) {
		size_t take = chunk_len(html.p, html.len);

		buf_reset(&f->raw);
		buf_reset(&f->clean);
		html_decode(&f->raw, (struct span){html.p, take});
		utf8_sanitise(&f->clean, f->raw.p, f->raw.len, 0);
		if (f->ctx.pre)
			preserve(f, f->clean.p, f->clean.len);
		else
			collapse(f, f->clean.p, f->clean.len);
		html.p += take;
		html.len -= take;
	}
}

void flow_word(struct flow *f, const char *p, size_t n)
{
	put(f, p, n);
}

void flow_break(struct flow *f, unsigned lines)
{
	bool meant = f->touched && flow_at_start(f);

	f->blanks = 0;
	f->touched = false;
	f->keep = RAW_NONE;
	if (f->text.len == 0)
		return;
	if (meant && f->nl < 2)
		f->nl++;
	if (f->nl < lines)
		f->nl = lines;
}

void flow_br(struct flow *f)
{
	f->blanks = 0;
	f->touched = false;
	if (f->text.len && f->nl < MAX_NL)
		f->nl++;
}

void flow_rule(struct flow *f)
{
	flow_break(f, 1);
	for (int i = 0; i < RENDER_RULE_CELLS; i++)
		put(f, RENDER_RULE, sizeof(RENDER_RULE) - 1);
	flow_break(f, 1);
}

static void push_list(struct flow *f, struct flow_list list)
{
	if (f->ctx.lists == FLOW_MAX_LISTS)
		return;
	if (f->ctx.lists)
		list.base = f->lists[f->ctx.lists - 1].indent;
	list.indent += list.base;
	f->lists[f->ctx.lists++] = list;
}

void flow_list_open(struct flow *f, bool ordered, int64_t start)
{
	push_list(f, (struct flow_list){.ordered = ordered, .next = start, .base = 2, .indent = 2});
}

void flow_indent_open(struct flow *f)
{
	push_list(f, (struct flow_list){.indent = 2});
}

void flow_list_item(struct flow *f, int64_t value)
{
	struct flow_list *l = f->ctx.lists ? &f->lists[f->ctx.lists - 1] : NULL;

	flow_break(f, 1);
	if (!l || !l->ordered) {
		snprintf(f->marker, sizeof(f->marker), "%s", "\u2022 ");
	} else {
		if (value >= 0)
			l->next = value;
		snprintf(f->marker, sizeof(f->marker), "%lld. ", (long long)l->next++);
	}
	if (l)
		l->indent = l->base + (l->ordered ? (unsigned)strlen(f->marker) : 2);
}

void flow_mark(struct flow *f)
{
	f->first = FLOW_NONE;
}

void flow_link_open(struct flow *f, const char *url)
{
	flow_link_close(f);
	f->url = url;
	f->link_first = FLOW_NONE;
}

void flow_link_close(struct flow *f)
{
	const char *url = f->url;
	size_t first = f->link_first;

	f->url = NULL;
	f->link_first = FLOW_NONE;
	if (!url || first == FLOW_NONE || f->n_links == RENDER_MAX_LINKS)
		return;
	struct render_link *links =
		arena_grow(f->a, f->links, &f->cap_links, f->n_links + 1, sizeof(*links));
	if (!links)
		return;
	f->links = links;
	struct span text = {f->text.p + first, f->text.len - first};
	links[f->n_links] = link_make(f->a, text, url);
	f->n_links++;
	/* right behind the text, also where a line end is owed already */
	if (f->text.len + 32 <= f->text.max)
		buf_addf(&f->text, " [%zu]", f->n_links);
}
