/* message_key.c - when two messages are the same one (formats.md "Shared rules"), and the URL of a
 * one-click unsubscribe. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/mail/message.h"
#include "lines.h"

/* The raw value, unfolded and trimmed; empty when there is no such field. */
static void add_raw(struct sha256 *h, struct arena *scratch, const struct message *m,
	const char *name)
{
	const struct header_field *f = header_find(&m->headers, name);
	if (!f)
		return;
	struct span s = header_unfold(scratch, f->value);
	sha256_add(h, s.p, s.len);
}

static void add_three(struct sha256 *h, const struct message *m)
{
	struct arena scratch = ARENA_INIT;
	add_raw(h, &scratch, m, "From");
	sha256_add(h, "\n", 1);
	add_raw(h, &scratch, m, "Date");
	sha256_add(h, "\n", 1);
	add_raw(h, &scratch, m, "Subject");
	arena_release(&scratch);
}

void message_fallback_id(const struct message *m, char out[72])
{
	char hex[65];
	struct sha256 *h = sha256_new();
	add_three(h, m);
	sha256_hex_free(h, hex);
	snprintf(out, 72, "sha256:%s", hex);
}

/* Fields that each hop or each copy changes. */
static bool is_of_transport(struct span name)
{
	return span_caseeq(name, "Received") || span_caseeq(name, "Return-Path") ||
	       span_caseeq(name, "Delivered-To") ||
	       (name.len > 2 && str_ncasecmp(name.p, "X-", 2) == 0);
}

/* The same bytes whatever the line ends of the copy are. */
static void add_lines(struct sha256 *h, const char *p, size_t n)
{
	struct line_scan scan = line_scan_of(p, n);
	struct span line;
	while (line_next(&scan, &line)) {
		sha256_add(h, line.p, line.len);
		sha256_add(h, "\n", 1);
	}
}

void message_equal_key(const struct message *m, const char *raw, size_t n, char out[65])
{
	struct sha256 *h = sha256_new();
	if (m->message_id) {
		sha256_add(h, m->message_id, strlen(m->message_id));
		sha256_add(h, "\n", 1);
		add_three(h, m);
		sha256_hex_free(h, out);
		return;
	}
	for (size_t i = 0; i < m->headers.n; i++) {
		const struct header_field *f = &m->headers.v[i];
		if (is_of_transport(f->name))
			continue;
		sha256_add(h, f->name.p, f->name.len);
		sha256_add(h, ":", 1);
		add_lines(h, f->value.p, f->value.len);
	}
	sha256_add(h, "\n", 1);
	add_lines(h, raw + m->headers.body_offset, n - m->headers.body_offset);
	sha256_hex_free(h, out);
}

static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= 32 || c > 126)
			return false;
	}
	return true;
}

const char *message_one_click(struct arena *a, const struct message *m)
{
	const struct header_field *urls = header_find(&m->headers, "List-Unsubscribe");
	const struct header_field *post = header_find(&m->headers, "List-Unsubscribe-Post");
	if (!urls || !post || !span_caseeq(span_trim(post->value), "List-Unsubscribe=One-Click"))
		return NULL;
	struct span s = header_unfold(a, urls->value);
	const char *p = s.p, *end = s.p + s.len;
	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		const char *close = memchr(p, '>', (size_t)(end - p));
		if (!close)
			break;
		struct span url = span_trim((struct span){p + 1, (size_t)(close - p - 1)});
		if (url.len > 8 && str_ncasecmp(url.p, "https://", 8) == 0 && is_printable(url))
			return arena_strndup(a, url.p, url.len);
		p = close;
	}
	return NULL;
}
