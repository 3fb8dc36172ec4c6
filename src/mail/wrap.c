/*
 * wrap.c - render_wrap(): breaking rendered text into screen lines. Breaks at blanks, between
 * CJK characters (never before closing or after opening punctuation) and inside words that are
 * longer than the line; never inside a cluster.
 */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/utf8.h"
#include "quote_mark.h"
#include "render_limits.h"

#define MAX_LINES ((size_t)1 << 20)
#define MAX_INDENT 24 /* cells that continuation lines are indented by at most */

/* No line begins with one of these, none ends with one of those. */
static const uint32_t closing[] = {0x3001, 0x3002, 0xFF0C, 0xFF0E, 0xFF01, 0xFF1F, 0xFF1A, 0xFF1B,
	0x300D, 0x300F, 0x3011, 0xFF09, 0x300B, 0x3009, 0x3015, 0xFF05, 0x30FC, 0x3005};
static const uint32_t opening[] = {0x300C, 0x300E, 0x3010, 0xFF08, 0x300A, 0x3008, 0x3014};

struct wrapper {
	struct arena *a;
	struct span text;
	unsigned width;
	struct wrap_line *lines;
	size_t n, cap;
	bool full;
};

struct cluster {
	size_t len;
	unsigned cells;
	uint32_t cp;
};

static bool is_one_of(uint32_t cp, const uint32_t *set, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (set[i] == cp)
			return true;
	}
	return false;
}

static struct cluster cluster_at(const char *p, size_t n)
{
	struct cluster c = {.len = 1, .cells = 1, .cp = (unsigned char)*p};
	bool ascii = (c.cp >= ' ' && c.cp < 0x7F) && (n == 1 || !(p[1] & 0x80));

	if (ascii)
		return c;
	c.len = utf8_cluster(p, n);
	c.cells = (unsigned)cell_width_cluster(p, c.len);
	utf8_decode(p, n, &c.cp);
	return c;
}

static void add_line(struct wrapper *w, struct wrap_line line)
{
	struct wrap_line *lines = NULL;

	if (w->n < MAX_LINES)
		lines = arena_grow(w->a, w->lines, &w->cap, w->n + 1, sizeof(*lines));
	if (!lines) {
		w->full = true;
		return;
	}
	w->lines = lines;
	lines[w->n++] = line;
}

/* Cells that a list marker at p takes with the blank behind it, 0 = none stands there. */
static unsigned marker_cells(const char *p, size_t n)
{
	size_t i = 0;

	if (n >= 4 && memcmp(p, "\u2022 ", 4) == 0)
		return 2;
	if (n >= 3 && memcmp(p, "\u00B7 ", 3) == 0)
		return 2;
	if (n >= 2 && (*p == '-' || *p == '*' || *p == '+') && p[1] == ' ')
		return 2;
	while (i < n && i < 4 && ascii_isdigit(p[i]))
		i++;
	if (i > 0 && i + 1 < n && (p[i] == '.' || p[i] == ')') && p[i + 1] == ' ')
		return (unsigned)i + 2;
	return 0;
}

/* Korean has blanks between words and is broken there. */
static bool is_hangul(uint32_t cp)
{
	return cp >= 0xAC00 && cp <= 0xD7A3;
}

static bool may_break_between(uint32_t before, unsigned before_cells, uint32_t after,
	unsigned after_cells)
{
	if (before == '-' && after_cells == 1)
		return true;
	if (before_cells < 2 && after_cells < 2)
		return false;
	if (is_hangul(before) && is_hangul(after))
		return false;
	return !is_one_of(after, closing, ARRAY_SIZE(closing)) &&
	       !is_one_of(before, opening, ARRAY_SIZE(opening));
}

static bool is_rule(const char *p, size_t n)
{
	const size_t mark = sizeof(RENDER_RULE) - 1;

	for (size_t i = 0; i < n; i += mark) {
		if (n - i < mark || memcmp(p + i, RENDER_RULE, mark) != 0)
			return false;
	}
	return n > 0;
}

struct piece {
	size_t len;  /* bytes on the line */
	size_t next; /* where the next line begins */
	unsigned cells;
};

/* The longest beginning of p that fits `room` cells: at least one cluster. */
static struct piece take_piece(const char *p, size_t n, unsigned room)
{
	struct piece best = {.len = 0}, now = {.len = 0};
	struct cluster last = {.cp = ' ', .cells = 1};

	while (now.len < n) {
		struct cluster c = cluster_at(p + now.len, n - now.len);
		if (c.cp == ' ' && last.cp != ' ') {
			best = now;
			best.next = now.len;
		} else if (now.len && c.cp != ' ' && last.cp != ' ' &&
			   may_break_between(last.cp, last.cells, c.cp, c.cells)) {
			best = now;
			best.next = now.len;
		}
		if (now.cells + c.cells > room && now.len)
			break;
		now.len += c.len;
		now.cells += c.cells;
		last = c;
	}
	if (now.len == n)
		best = now;
	else if (!best.len)
		best = now;
	best.next = best.len;
	while (best.next < n && p[best.next] == ' ')
		best.next++;
	return best;
}

/* Indent of the first line and of those that continue it. */
static void measure_indent(const char *p, size_t n, unsigned limit, unsigned *first, unsigned *rest)
{
	unsigned lead = 0;

	while (lead < n && p[lead] == ' ')
		lead++;
	*first = lead < limit ? lead : limit;
	*rest = *first;
	unsigned marker = marker_cells(p + lead, n - lead);
	if (marker && *first + marker <= limit)
		*rest += marker;
	else if (!marker && lead > 8)
		*rest = 0; /* a column of a table, not an indented paragraph */
}

static void wrap_text_line(struct wrapper *w, size_t start, size_t end)
{
	unsigned depth = 0;
	size_t at = start + quote_marks(w->text.p + start, end - start, &depth);
	unsigned most = w->width >= 8 ? w->width / 4 : 0;
	unsigned quote = depth < most ? depth : most, first, rest;
	unsigned room = w->width - 2 * quote;
	size_t n = end - at;

	while (n && w->text.p[at + n - 1] == ' ')
		n--;
	measure_indent(w->text.p + at, n, room / 2 < MAX_INDENT ? room / 2 : MAX_INDENT, &first,
		&rest);
	while (n && w->text.p[at] == ' ') {
		at++;
		n--;
	}
	unsigned indent = n ? first : 0;
	do {
		struct piece piece = take_piece(w->text.p + at, n, room - indent);
		if (n > RENDER_RULE_CELLS && is_rule(w->text.p + at, n))
			piece.next = n;
		add_line(w, (struct wrap_line){.start = (uint32_t)at,
				    .len = (uint32_t)piece.len,
				    .indent = (uint16_t)indent,
				    .quote = (uint8_t)quote,
				    .cells = (uint16_t)(2 * quote + indent + piece.cells),
				    .hard = piece.next >= n});
		at += piece.next;
		n -= piece.next;
		indent = rest;
	} while (n && !w->full);
}

size_t render_wrap(struct arena *a, struct span text, unsigned width, struct wrap_line **out)
{
	struct wrapper w = {.a = a, .text = text, .width = width ? width : 1};

	if (w.width > UINT16_MAX / 2)
		w.width = UINT16_MAX / 2;
	for (size_t i = 0; i < text.len && !w.full;) {
		const char *lf = memchr(text.p + i, '\n', text.len - i);
		size_t end = lf ? (size_t)(lf - text.p) : text.len;
		wrap_text_line(&w, i, end);
		i = end + 1;
	}
	*out = w.lines;
	return w.n;
}
