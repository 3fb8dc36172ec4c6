/* form.c - reading and writing the fields of forms and queries. */
#include "config.h"

#include "form.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"

void form_add(struct buf *out, const char *name, const char *value)
{
	buf_addch(out, '&');
	http_add_escaped(out, name);
	buf_addch(out, '=');
	http_add_escaped(out, value);
}

static int hex_of(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Escapes that are none stay as they are. */
static void add_decoded(struct buf *out, struct span v)
{
	for (size_t i = 0; i < v.len; i++) {
		int hi = v.p[i] == '%' && i + 2 < v.len ? hex_of(v.p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_of(v.p[i + 2]) : -1;
		if (lo >= 0) {
			buf_addch(out, (char)(hi << 4 | lo));
			i += 2;
		} else {
			buf_addch(out, (char)(v.p[i] == '+' ? ' ' : v.p[i]));
		}
	}
}

static bool is_field(struct span piece, const char *name, struct span *value)
{
	const char *eq = memchr(piece.p, '=', piece.len);
	if (!eq || !span_eq((struct span){piece.p, (size_t)(eq - piece.p)}, name))
		return false;
	*value = (struct span){eq + 1, (size_t)(piece.p + piece.len - eq - 1)};
	return true;
}

bool form_get(struct span query, const char *name, struct buf *out)
{
	struct span piece, value, found = {NULL, 0};
	unsigned n = 0;
	while (span_next(&query, '&', &piece)) {
		if (piece.len && is_field(piece, name, &value)) {
			found = value;
			n++;
		}
	}
	if (n != 1) /* RFC 6749 section 3.1: no parameter twice */
		return false;
	size_t start = out->len;
	add_decoded(out, found);
	return !out->failed && !memchr(out->p + start, '\0', out->len - start);
}

bool form_has(struct span query, const char *name)
{
	struct span piece;
	while (span_next(&query, '&', &piece)) {
		const char *eq = piece.len ? memchr(piece.p, '=', piece.len) : NULL;
		if (span_eq((struct span){piece.p, eq ? (size_t)(eq - piece.p) : piece.len}, name))
			return true;
	}
	return false;
}

bool form_is_word(const char *s, size_t most)
{
	size_t n = 0;
	for (; s[n]; n++)
		if (n == most || (!ascii_isalnum(s[n]) && !strchr("_-.", s[n])))
			return false;
	return n > 0;
}
