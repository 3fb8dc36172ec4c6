/* addr_text.c - addresses as text: the form for comparing, and writing them into headers. */
#include "config.h"

#include "crmail/mail/addr.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/header.h"
#include "idn.h"

#define ADDR_MAX_BYTES 2000 /* of an address in its comparing form */

const char *addr_domain(const char *addr)
{
	const char *at = strrchr(addr, '@');
	return at ? at + 1 : "";
}

void addr_normalise(struct buf *out, const char *addr, bool strip_tag)
{
	const char *at = strrchr(addr, '@');
	size_t local = at ? (size_t)(at - addr) : strlen(addr);
	const char *plus = strip_tag ? memchr(addr, '+', local) : NULL;
	if (plus && plus > addr)
		local = (size_t)(plus - addr);
	for (size_t i = 0; i < local; i++)
		buf_addch(out, ascii_lower(addr[i]));
	if (!at)
		return;
	buf_addch(out, '@');
	idn_add_ascii(out, at + 1, strlen(at + 1));
}

bool addr_same(const char *a, const char *b)
{
	CLEANUP(buf_release) struct buf x = BUF_INIT(ADDR_MAX_BYTES);
	CLEANUP(buf_release) struct buf y = BUF_INIT(ADDR_MAX_BYTES);
	addr_normalise(&x, a, false);
	addr_normalise(&y, b, false);
	return !x.failed && !y.failed && x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
}

static bool is_atom_text(const char *s)
{
	for (; *s; s++) {
		if (!ascii_isalnum(*s) && !strchr("!#$%&'*+-/=?^_`{|}~ ", *s))
			return false;
	}
	return true;
}

static bool is_ascii(const char *s)
{
	while (*s && (unsigned char)*s < 128)
		s++;
	return *s == 0;
}

static size_t column_of(const struct buf *out)
{
	size_t start = out->len;
	while (start > 0 && out->p[start - 1] != '\n')
		start--;
	return out->len - start;
}

static void write_name(struct buf *out, const char *name)
{
	if (!is_ascii(name) || strstr(name, "=?") || strlen(name) > 500) {
		rfc2047_encode(out, name, column_of(out));
		return;
	}
	bool quoted = !is_atom_text(name);
	if (quoted)
		buf_addch(out, '"');
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buf_addch(out, '\\');
		buf_addch(out, (unsigned char)*name < 32 || *name == 127 ? ' ' : *name);
	}
	if (quoted)
		buf_addch(out, '"');
}

/* Nothing in an address may end the line, the brackets or the list it stands in. */
static void write_spec(struct buf *out, const char *addr)
{
	const char *at = strrchr(addr, '@');
	bool in_quotes = false;
	const char *p = addr;
	for (; *p && p != at; p++) {
		if (*p == '"' && (p == addr || p[-1] != '\\'))
			in_quotes = !in_quotes;
		if ((unsigned char)*p < 32 || *p == 127)
			continue;
		if (in_quotes || !strchr(" <>,;:()", *p))
			buf_addch(out, *p);
	}
	if (in_quotes)
		buf_addch(out, '"');
	if (!at)
		return;
	buf_addch(out, '@');
	CLEANUP(buf_release) struct buf domain = BUF_INIT(ADDR_MAX_BYTES);
	if (is_ascii(at + 1))
		buf_addstr(&domain, at + 1);
	else
		idn_add_ascii(&domain, at + 1, strlen(at + 1));
	for (p = domain.p; *p; p++) {
		if ((unsigned char)*p > 32 && *p != 127 && !strchr("<>,;()\"", *p))
			buf_addch(out, *p);
	}
}

void addr_write(struct buf *out, const struct addr *a)
{
	bool named = a->name && a->name[0];
	if (named) {
		write_name(out, a->name);
		buf_addstr(out, column_of(out) + strlen(a->addr) > 74 ? "\r\n <" : " <");
	}
	write_spec(out, a->addr);
	if (named)
		buf_addch(out, '>');
}
