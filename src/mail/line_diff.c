/*
 * line_diff.c - the longest common subsequence of lines, by a table over what lies between the
 * common beginning and the common end. The table is bounded: two texts that have too little in
 * common are shown one after the other.
 */
#include "config.h"

#include "crmail/mail/line_diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define TABLE_MOST ((size_t)4 << 20) /* cells */

struct lines {
	struct span *v;
	size_t n;
};

static struct lines lines_of(const char *text)
{
	struct lines l = {.n = 0};
	struct span rest = span_of(text), line;
	size_t cap = 1;
	for (const char *p = text; *p; p++)
		cap += *p == '\n';
	l.v = xcalloc(cap, sizeof(*l.v));
	while (span_next(&rest, '\n', &line)) {
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		l.v[l.n++] = line;
	}
	return l;
}

static bool same(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static void add(struct buf *out, const char *mark, struct span line)
{
	buf_addstr(out, mark);
	buf_add(out, line.p, line.len);
	buf_addch(out, '\n');
}

static size_t add_all(struct buf *out, const char *mark, const struct span *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(out, mark, v[i]);
	return n;
}

/* t[i][j]: how long the longest common run of a from i and b from j is. */
static uint16_t *make_table(const struct span *a, size_t n, const struct span *b, size_t m)
{
	if (n >= UINT16_MAX || m >= UINT16_MAX || (n + 1) > TABLE_MOST / (m + 1))
		return NULL;
	uint16_t *t = xcalloc((n + 1) * (m + 1), sizeof(*t));
	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			const uint16_t *below = t + (i + 1) * (m + 1);
			uint16_t *row = t + i * (m + 1);
			if (same(a[i], b[j]))
				row[j] = (uint16_t)(below[j + 1] + 1);
			else
				row[j] = below[j] >= row[j + 1] ? below[j] : row[j + 1];
		}
	return t;
}

static size_t add_middle(struct buf *out, const struct span *a, size_t n, const struct span *b,
	size_t m)
{
	uint16_t *t = make_table(a, n, b, m);
	size_t i = 0, j = 0, differ = 0;
	while (t && i < n && j < m) {
		if (same(a[i], b[j])) {
			add(out, "  ", a[i++]);
			j++;
		} else if (t[(i + 1) * (m + 1) + j] >= t[i * (m + 1) + j + 1]) {
			differ += add_all(out, "- ", &a[i++], 1);
		} else {
			differ += add_all(out, "+ ", &b[j++], 1);
		}
	}
	free(t);
	differ += add_all(out, "- ", a + i, n - i);
	return differ + add_all(out, "+ ", b + j, m - j);
}

size_t line_diff(const char *was, const char *is, struct buf *out)
{
	struct lines a = lines_of(was), b = lines_of(is);
	size_t head = 0, tail = 0;
	while (head < a.n && head < b.n && same(a.v[head], b.v[head]))
		head++;
	while (tail < a.n - head && tail < b.n - head &&
		same(a.v[a.n - 1 - tail], b.v[b.n - 1 - tail]))
		tail++;
	add_all(out, "  ", a.v, head);
	size_t differ =
		add_middle(out, a.v + head, a.n - head - tail, b.v + head, b.n - head - tail);
	add_all(out, "  ", a.v + (a.n - tail), tail);
	free(a.v);
	free(b.v);
	return differ;
}
