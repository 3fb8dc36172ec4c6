/*
 * header.c - takes a header block apart into fields and unfolds them. What the values mean is the
 * business of rfc2047.c, addr.c, date.c and ids.c.
 */
#include "config.h"

#include "crmail/mail/header.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "lines.h"

/* Fields that are kept even behind HEADER_MAX_FIELDS others; the first ones hold addresses. */
static const char *const wanted[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Sender", "Subject",
	"Date", "Message-ID", "In-Reply-To", "References", "Received", "Content-Type",
	"Content-Transfer-Encoding", "Content-Disposition", "Content-ID", "MIME-Version", "List-Id",
	"List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Precedence", "Return-Path"};
#define N_ADDRESS_FIELDS 6

struct splitter {
	struct arena *a;
	struct header_field *v;
	size_t n, cap;
	unsigned seen; /* bit i: wanted[i] was met */
	bool cut;
	const char *start;     /* of the block */
	struct span name;      /* of the open field; p NULL = none */
	const char *field_end; /* of the open field, without its line end */
	const char *last_end;  /* behind the line end of the last line that was read as a header */
	bool garbage;          /* lines that are no field stand behind last_end */
};

/* The field name of a line, or an empty span: printable without blanks, then blanks, then ':'. */
static struct span field_name(struct span line)
{
	size_t i = 0;
	while (i < line.len && line.p[i] > 32 && line.p[i] < 127 && line.p[i] != ':')
		i++;
	size_t len = i;
	while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (len == 0 || i == line.len || line.p[i] != ':')
		return (struct span){NULL, 0};
	return (struct span){line.p, len};
}

static int find_wanted(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (span_caseeq(name, wanted[i]))
			return (int)i;
	}
	return -1;
}

/* Stores the open field. */
static void close_field(struct splitter *s)
{
	if (!s->name.p)
		return;
	int known = find_wanted(s->name);
	bool seen = known >= 0 && (s->seen >> known & 1);
	if (s->n >= HEADER_MAX_FIELDS && (known < 0 || seen)) {
		s->cut = true;
		return;
	}
	if (known >= 0)
		s->seen |= 1u << known;
	const char *p = s->name.p + s->name.len;
	p = (const char *)memchr(p, ':', (size_t)(s->field_end - p)) + 1;
	struct span value = {p, (size_t)(s->field_end - p)};
	size_t max = known >= 0 && known < N_ADDRESS_FIELDS ? HEADER_MAX_ADDRS : HEADER_MAX_FIELD;
	if (value.len > max) {
		value.len = max;
		s->cut = true;
	}
	struct header_field *v = arena_grow(s->a, s->v, &s->cap, s->n + 1, sizeof(*v));
	if (!v) {
		s->cut = true;
		return;
	}
	s->v = v;
	s->v[s->n++] = (struct header_field){s->name, value};
}

static bool is_mbox_line(struct span line)
{
	return (line.len >= 5 && memcmp(line.p, "From ", 5) == 0) ||
	       (line.len >= 6 && memcmp(line.p, ">From ", 6) == 0);
}

static void open_field(struct splitter *s, struct span name, struct span line, const char *after)
{
	close_field(s);
	s->name = name;
	s->garbage = false;
	s->last_end = after;
	s->field_end = line.p + line.len;
	if (line.p - s->start > (ptrdiff_t)HEADER_MAX_BYTES) {
		s->name.p = NULL;
		s->cut = true;
	}
}

/* Reads one line, `after` being where the next begins. Returns where the body begins, or NULL. */
static const char *take_line(struct splitter *s, struct span line, const char *after)
{
	if (line.len == 0)
		return s->garbage ? s->last_end : after;
	if ((line.p[0] == ' ' || line.p[0] == '\t') && s->field_end && !s->garbage) {
		s->field_end = line.p + line.len;
		s->last_end = after;
		return NULL;
	}
	struct span name = field_name(line);
	if (name.p)
		open_field(s, name, line, after);
	else if (line.p == s->start && is_mbox_line(line))
		s->last_end = after;
	else if (line.len > 2 && memcmp(line.p, "--", 2) == 0)
		return s->garbage ? s->last_end : line.p; /* a boundary: no blank line was there */
	else
		s->garbage = true;
	return NULL;
}

void header_split(struct arena *a, const char *p, size_t n, struct header_block *out)
{
	struct line_scan scan = line_scan_of(p, n);
	struct splitter s = {.a = a, .start = scan.p, .last_end = scan.p};
	struct span line;
	const char *body = NULL;

	while (!body && line_next(&scan, &line))
		body = take_line(&s, line, scan.p);
	close_field(&s);
	if (!body)
		body = s.last_end;
	*out = (struct header_block){
		.v = s.v, .n = s.n, .cut = s.cut, .body_offset = (size_t)(body - s.start)};
}

const struct header_field *header_find(const struct header_block *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++) {
		if (span_caseeq(h->v[i].name, name))
			return &h->v[i];
	}
	return NULL;
}

size_t header_count(const struct header_block *h, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < h->n; i++)
		count += span_caseeq(h->v[i].name, name);
	return count;
}

struct span header_unfold(struct arena *a, struct span value)
{
	value = span_trim(value);
	char *copy = arena_alloc(a, value.len + 1);
	if (!copy)
		return (struct span){"", 0};
	size_t len = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] != '\r' && value.p[i] != '\n')
			copy[len++] = value.p[i];
	}
	return (struct span){copy, len};
}

const char *header_text(struct arena *a, const struct header_block *h, const char *name)
{
	const struct header_field *f = header_find(h, name);
	if (!f)
		return NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * HEADER_MAX_FIELD);
	struct span raw = header_unfold(a, f->value);
	IGNORE_RESULT(rfc2047_decode(&text, raw.p, raw.len), "the caller asked for the text only");
	struct span trimmed = span_trim((struct span){text.p, text.len});
	const char *copy = arena_strndup(a, trimmed.p, trimmed.len);
	return copy ? copy : "";
}
