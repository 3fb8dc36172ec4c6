/* jis.c - shifts of ISO-2022-JP (RFC 1468, and what is used beyond it) to the high bits of EUC. */
#include "config.h"

#include "jis.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"

enum jis_set { JIS_ASCII, JIS_KANJI, JIS_KANA, JIS_SUPPLEMENT };

static const struct {
	const char *escape;
	enum jis_set set;
} shifts[] = {{"\033(B", JIS_ASCII}, {"\033(J", JIS_ASCII}, {"\033(I", JIS_KANA},
	{"\033$@", JIS_KANJI}, {"\033$B", JIS_KANJI}, {"\033$(D", JIS_SUPPLEMENT}};

static size_t match_shift(const char *p, size_t n, enum jis_set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
		size_t len = strlen(shifts[i].escape);
		if (n >= len && memcmp(p, shifts[i].escape, len) == 0) {
			*set = shifts[i].set;
			return len;
		}
	}
	return 0;
}

static bool is_graphic(char c)
{
	return c > 0x20 && c < 0x7F;
}

/* One character; returns the bytes taken. */
static size_t add_char(struct buf *out, const char *p, size_t n, enum jis_set set)
{
	bool two = n >= 2 && is_graphic(p[0]) && is_graphic(p[1]);
	if (set == JIS_KANA && is_graphic(p[0]) && p[0] < 0x60) {
		buf_addch(out, (char)0x8E);
		buf_addch(out, (char)(p[0] | 0x80));
		return 1;
	}
	if (!two || set == JIS_ASCII || set == JIS_KANA) {
		buf_addch(out, p[0]);
		return 1;
	}
	if (set == JIS_SUPPLEMENT)
		buf_addch(out, (char)0x8F);
	buf_addch(out, (char)(p[0] | 0x80));
	buf_addch(out, (char)(p[1] | 0x80));
	return 2;
}

void jis_to_euc(struct buf *out, const char *p, size_t n)
{
	enum jis_set set = JIS_ASCII;
	size_t i = 0;
	while (i < n) {
		size_t len = p[i] == '\033' ? match_shift(p + i, n - i, &set) : 0;
		if (p[i] == '\n')
			set = JIS_ASCII; /* RFC 1468: each line begins so */
		i += len ? len : add_char(out, p + i, n - i, set);
	}
}
