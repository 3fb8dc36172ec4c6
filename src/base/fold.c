/*
 * fold.c - the one folding for search. Works character by character (never on the whole text), so
 * that time is linear whatever runs of marks a stranger sends; the only state is one pending
 * character that a following kana mark or Hangul jamo may still join.
 */
#include "config.h"

#include "crmail/base/fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

/* Letters that Unicode does not decompose but that people type without their stroke. */
static const struct letter {
	uint32_t from;
	char to[3];
} letters[] = {
	/* ascending; after case folding, so lower case only */
	{0x00E6, "ae"}, /* æ */
	{0x00F0, "d"},  /* ð */
	{0x00F8, "o"},  /* ø */
	{0x00FE, "th"}, /* þ */
	{0x0111, "d"},  /* đ */
	{0x0127, "h"},  /* ħ */
	{0x0131, "i"},  /* ı */
	{0x0142, "l"},  /* ł */
	{0x014B, "n"},  /* ŋ */
	{0x0153, "oe"}, /* œ */
	{0x0167, "t"},  /* ŧ */
	{0x0180, "b"},  /* ƀ */
	{0x01E5, "g"},  /* ǥ */
	{0x0247, "e"},  /* ɇ */
	{0x0249, "j"},  /* ɉ */
	{0x0268, "i"},  /* ɨ */
};

struct folder {
	struct buf *out;
	uint32_t pending; /* not yet written; 0 = none */
	bool splits_cjk;
	bool wants_gap; /* a blank is due before the next character */
	bool has_begun; /* something was written: blanks at both ends are left out */
};

static bool is_cjk(uint32_t cp)
{
	return (cp >= 0x3005 && cp <= 0x3007) || (cp >= 0x3041 && cp <= 0x30FF && cp != 0x30FB) ||
	       (cp >= 0x3105 && cp <= 0x312F) || (cp >= 0x3131 && cp <= 0x318E) ||
	       (cp >= 0x31A0 && cp <= 0x31BF) || (cp >= 0x31F0 && cp <= 0x31FF) ||
	       (cp >= 0x3400 && cp <= 0x4DBF) || (cp >= 0x4E00 && cp <= 0x9FFF) ||
	       (cp >= 0x1100 && cp <= 0x11FF) || (cp >= 0xAC00 && cp <= 0xD7A3) ||
	       (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x1B000 && cp <= 0x1B16F) ||
	       (cp >= 0x20000 && cp <= 0x3FFFF);
}

static bool is_kana_mark(uint32_t cp)
{
	return cp == 0x3099 || cp == 0x309A;
}

/* May join the character before it: kana voicing marks, Hangul vowels and finals. */
static bool may_join(uint32_t cp)
{
	return is_kana_mark(cp) || (cp >= 0x1161 && cp <= 0x1175) || (cp >= 0x11A8 && cp <= 0x11C2);
}

static void begin(struct folder *f)
{
	if (f->wants_gap && f->has_begun)
		buf_addch(f->out, ' ');
	f->wants_gap = false;
	f->has_begun = true;
}

static int compare_letter(const void *key, const void *elem)
{
	uint32_t cp = *(const uint32_t *)key;
	const struct letter *l = elem;

	return cp < l->from ? -1 : cp > l->from;
}

static void flush(struct folder *f)
{
	uint32_t cp = f->pending;

	if (!cp)
		return;
	f->pending = 0;
	bool own_token = f->splits_cjk && is_cjk(cp);
	if (own_token)
		f->wants_gap = true;
	begin(f);
	const struct letter *l = bsearch(&cp, letters, sizeof(letters) / sizeof(letters[0]),
		sizeof(letters[0]), compare_letter);
	if (l)
		buf_addstr(f->out, l->to);
	else
		buf_addutf8(f->out, cp);
	if (own_token)
		f->wants_gap = true;
}

static bool join(struct folder *f, uint32_t cp)
{
	utf8proc_int32_t pair[2] = {(utf8proc_int32_t)f->pending, (utf8proc_int32_t)cp};

	if (utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) != 1)
		return false;
	f->pending = (uint32_t)pair[0];
	return true;
}

/* One character of the decomposed, case-folded text. */
static void put_folded(struct folder *f, uint32_t cp)
{
	if (f->pending && may_join(cp) && join(f, cp))
		return;
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return;
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
		flush(f);
		f->wants_gap = true;
		return;
	default:
		flush(f);
		f->pending = cp;
	}
}

static void put_char(struct folder *f, uint32_t cp)
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
				      UTF8PROC_IGNORE | UTF8PROC_STABLE;
	utf8proc_int32_t parts[32];
	int class = UTF8PROC_BOUNDCLASS_START;

	/* Composed already, and case-less; decomposed they would only be joined again. */
	if ((cp >= 0xAC00 && cp <= 0xD7A3) || (cp >= 0x4E00 && cp <= 0x9FFF)) {
		flush(f);
		f->pending = cp;
		return;
	}
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32, how, &class);
	if (n > 32)
		n = 32;
	for (utf8proc_ssize_t i = 0; i < n; i++)
		put_folded(f, (uint32_t)parts[i]);
}

static void put_ascii(struct folder *f, char c)
{
	if (f->pending)
		flush(f);
	if (c <= ' ' || c == 0x7F) {
		f->wants_gap = true;
		return;
	}
	begin(f);
	buf_addch(f->out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
}

static void fold(struct folder *f, const char *p, size_t n)
{
	for (size_t i = 0; i < n && !f->out->failed;) {
		uint32_t cp;
		if ((unsigned char)p[i] < 0x80) {
			put_ascii(f, p[i++]);
			continue;
		}
		i += utf8_decode(p + i, n - i, &cp);
		if (cp == UTF8_REPLACEMENT)
			put_ascii(f, ' ');
		else
			put_char(f, cp);
	}
	flush(f);
}

void fold_text(struct buf *out, const char *p, size_t n)
{
	struct folder f = {.out = out, .splits_cjk = true};

	fold(&f, p, n);
}

void fold_plain(struct buf *out, const char *p, size_t n)
{
	struct folder f = {.out = out, .splits_cjk = false};

	fold(&f, p, n);
}
