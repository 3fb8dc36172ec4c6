/*
 * param.c - parameters of MIME fields. Takes what senders write: unquoted values with blanks,
 * forgotten semicolons, Windows paths, RFC 2047 words where RFC 2231 belongs.
 */
#include "config.h"

#include "param.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/header.h"

#define SECTION_MAX 9999

struct reader {
	struct arena *a;
	const char *p;
	size_t n, i;
	struct param *v;
	size_t count, cap;
};

static void skip_blanks(struct reader *r)
{
	while (r->i < r->n && (ascii_isspace(r->p[r->i]) || r->p[r->i] == ';'))
		r->i++;
}

static bool is_token_char(char c)
{
	return c > 32 && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* The quoted string at i; a missing closing quote ends it at the field's end. Only quotes and
 * backslashes are unescaped: `C:\new\report.pdf` is sent without escapes. */
static struct span read_quoted(struct reader *r)
{
	char *copy = arena_alloc(r->a, r->n - r->i + 1);
	size_t len = 0;
	for (r->i++; r->i < r->n && r->p[r->i] != '"'; r->i++) {
		char c = r->p[r->i];
		if (c == '\\' && r->i + 1 < r->n && strchr("\"\\", r->p[r->i + 1]))
			c = r->p[++r->i];
		if (copy)
			copy[len++] = c;
	}
	if (r->i < r->n)
		r->i++;
	return (struct span){copy, len};
}

static struct span read_value(struct reader *r)
{
	while (r->i < r->n && ascii_isspace(r->p[r->i]))
		r->i++;
	if (r->i < r->n && r->p[r->i] == '"')
		return read_quoted(r);
	size_t start = r->i;
	while (r->i < r->n && r->p[r->i] != ';')
		r->i++;
	return span_trim((struct span){r->p + start, r->i - start});
}

/* "filename*1*" into its pieces. */
static void split_name(struct param *m, struct span name)
{
	m->name = name;
	if (name.len > 1 && name.p[name.len - 1] == '*') {
		m->extended = true;
		m->name.len--;
	}
	const char *star = memchr(m->name.p, '*', m->name.len);
	if (!star || star == m->name.p)
		return;
	int64_t section;
	struct span digits = {star + 1, (size_t)(m->name.p + m->name.len - star - 1)};
	if (span_to_i64(digits, 0, SECTION_MAX, &section)) {
		m->section = (unsigned)section;
		m->continued = true;
		m->name.len = (size_t)(star - m->name.p);
	}
}

/* One `name=value`; something else is skipped up to the next ';'. */
static void read_param(struct reader *r)
{
	size_t start = r->i;
	while (r->i < r->n && is_token_char(r->p[r->i]))
		r->i++;
	struct span name = {r->p + start, r->i - start};
	while (r->i < r->n && ascii_isspace(r->p[r->i]))
		r->i++;
	if (name.len == 0 || r->i == r->n || r->p[r->i] != '=') {
		while (r->i < r->n && r->p[r->i] != ';')
			r->i++;
		return;
	}
	r->i++;
	struct param m = {.extended = false};
	split_name(&m, name);
	m.value = read_value(r);
	struct param *v = NULL;
	if (r->count < PARAM_MAX)
		v = arena_grow(r->a, r->v, &r->cap, r->count + 1, sizeof(*v));
	if (!v)
		return;
	r->v = v;
	r->v[r->count++] = m;
}

void param_parse(struct arena *a, struct span field, struct param_list *out)
{
	struct span s = header_unfold(a, field);
	struct reader r = {.a = a, .p = s.p, .n = s.len};
	while (r.i < r.n && r.p[r.i] != ';')
		r.i++;
	out->value = span_trim((struct span){s.p, r.i});
	for (skip_blanks(&r); r.i < r.n; skip_blanks(&r))
		read_param(&r);
	out->v = r.v;
	out->n = r.count;
}

static int by_section(const void *a, const void *b)
{
	const struct param *const *x = a, *const *y = b;
	if ((*x)->section != (*y)->section)
		return (*x)->section < (*y)->section ? -1 : 1;
	return *x < *y ? -1 : 1; /* both of one array: the first of doubles first */
}

/* Cuts `charset'language'` off the front of the first extended section. */
static void take_charset(struct span *value, struct buf *charset)
{
	const char *first = memchr(value->p, '\'', value->len);
	if (!first)
		return;
	size_t rest = value->len - (size_t)(first + 1 - value->p);
	const char *second = memchr(first + 1, '\'', rest);
	if (!second)
		return;
	buf_add(charset, value->p, (size_t)(first - value->p));
	value->len -= (size_t)(second + 1 - value->p);
	value->p = second + 1;
}

static const char *finish(struct arena *a, struct buf *bytes, const char *charset, bool words)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * bytes->len + 16);
	if (words)
		rfc2047_decode(&text, bytes->p, bytes->len);
	else
		charset_decode(&text, charset, bytes->p, bytes->len);
	const char *copy = arena_strndup(a, text.p, text.len);
	return copy ? copy : "";
}

static const char *join_sections(struct arena *a, const struct param **v, size_t n)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(HEADER_MAX_FIELD + 1);
	CLEANUP(buf_release) struct buf charset = BUF_INIT(100);
	bool extended = false;
	qsort(v, n, sizeof(*v), by_section);
	for (size_t i = 0; i < n; i++) {
		struct span value = v[i]->value;
		if (i > 0 && v[i]->continued && v[i]->section == v[i - 1]->section)
			continue;
		if (i == 0 && v[i]->extended)
			take_charset(&value, &charset);
		extended = extended || v[i]->extended;
		if (v[i]->extended)
			codec_percent(&bytes, value.p, value.len);
		else
			buf_add(&bytes, value.p, value.len);
	}
	return finish(a, &bytes, charset.len > 0 ? charset.p : NULL, !extended);
}

const char *param_text(struct arena *a, const struct param_list *l, const char *name)
{
	const struct param **sections = arena_array(a, l->n + 1, sizeof(*sections));
	const struct param *plain = NULL, *extended = NULL;
	size_t n = 0;
	for (size_t i = 0; i < l->n && sections; i++) {
		const struct param *m = &l->v[i];
		if (!span_caseeq(m->name, name))
			continue;
		if (m->continued)
			sections[n++] = m;
		else if (m->extended && !extended)
			extended = m;
		else if (!m->extended && !plain)
			plain = m;
	}
	if (extended || n == 0) {
		sections = arena_array(a, 1, sizeof(*sections));
		n = 0;
		if (sections && (extended || plain))
			sections[n++] = extended ? extended : plain;
	}
	return n > 0 ? join_sections(a, sections, n) : NULL;
}
