/*
 * sanitise.c - the one gate that foreign text passes before a terminal sees it [R19]: nothing
 * that comes out can move the cursor, change the order of characters, hide text, or be counted
 * differently by us, by wcwidth() and by the terminal.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

#define MARKS_MOST 8 /* combining marks kept on one base; real scripts need at most five */

enum fate {
	FATE_KEEP,
	FATE_DROP,
	FATE_REPLACE,
	FATE_BREAK,  /* a line break in disguise */
	FATE_JOINER, /* kept with SANITISE_KEEP_ZW only */
};

static const struct range {
	uint32_t first, last;
	enum fate fate;
} ranges[] = {
	/* ascending; what is not listed is judged by its category */
	{0x00AD, 0x00AD, FATE_DROP},       /* soft hyphen */
	{0x034F, 0x034F, FATE_DROP},       /* combining grapheme joiner */
	{0x061C, 0x061C, FATE_DROP},       /* Arabic letter mark */
	{0x115F, 0x1160, FATE_DROP},       /* Hangul fillers */
	{0x17B4, 0x17B5, FATE_DROP},       /* Khmer inherent vowels, invisible */
	{0x180B, 0x180F, FATE_DROP},       /* Mongolian variation selectors */
	{0x200B, 0x200B, FATE_DROP},       /* zero width space */
	{0x200C, 0x200D, FATE_JOINER},     /* ZWNJ, ZWJ */
	{0x200E, 0x200F, FATE_DROP},       /* LRM, RLM */
	{0x2028, 0x2029, FATE_BREAK},      /* line and paragraph separator */
	{0x202A, 0x202E, FATE_DROP},       /* bidi embeddings and overrides */
	{0x2060, 0x206F, FATE_DROP},       /* invisible operators, isolates, shaping */
	{0x20E3, 0x20E3, FATE_JOINER},     /* keycap: terminals draw the digit wide */
	{0x3164, 0x3164, FATE_DROP},       /* Hangul filler */
	{0xE000, 0xF8FF, FATE_REPLACE},    /* private use */
	{0xFDD0, 0xFDEF, FATE_REPLACE},    /* non-characters */
	{0xFE00, 0xFE0F, FATE_JOINER},     /* variation selectors */
	{0xFEFF, 0xFEFF, FATE_DROP},       /* byte order mark */
	{0xFFA0, 0xFFA0, FATE_DROP},       /* half width Hangul filler */
	{0xFFF0, 0xFFFB, FATE_DROP},       /* interlinear annotation */
	{0x1BCA0, 0x1BCA3, FATE_DROP},     /* shorthand format controls */
	{0x1D173, 0x1D17A, FATE_DROP},     /* musical format controls */
	{0xE0000, 0xE0FFF, FATE_DROP},     /* tags and variation selectors supplement */
	{0xF0000, 0x10FFFF, FATE_REPLACE}, /* private use planes */
};

static int compare_range(const void *key, const void *elem)
{
	uint32_t cp = *(const uint32_t *)key;
	const struct range *r = elem;

	return cp < r->first ? -1 : cp > r->last ? 1 : 0;
}

static enum fate fate_of(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp & 0xFFFE) == 0xFFFE)
		return FATE_REPLACE;
	const struct range *r = bsearch(&cp, ranges, sizeof(ranges) / sizeof(ranges[0]),
		sizeof(ranges[0]), compare_range);
	if (r)
		return r->fate;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return FATE_REPLACE;
	case UTF8PROC_CATEGORY_CF:
		/* Arabic number signs and the like are visible and have a width. */
		return wcwidth((wchar_t)cp) > 0 ? FATE_KEEP : FATE_DROP;
	default:
		return FATE_KEEP;
	}
}

struct gate {
	struct buf *out;
	unsigned flags;
	uint32_t base;   /* last character kept that is not a mark; 0 = none on this line */
	unsigned marks;  /* kept since base */
	bool is_joined;  /* a ZWJ was dropped just now */
	bool knows_wide; /* the locale's wcwidth knows more than ASCII */
};

static void put_break(struct gate *g)
{
	buf_addch(g->out, g->flags & SANITISE_LINE ? ' ' : '\n');
	g->base = 0;
	g->marks = 0;
	g->is_joined = false;
}

static bool is_picture(uint32_t cp)
{
	return cp && utf8proc_get_property((utf8proc_int32_t)cp)->boundclass ==
			     UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* Terminals draw a joined or tinted emoji as one picture and wcwidth() adds its parts up, so only
 * the first part is shown. */
static bool is_emoji_part(const struct gate *g, uint32_t cp)
{
	if (g->flags & SANITISE_KEEP_ZW || !is_picture(g->base))
		return false;
	return (cp >= 0x1F3FB && cp <= 0x1F3FF) || (g->is_joined && is_picture(cp));
}

static bool is_mark(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);

	return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME;
}

static void put_kept(struct gate *g, uint32_t cp)
{
	if (is_emoji_part(g, cp))
		return;
	g->is_joined = false;
	if (g->knows_wide && !(g->flags & SANITISE_KEEP_ZW) && wcwidth((wchar_t)cp) < 0)
		cp = UTF8_REPLACEMENT;
	if (cp >= 0x300 && is_mark(cp)) {
		/* Without a base a mark would change the cell beside our text. */
		if (g->base && ++g->marks <= MARKS_MOST)
			buf_addutf8(g->out, cp);
		return;
	}
	g->base = cp;
	g->marks = 0;
	buf_addutf8(g->out, cp);
}

static void put(struct gate *g, uint32_t cp)
{
	switch (fate_of(cp)) {
	case FATE_KEEP:
		put_kept(g, cp);
		break;
	case FATE_REPLACE:
		put_kept(g, UTF8_REPLACEMENT);
		break;
	case FATE_BREAK:
		put_break(g);
		break;
	case FATE_JOINER:
		if (g->flags & SANITISE_KEEP_ZW)
			buf_addutf8(g->out, cp);
		else if (cp == 0x200D)
			g->is_joined = true;
		break;
	case FATE_DROP:
		break;
	}
}

/* Length of the run of printable ASCII at p: the common case, copied as it is. */
static size_t ascii_run(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= 0x20 && p[i] < 0x7F)
		i++;
	return i;
}

void utf8_sanitise(struct buf *out, const char *p, size_t n, unsigned flags)
{
	struct gate g = {.out = out, .flags = flags, .knows_wide = wcwidth(0x4E2D) == 2};
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		size_t run = ascii_run(p + i, n - i);
		if (run) {
			buf_add(out, p + i, run);
			i += run;
			g.base = (unsigned char)p[i - 1];
			g.marks = 0;
			g.is_joined = false;
			continue;
		}
		i += utf8_decode(p + i, n - i, &cp);
		if (cp == '\r' && i < n && p[i] == '\n')
			continue;
		if (cp == '\n' || cp == '\r')
			put_break(&g);
		else if (cp == '\t' || cp == '\v' || cp == '\f')
			buf_addch(out, cp == '\t' && !(flags & SANITISE_LINE) ? '\t' : ' ');
		else
			put(&g, cp);
	}
}

char *utf8_sanitise_dup(const char *s, unsigned flags)
{
	struct buf b = BUF_INIT(BUF_UNLIMITED);

	utf8_sanitise(&b, s, strlen(s), flags);
	return buf_steal(&b, NULL);
}
