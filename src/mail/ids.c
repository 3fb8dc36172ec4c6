/* ids.c - message ids out of Message-ID, In-Reply-To and References, whatever else stands there. */
#include "config.h"

#include "crmail/mail/header.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "strset.h"

#define ID_MAX_BYTES 998 /* of one id: what fits a line (RFC 5322 §2.1.1) */

struct id_list {
	struct arena *a;
	const char **v;
	size_t n, cap;
	struct strset seen;
	bool junk;
};

static void add_unique(struct id_list *l, const char *id)
{
	if (!strset_add(&l->seen, id))
		return;
	const char **v = arena_grow(l->a, l->v, &l->cap, l->n + 1, sizeof(*v));
	if (!v)
		return;
	l->v = v;
	l->v[l->n++] = id;
}

/* One token; blanks inside (an id folded in the middle) are dropped. */
static void add_token(struct id_list *l, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf id = BUF_INIT(3 * ID_MAX_BYTES);
	size_t start = 0;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && !ascii_isspace(p[i]))
			continue;
		utf8_add_valid(&id, p + start, i - start);
		start = i + 1;
	}
	if (id.failed || id.len > ID_MAX_BYTES || !memchr(id.p, '@', id.len)) {
		l->junk = true;
		return;
	}
	const char *copy = arena_strndup(l->a, id.p, id.len);
	if (copy)
		add_unique(l, copy);
}

/* Behind the comment that opens at p[i], nested ones included; i + 1 when it never closes. */
static size_t skip_comment(const char *p, size_t n, size_t i, bool *hopeless)
{
	size_t depth = 0;
	for (size_t k = i; k < n && !*hopeless; k++) {
		if (p[k] == '\\')
			k++;
		else if (p[k] == '(')
			depth++;
		else if (p[k] == ')' && --depth == 0)
			return k + 1;
	}
	*hopeless =
		true; /* nor does any later one: not looked for again, which keeps this linear */
	return i + 1;
}

static bool ends_bare_token(char c)
{
	return ascii_isspace(c) || c == '<' || c == '>' || c == ',' || c == ';' || c == '(';
}

size_t header_ids(struct arena *a, struct span value, const char ***out, bool *junk)
{
	struct id_list l = {.a = a, .seen = STRSET_INIT(a)};
	const char *p = value.p;
	size_t n = value.len;
	bool hopeless = false;
	size_t i = 0;
	while (i < n) {
		if (p[i] == '(') {
			i = skip_comment(p, n, i, &hopeless);
		} else if (p[i] == '<') {
			size_t k = ++i;
			while (k < n && p[k] != '>' && p[k] != '<')
				k++;
			add_token(&l, p + i, k - i);
			i = k + (k < n && p[k] == '>');
		} else if (ends_bare_token(p[i])) {
			i++;
		} else {
			size_t k = i;
			while (k < n && !ends_bare_token(p[k]))
				k++;
			add_token(&l, p + i, k - i);
			i = k;
		}
	}
	if (junk && l.junk)
		*junk = true;
	*out = l.v;
	return l.n;
}
