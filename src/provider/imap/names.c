/*
 * names.c - folder names between UTF-8 and IMAP's modified UTF-7 (RFC 3501 section 5.1.3).
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* One shifted sequence after '&' up to '-'; false when it is not valid. */
static bool decode_shift(struct buf *out, const char *p, size_t n)
{
	uint32_t bits = 0, high = 0;
	unsigned have = 0;
	for (size_t i = 0; i < n; i++) {
		const char *at = p[i] ? strchr(b64, p[i]) : NULL;
		if (!at)
			return false;
		bits = (bits << 6 | (uint32_t)(at - b64)) & 0xFFFFFF;
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		uint32_t unit = bits >> have & 0xFFFF;
		if (unit >= 0xD800 && unit < 0xDC00)
			high = unit;
		else if (unit >= 0xDC00 && unit < 0xE000 && high)
			buf_addutf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
		else
			buf_addutf8(out, unit);
	}
	return have < 6;
}

char *imap_name_decode(struct arena *a, const char *name)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(8192);
	for (const char *p = name; *p; p++) {
		const char *end = *p == '&' ? strchr(p, '-') : NULL;
		if (*p != '&') {
			buf_addch(&out, *p);
		} else if (end == p + 1) {
			buf_addch(&out, '&');
			p = end;
		} else if (end && decode_shift(&out, p + 1, (size_t)(end - p - 1))) {
			p = end;
		} else {
			return arena_strdup(a, name);
		}
	}
	return utf8_is_valid(out.p, out.len) ? arena_strndup(a, out.p, out.len)
					     : arena_strdup(a, name);
}

struct shift { /* bits waiting inside "&...-" */
	uint32_t bits;
	unsigned have;
	bool open;
};

static void shift_unit(struct buf *out, struct shift *s, uint32_t unit)
{
	if (!s->open)
		buf_addch(out, '&');
	s->open = true;
	s->bits = s->bits << 16 | unit;
	s->have += 16;
	while (s->have >= 6) {
		s->have -= 6;
		buf_addch(out, b64[s->bits >> s->have & 63]);
	}
	s->bits &= 63;
}

static void shift_close(struct buf *out, struct shift *s)
{
	if (!s->open)
		return;
	if (s->have)
		buf_addch(out, b64[s->bits << (6 - s->have) & 63]);
	buf_addch(out, '-');
	*s = (struct shift){0};
}

char *imap_name_encode(struct arena *a, const char *utf8)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(8192);
	struct shift s = {0};
	for (size_t n = strlen(utf8), i = 0; i < n;) {
		uint32_t cp;
		i += utf8_decode(utf8 + i, n - i, &cp);
		if (cp >= 0x20 && cp < 0x7F) {
			shift_close(&out, &s);
			buf_addstr(&out, cp == '&' ? "&-" : (char[2]){(char)cp, '\0'});
		} else if (cp >= 0x10000) {
			shift_unit(&out, &s, 0xD800 + ((cp - 0x10000) >> 10));
			shift_unit(&out, &s, 0xDC00 + ((cp - 0x10000) & 0x3FF));
		} else {
			shift_unit(&out, &s, cp);
		}
	}
	shift_close(&out, &s);
	return arena_strndup(a, out.p, out.len);
}
