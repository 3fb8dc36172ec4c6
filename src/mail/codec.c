/* codec.c - base64, quoted-printable, "Q" and percent escapes. Knows nothing of charsets. */
#include "config.h"

#include "codec.h"

#include <stdint.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Nothing but blanks and padding behind the end of the data? */
static bool is_tail_clean(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '=' && !ascii_isspace(p[i]))
			return false;
	}
	return true;
}

bool codec_base64(struct buf *out, const char *p, size_t n)
{
	char chunk[3 * 1024] = "";
	size_t fill = 0, i = 0;
	uint32_t bits = 0;
	unsigned count = 0; /* characters in the open group of four */
	bool clean = true;
	for (; i < n; i++) {
		int v = base64_value((unsigned char)p[i]);
		if (v < 0) {
			if (p[i] == '=' && count >= 2)
				break;
			clean = clean && ascii_isspace(p[i]);
			continue;
		}
		bits = bits << 6 | (unsigned)v;
		if (++count < 4)
			continue;
		chunk[fill++] = (char)(bits >> 16);
		chunk[fill++] = (char)(bits >> 8);
		chunk[fill++] = (char)bits;
		count = 0;
		if (fill == sizeof(chunk)) {
			buf_add(out, chunk, fill);
			fill = 0;
		}
	}
	bits <<= 6 * (4 - count);
	if (count >= 2)
		chunk[fill++] = (char)(bits >> 16);
	if (count == 3)
		chunk[fill++] = (char)(bits >> 8);
	buf_add(out, chunk, fill);
	if (count != 0 && i == n)
		clean = false; /* the padding is missing: cut off, or a sloppy writer */
	return clean && is_tail_clean(p + i, n - i);
}

static int hex_value(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the byte that `escape`HH stands for at p; false when it is none. */
static bool add_escape(struct buf *out, const char *p, size_t left)
{
	if (left < 3 || hex_value(p[1]) < 0 || hex_value(p[2]) < 0)
		return false;
	buf_addch(out, (char)(hex_value(p[1]) << 4 | hex_value(p[2])));
	return true;
}

/* Length of a soft line break at p ("=", blanks, line end or the end of all), 0 = none. */
static size_t soft_break(const char *p, size_t left)
{
	size_t i = 1;
	while (i < left && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i == left)
		return i;
	if (p[i] == '\n')
		return i + 1;
	if (p[i] == '\r')
		return i + 1 + (i + 1 < left && p[i + 1] == '\n');
	return 0;
}

void codec_qp(struct buf *out, const char *p, size_t n)
{
	size_t i = 0;
	while (i < n) {
		const char *eq = memchr(p + i, '=', n - i);
		size_t stop = eq ? (size_t)(eq - p) : n;
		buf_add(out, p + i, stop - i);
		i = stop;
		if (i == n)
			return;
		if (add_escape(out, p + i, n - i)) {
			i += 3;
			continue;
		}
		size_t skip = soft_break(p + i, n - i);
		if (skip == 0)
			buf_addch(out, '=');
		i += skip ? skip : 1;
	}
}

void codec_q(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '_')
			buf_addch(out, ' ');
		else if (p[i] == '=' && add_escape(out, p + i, n - i))
			i += 2;
		else
			buf_addch(out, p[i]);
	}
}

void codec_percent(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '%' && add_escape(out, p + i, n - i))
			i += 2;
		else
			buf_addch(out, p[i]);
	}
}

void codec_base64_encode(struct buf *out, const void *data, size_t n, size_t columns)
{
	const unsigned char *p = data;
	size_t column = 0;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t bits = (uint32_t)p[i] << 16;
		bits |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		bits |= left > 2 ? p[i + 2] : 0;
		char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
			left > 1 ? alphabet[bits >> 6 & 63] : '=',
			left > 2 ? alphabet[bits & 63] : '='};
		buf_add(out, four, 4);
		column += 4;
		if (columns && (column + 4 > columns || left <= 3)) {
			buf_addstr(out, "\r\n");
			column = 0;
		}
	}
}

/* A line of text without its end. Blanks at its end and a leading "From " or "." are escaped, so
 * that no transport changes them. */
static void encode_qp_line(struct buf *out, const char *p, size_t n)
{
	size_t column = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		bool blank_at_end = (c == ' ' || c == '\t') && i + 1 == n;
		bool risky =
			i == 0 && (c == '.' || (c == 'F' && n >= 5 && memcmp(p, "From ", 5) == 0));
		bool plain = ((c > 32 && c < 127 && c != '=') || c == ' ' || c == '\t') &&
			     !blank_at_end && !risky;
		if (column + (plain ? 1 : 3) > 75) {
			buf_addstr(out, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_addch(out, (char)c);
		else
			buf_addf(out, "=%02X", c);
		column += plain ? 1 : 3;
	}
	buf_addstr(out, "\r\n");
}

void codec_qp_encode(struct buf *out, const char *p, size_t n)
{
	struct span rest = {p, n}, line;
	while (rest.len > 0) {
		const char *lf = memchr(rest.p, '\n', rest.len);
		line = (struct span){rest.p, lf ? (size_t)(lf - rest.p) : rest.len};
		size_t taken = line.len + (lf != NULL);
		rest = (struct span){rest.p + taken, rest.len - taken};
		encode_qp_line(out, line.p, line.len);
	}
}
