/*
 * charset.c - foreign charsets to UTF-8. The names are a closed table: what it does not list is
 * never handed to iconv, so that a sender cannot choose converters (UTF-7 among them).
 */
#include "config.h"

#include "crmail/mail/header.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

#include "jis.h"
#include "recode.h"

#define NAME_MAX_BYTES 40

/* What a name on the wire means: labels too narrow for what is sent under them are widened, as
 * browsers and mail readers do (gb2312 is GB18030, iso-8859-1 is Windows-1252, ...). */
static const struct {
	const char *name;
	/* NULL = UTF-8; "" and, with a complaint, ASCII = UTF-8 where valid, else Windows-1252 */
	const char *iconv;
} charsets[] = {{"utf-8", NULL}, {"utf8", NULL}, {"unicode-1-1-utf-8", NULL}, {"utf-8-sig", NULL},
	{"us-ascii", "ASCII"}, {"ascii", "ASCII"}, {"ansi_x3.4-1968", "ASCII"},
	{"iso646-us", "ASCII"}, {"646", "ASCII"}, {"default", ""}, {"unknown-8bit", ""},
	{"8bit", ""}, {"binary", ""}, {"iso-8859-1", "CP1252"}, {"iso8859-1", "CP1252"},
	{"iso_8859-1", "CP1252"}, {"8859-1", "CP1252"}, {"latin1", "CP1252"}, {"latin-1", "CP1252"},
	{"l1", "CP1252"}, {"iso-8859-2", "ISO-8859-2"}, {"iso8859-2", "ISO-8859-2"},
	{"latin2", "ISO-8859-2"}, {"iso-8859-3", "ISO-8859-3"}, {"iso-8859-4", "ISO-8859-4"},
	{"iso-8859-5", "ISO-8859-5"}, {"iso-8859-6", "ISO-8859-6"}, {"iso-8859-7", "ISO-8859-7"},
	{"iso-8859-8", "ISO-8859-8"}, {"iso-8859-8-i", "ISO-8859-8"}, {"iso-8859-9", "CP1254"},
	{"latin5", "CP1254"}, {"iso-8859-10", "ISO-8859-10"}, {"iso-8859-11", "CP874"},
	{"tis-620", "CP874"}, {"iso-8859-13", "ISO-8859-13"}, {"iso-8859-14", "ISO-8859-14"},
	{"iso-8859-15", "ISO-8859-15"}, {"iso8859-15", "ISO-8859-15"}, {"latin9", "ISO-8859-15"},
	{"iso-8859-16", "ISO-8859-16"}, {"cp437", "CP437"}, {"ibm437", "CP437"}, {"cp850", "CP850"},
	{"ibm850", "CP850"}, {"cp852", "CP852"}, {"cp866", "CP866"}, {"ibm866", "CP866"},
	{"cp874", "CP874"}, {"macintosh", "MACINTOSH"}, {"x-mac-roman", "MACINTOSH"},
	{"windows-31j", "CP932"}, {"cp932", "CP932"}, {"cp936", "GB18030"}, {"cp949", "CP949"},
	{"cp950", "CP950"}, {"cp1250", "CP1250"}, {"cp1251", "CP1251"}, {"cp1252", "CP1252"},
	{"cp1253", "CP1253"}, {"cp1254", "CP1254"}, {"cp1255", "CP1255"}, {"cp1256", "CP1256"},
	{"cp1257", "CP1257"}, {"cp1258", "CP1258"}, {"koi8-r", "KOI8-R"}, {"koi8r", "KOI8-R"},
	{"koi8-u", "KOI8-U"}, {"shift_jis", "CP932"}, {"shift-jis", "CP932"}, {"sjis", "CP932"},
	{"ms_kanji", "CP932"}, {"euc-jp", "EUC-JP"}, {"eucjp", "EUC-JP"},
	{"iso-2022-jp", "ISO-2022-JP"}, {"iso-2022-jp-1", "ISO-2022-JP-1"},
	{"iso-2022-jp-2", "ISO-2022-JP-2"}, {"iso-2022-jp-3", "ISO-2022-JP-3"},
	{"iso-2022-kr", "ISO-2022-KR"}, {"iso-2022-cn", "ISO-2022-CN"}, {"gb2312", "GB18030"},
	{"gb_2312-80", "GB18030"}, {"euc-cn", "GB18030"}, {"gbk", "GB18030"},
	{"gb18030", "GB18030"}, {"hz-gb-2312", "HZ"}, {"big5", "CP950"}, {"big-5", "CP950"},
	{"big5-hkscs", "BIG5-HKSCS"}, {"euc-tw", "EUC-TW"}, {"euc-kr", "CP949"}, {"euckr", "CP949"},
	{"ks_c_5601-1987", "CP949"}, {"ksc5601", "CP949"}, {"ks_c_5601", "CP949"}, {"uhc", "CP949"},
	{"viscii", "VISCII"}, {"utf-16", "UTF-16"}, {"utf-16le", "UTF-16LE"},
	{"utf-16be", "UTF-16BE"}, {"utf-32", "UTF-32"}, {"utf-32le", "UTF-32LE"},
	{"utf-32be", "UTF-32BE"}};

static const struct {
	const char *prefix, *instead;
} renames[] = {
	{"windows-", "cp"}, {"ibm-", "cp"}, {"ibm", "cp"}, {"ms-", "cp"}, {"x-", ""}, {"cs", ""}};

/* Windows-1252 at 0x80 to 0x9F; the five holes stay C1 controls there. */
static const uint16_t cp1252_high[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
	0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019,
	0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
	0x017E, 0x0178};

static void add_cp1252(struct buf *out, const char *p, size_t n)
{
	size_t start = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c < 0x80 && c != 0)
			continue;
		buf_add(out, p + start, i - start);
		start = i + 1;
		buf_addutf8(out, c == 0 ? UTF8_REPLACEMENT : c < 0xA0 ? cp1252_high[c - 0x80] : c);
	}
	buf_add(out, p + start, n - start);
}

static void add_unlabelled(struct buf *out, const char *p, size_t n)
{
	if (utf8_is_valid(p, n))
		utf8_add_valid(out, p, n); /* NUL */
	else
		add_cp1252(out, p, n);
}

/* *broken counts the places that could not be converted. */
static bool add_iconv(struct buf *out, const char *from, const char *p, size_t n, size_t *broken)
{
	iconv_t cd = iconv_open("UTF-8", from);
	if (cd == (iconv_t)-1)
		return false;
	char chunk[2048];
	char *in = (char *)(uintptr_t)p; /* iconv's prototype lacks the const; it only reads */
	size_t left = n;
	bool flushing = false;
	while (!out->failed) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(cd, flushing ? NULL : &in, flushing ? NULL : &left, &to, &room);
		int why = errno;
		utf8_add_valid(out, chunk, sizeof(chunk) - room); /* NULs */
		if (rc != (size_t)-1) {
			if (flushing)
				break;
			flushing = left == 0;
			continue;
		}
		if (why == E2BIG && room < sizeof(chunk))
			continue;
		buf_addutf8(out, UTF8_REPLACEMENT);
		(*broken)++;
		if (flushing || why == EINVAL || left == 0)
			break; /* a character cut off at the end */
		in++;
		left--;
	}
	iconv_close(cd);
	return true;
}

/* The strict converter first, since it agrees with the standard on the rest. */
static bool add_jis(struct buf *out, const char *p, size_t n, size_t *broken)
{
	size_t before = out->len, strictly = 0;
	bool known = add_iconv(out, "ISO-2022-JP", p, n, &strictly);
	bool shifts_left = memchr(out->p + before, '\033', out->len - before) != NULL;
	if ((strictly == 0 && !shifts_left) || out->failed)
		return known;
	CLEANUP(buf_release) struct buf euc = BUF_INIT(2 * n + 1);
	jis_to_euc(&euc, p, n);
	buf_truncate(out, before);
	return add_iconv(out, "EUC-JP-MS", euc.p, euc.len, broken);
}

static bool is_ascii(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] > 127)
			return false;
	}
	return true;
}

static bool find_charset(const char *name, const char **iconv_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(charsets); i++) {
		if (str_casecmp(name, charsets[i].name) == 0) {
			*iconv_name = charsets[i].iconv;
			return true;
		}
	}
	return false;
}

static bool lookup_charset(const char *charset, const char **iconv_name)
{
	struct span s = span_trim(span_of(charset));
	if (s.len >= 2 && (s.p[0] == '"' || s.p[0] == '\''))
		s = (struct span){s.p + 1, s.len - 1};
	size_t n = 0;
	while (n < s.len && !ascii_isspace(s.p[n]) && !strchr("(,;\"'", s.p[n]))
		n++; /* `utf-8 (comment)`, `utf-8, us-ascii` */
	s.len = n;
	if (s.len == 0 || s.len > NAME_MAX_BYTES)
		return false;
	CLEANUP(buf_release) struct buf name = BUF_INIT(2 * NAME_MAX_BYTES);
	buf_add(&name, s.p, s.len);
	if (find_charset(name.p, iconv_name))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(renames); i++) {
		if (!str_casestarts(name.p, renames[i].prefix))
			continue;
		CLEANUP(buf_release) struct buf other = BUF_INIT(2 * NAME_MAX_BYTES);
		buf_addf(&other, "%s%s", renames[i].instead, name.p + strlen(renames[i].prefix));
		if (find_charset(other.p, iconv_name))
			return true;
	}
	return false;
}

const char *charset_iconv_name(const char *name)
{
	const char *found = NULL;
	if (!lookup_charset(name, &found))
		return NULL;
	if (!found)
		return "";
	return !*found || !strcmp(found, "ASCII") ? "CP1252" : found;
}

/* False when the system lacks the converter or the text is not valid in the charset. */
static bool add_converted(struct buf *out, const char *from, const char *p, size_t n)
{
	size_t broken = 0;
	bool done = strcmp(from, "ISO-2022-JP") == 0 ? add_jis(out, p, n, &broken)
						     : add_iconv(out, from, p, n, &broken);
	if (!done)
		add_unlabelled(out, p, n);
	return done && broken == 0;
}

bool charset_decode(struct buf *out, const char *charset, const char *p, size_t n)
{
	const char *from = "";
	bool good = !charset || lookup_charset(charset, &from);
	if (!from) {
		utf8_add_valid(out, p, n);
		return utf8_is_valid(p, n);
	}
	if (from[0] == 0 || strcmp(from, "ASCII") == 0) {
		add_unlabelled(out, p, n);
		return good && (from[0] == 0 || is_ascii(p, n));
	}
	if (strcmp(from, "CP1252") != 0)
		return add_converted(out, from, p, n);
	add_cp1252(out, p, n);
	return true;
}
