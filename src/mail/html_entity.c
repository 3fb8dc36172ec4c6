/* html_entity.c - character references of HTML to UTF-8. Knows nothing of tags. */
#include "config.h"

#include "html_lex.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "html_entity_table.h"

#define ENTITY_NAME_MAX 16

/* What 128-159 mean where a sender wrote Windows-1252 numbers (HTML living standard 13.2.5.80). */
static const uint16_t windows_1252[32] = {
	0x20AC,
	0x81,
	0x201A,
	0x0192,
	0x201E,
	0x2026,
	0x2020,
	0x2021,
	0x02C6,
	0x2030,
	0x0160,
	0x2039,
	0x0152,
	0x8D,
	0x017D,
	0x8F,
	0x90,
	0x2018,
	0x2019,
	0x201C,
	0x201D,
	0x2022,
	0x2013,
	0x2014,
	0x02DC,
	0x2122,
	0x0161,
	0x203A,
	0x0153,
	0x9D,
	0x017E,
	0x0178,
};

static int entity_compare(const void *key, const void *entry)
{
	const struct html_entity *e = entry;
	return strcmp(key, e->name);
}

static bool entity_lookup(const char *name, uint32_t *cp)
{
	const struct html_entity *e = bsearch(name, html_entities, ARRAY_SIZE(html_entities),
		sizeof(html_entities[0]), entity_compare);
	if (e)
		*cp = e->cp;
	return e != NULL;
}

static int hex_value(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "&#123;" and "&#x1f;": returns the length taken from p ('&' on), 0 = not a reference. */
static size_t decode_number(const char *p, size_t n, uint32_t *cp)
{
	bool hex = n > 2 && (p[2] == 'x' || p[2] == 'X');
	size_t start = hex ? 3 : 2, i = start;
	uint32_t v = 0;

	for (; i < n; i++) {
		int d = hex_value(p[i]);
		if (d < 0 || (!hex && d > 9))
			break;
		if (v <= 0x10FFFF)
			v = v * (hex ? 16 : 10) + (uint32_t)d;
	}
	if (i == start)
		return 0;
	if (v >= 0x80 && v <= 0x9F)
		v = windows_1252[v - 0x80];
	*cp = v > 0x10FFFF || v == 0 ? 0xFFFD : v;
	return i < n && p[i] == ';' ? i + 1 : i;
}

/* "&name;": without the semicolon only where no letter follows, so that "&copy=1" in a URL's
 * query and "&notify" stay what they are. */
static size_t decode_name(const char *p, size_t n, uint32_t *cp)
{
	char name[ENTITY_NAME_MAX + 1];
	size_t len = 0;

	while (1 + len < n && len < ENTITY_NAME_MAX && ascii_isalnum(p[1 + len])) {
		name[len] = p[1 + len];
		len++;
	}
	name[len] = '\0';
	if (!len || !entity_lookup(name, cp))
		return 0;
	if (1 + len < n && p[1 + len] == ';')
		return len + 2;
	return 1 + len < n && (ascii_isalnum(p[1 + len]) || p[1 + len] == '=') ? 0 : len + 1;
}

static size_t decode_reference(const char *p, size_t n, uint32_t *cp)
{
	if (n < 3)
		return 0;
	return p[1] == '#' ? decode_number(p, n, cp) : decode_name(p, n, cp);
}

void html_decode(struct buf *out, struct span text)
{
	const char *p = text.p;
	size_t n = text.len;

	for (size_t i = 0; i < n;) {
		size_t run = i;
		uint32_t cp;

		while (i < n && p[i] != '&' && p[i] != '\r' && p[i] != '\f' && p[i] != '\xC2')
			i++;
		buf_add(out, p + run, i - run);
		if (i == n)
			break;
		size_t taken = p[i] == '&' ? decode_reference(p + i, n - i, &cp) : 0;
		if (taken) {
			if (cp != 0xAD)
				buf_addutf8(out, cp);
			i += taken;
		} else if (p[i] == '\xC2' && i + 1 < n && p[i + 1] == '\xAD') {
			i += 2;
		} else {
			buf_addch(out, p[i] == '\r' || p[i] == '\f' ? '\n' : p[i]);
			i++;
		}
	}
}
