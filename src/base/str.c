/* str.c - bytes and ASCII, independent of the locale. Characters are utf8.c's business. */
#include "config.h"

#include "crmail/base/str.h"

#include <string.h>

struct span span_of(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
	while (s.len && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool span_eq(struct span a, const char *s)
{
	size_t n = strlen(s);

	return a.len == n && (!n || !memcmp(a.p, s, n));
}

bool span_caseeq(struct span a, const char *s)
{
	size_t n = strlen(s);

	return a.len == n && (!n || !str_ncasecmp(a.p, s, n));
}

bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	return s && span_to_i64(span_of(s), min, max, out);
}

/* Counts below zero, because INT64_MIN has no positive counterpart. */
bool span_to_i64(struct span s, int64_t min, int64_t max, int64_t *out)
{
	bool is_negative = s.len && s.p[0] == '-';
	int64_t v = 0;

	if (s.len == (size_t)is_negative)
		return false;
	for (size_t i = is_negative; i < s.len; i++) {
		if (!ascii_isdigit(s.p[i]))
			return false;
		int digit = s.p[i] - '0';
		if (v < (INT64_MIN + digit) / 10)
			return false;
		v = v * 10 - digit;
	}
	if (!is_negative) {
		if (v == INT64_MIN)
			return false;
		v = -v;
	}
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

int str_casecmp(const char *a, const char *b)
{
	return str_ncasecmp(a, b, SIZE_MAX);
}

int str_ncasecmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)ascii_lower(a[i]);
		unsigned char y = (unsigned char)ascii_lower(b[i]);
		if (x != y)
			return x < y ? -1 : 1;
		if (!x)
			return 0;
	}
	return 0;
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool str_casestarts(const char *s, const char *prefix)
{
	return !str_ncasecmp(s, prefix, strlen(prefix));
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}

const char *mem_casefind(const char *hay, size_t hay_len, const char *needle)
{
	size_t m = strlen(needle);

	if (!m)
		return hay;
	char first = ascii_lower(needle[0]);
	for (size_t i = 0; i + m <= hay_len; i++) {
		if (ascii_lower(hay[i]) == first && !str_ncasecmp(hay + i, needle, m))
			return hay + i;
	}
	return NULL;
}

void str_lower_inplace(char *s)
{
	for (; *s; s++)
		*s = ascii_lower(*s);
}

bool span_next(struct span *rest, char sep, struct span *piece)
{
	if (!rest->len)
		return false;
	const char *at = memchr(rest->p, sep, rest->len);
	if (!at) {
		*piece = *rest;
		*rest = (struct span){rest->p + rest->len, 0};
		return true;
	}
	*piece = (struct span){rest->p, (size_t)(at - rest->p)};
	rest->len -= piece->len + 1;
	rest->p = at + 1;
	return true;
}
