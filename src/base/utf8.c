/* utf8.c - decoding, clusters and cell widths of UTF-8. What foreign text may contain when it is
 * shown is sanitise.c's business. */
#include "config.h"

#include "crmail/base/utf8.h"

#include <string.h>
#include <wchar.h>

#include <utf8proc.h>

#include "crmail/base/buf.h"

#define ELLIPSIS "\xE2\x80\xA6"
#define BACK_MOST 4096 /* bytes looked back for a sure boundary */

static bool is_cont(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* Lead byte -> length, and the range of the second byte that excludes overlong forms,
 * surrogates and values past U+10FFFF (Unicode 15, table 3-7). */
static size_t lead_info(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
	*hi = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
	if (c >= 0xC2 && c <= 0xDF)
		return 2;
	if (c >= 0xE0 && c <= 0xEF)
		return 3;
	return c >= 0xF0 && c <= 0xF4 ? 4 : 0;
}

size_t utf8_decode(const char *p, size_t n, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)p;
	unsigned char lo, hi;

	*cp = UTF8_REPLACEMENT;
	if (!n)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	size_t want = lead_info(u[0], &lo, &hi);
	if (!want || n < 2 || u[1] < lo || u[1] > hi)
		return 1;
	uint32_t v = (u[0] & (0xFFu >> (want + 1))) << 6 | (u[1] & 0x3F);
	for (size_t i = 2; i < want; i++) {
		if (i >= n || !is_cont(u[i]))
			return i;
		v = v << 6 | (u[i] & 0x3F);
	}
	*cp = v;
	return want;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_REPLACEMENT;
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)out);
}

/* A decoded U+FFFD is either the real one (EF BF BD) or a sign of bad bytes. */
static bool is_bad(const char *p, size_t len, uint32_t cp)
{
	return cp == UTF8_REPLACEMENT && (len != 3 || memcmp(p, "\xEF\xBF\xBD", 3) != 0);
}

bool utf8_is_valid(const char *p, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		if ((unsigned char)p[i] < 0x80) {
			i++;
			continue;
		}
		size_t len = utf8_decode(p + i, n - i, &cp);
		if (is_bad(p + i, len, cp))
			return false;
		i += len;
	}
	return true;
}

void utf8_add_valid(struct buf *out, const char *p, size_t n)
{
	size_t start = 0;
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		if (p[i] && (unsigned char)p[i] < 0x80) {
			i++;
			continue;
		}
		size_t len = utf8_decode(p + i, n - i, &cp);
		if (!cp || is_bad(p + i, len, cp)) {
			buf_add(out, p + start, i - start);
			buf_addutf8(out, UTF8_REPLACEMENT);
			start = i + len;
		}
		i += len;
	}
	buf_add(out, p + start, n - start);
}

int cell_width_cp(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	int w = wcwidth((wchar_t)cp);
	return w < 0 || !cp ? 1 : w > 2 ? 2 : w;
}

static bool is_pictographic(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass ==
	       UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* One step through a cluster. Emoji joined to one picture take two cells however many parts they
 * have; anything else that would pass two cells (runs of Hangul leading consonants, spacing vowel
 * signs in a row) begins a cluster of its own, so that no cluster is wider than what a cell pair
 * of the screen can hold and the sum of the widths is the sum of wcwidth. */
struct walk {
	utf8proc_int32_t state; /* of utf8proc's rules */
	uint32_t prev;
	bool is_picture; /* it began with an emoji */
	int cells;
};

static bool is_emoji_part(const struct walk *w, uint32_t cp)
{
	if (w->prev == 0x200D)
		return is_pictographic(cp);
	return w->is_picture && cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool walk_joins(struct walk *w, uint32_t cp)
{
	if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)w->prev, (utf8proc_int32_t)cp,
		    &w->state))
		return false;
	int more = is_emoji_part(w, cp) ? 0 : cell_width_cp(cp);
	if (w->cells + more > 2)
		return false;
	w->cells += more;
	w->prev = cp;
	return true;
}

static bool is_printable(char c)
{
	return c >= 0x20 && c < 0x7F;
}

size_t utf8_cluster_cells(const char *p, size_t n, int *cells)
{
	struct walk w = {.state = 0};
	size_t at;

	/* Two ASCII bytes of which the first is printable never join: the common case without
	 * tables. */
	if (n && is_printable(p[0]) && (n == 1 || (unsigned char)p[1] < 0x80)) {
		*cells = 1;
		return 1;
	}
	at = utf8_decode(p, n, &w.prev);
	w.cells = at ? cell_width_cp(w.prev) : 0;
	w.is_picture = w.prev > 0xFF && is_pictographic(w.prev);
	while (at < n) {
		uint32_t cp;
		size_t len = utf8_decode(p + at, n - at, &cp);
		if (!walk_joins(&w, cp))
			break;
		at += len;
	}
	*cells = w.cells;
	return at;
}

size_t utf8_cluster(const char *p, size_t n)
{
	int cells;

	return utf8_cluster_cells(p, n, &cells);
}

/* Clusters are only known from their start: goes back to a place where one surely begins (after
 * a line feed, or at an ASCII byte after another) and forward from there. */
size_t utf8_cluster_back(const char *p, size_t n)
{
	size_t from = n;

	if (!n)
		return 0;
	for (size_t most = n > BACK_MOST ? n - BACK_MOST : 0; from > most;) {
		from--;
		if (from + 1 < n && from && (unsigned char)p[from] < 0x80 &&
			(unsigned char)p[from - 1] < 0x80 && p[from] != '\n')
			break;
	}
	while (from && is_cont((unsigned char)p[from]))
		from--;
	for (size_t len; from < n; from += len) {
		len = utf8_cluster(p + from, n - from);
		if (from + len >= n)
			break;
	}
	return n - from;
}

int cell_width_cluster(const char *p, size_t n)
{
	int cells;

	if (!n)
		return 0;
	utf8_cluster_cells(p, n, &cells);
	return cells;
}

size_t cell_width(const char *p, size_t n)
{
	size_t cells = 0;

	utf8_cut(p, n, (size_t)-1, &cells);
	return cells;
}

size_t utf8_cut(const char *p, size_t n, size_t cells, size_t *used)
{
	size_t at = 0, total = 0;

	while (at < n) {
		int w;
		size_t len = utf8_cluster_cells(p + at, n - at, &w);
		if ((size_t)w > cells - total)
			break;
		total += (size_t)w;
		at += len;
	}
	if (used)
		*used = total;
	return at;
}

void utf8_add_cut(struct buf *out, const char *p, size_t n, size_t cells)
{
	size_t fits = utf8_cut(p, n, cells, NULL);

	if (fits == n) {
		buf_add(out, p, n);
	} else if (cells) {
		buf_add(out, p, utf8_cut(p, n, cells - 1, NULL));
		buf_addstr(out, ELLIPSIS);
	}
}

bool utf8_has_rtl(const char *p, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		i += utf8_decode(p + i, n - i, &cp);
		if (cp < 0x590)
			continue;
		int class = utf8proc_get_property((utf8proc_int32_t)cp)->bidi_class;
		if (class == UTF8PROC_BIDI_CLASS_R || class == UTF8PROC_BIDI_CLASS_AL)
			return true;
	}
	return false;
}
