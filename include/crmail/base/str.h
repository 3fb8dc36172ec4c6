/*
 * str.h - bytes and ASCII: number parsing, comparing, splitting. No UTF-8 knowledge (utf8.h).
 * Any thread.
 */
#ifndef CRMAIL_STR_H
#define CRMAIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

/* A slice of somebody else's bytes; not ended by 0. p may be NULL when len is 0. */
struct span {
	const char *p;
	size_t len;
};

#define SPAN_LIT(s) ((struct span){(s), sizeof(s) - 1})
struct span span_of(const char *s);   /* NULL gives the empty span */
struct span span_trim(struct span s); /* blanks, tabs, CR, LF at both ends */
bool span_eq(struct span a, const char *s);
bool span_caseeq(struct span a, const char *s); /* ASCII case folded, locale independent */

/* The only number parser: decimal, optional '-', the whole string, within [min, max]. */
bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out) NODISCARD;
bool span_to_i64(struct span s, int64_t min, int64_t max, int64_t *out) NODISCARD;

/* Asked of every byte of every mail: inline. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ascii_isalpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool ascii_isdigit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_isalnum(char c)
{
	return ascii_isalpha(c) || ascii_isdigit(c);
}

static inline bool ascii_isspace(char c) /* blank \t \r \n \f \v */
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int str_casecmp(const char *a, const char *b); /* ASCII, locale independent */
int str_ncasecmp(const char *a, const char *b, size_t n);
bool str_starts(const char *s, const char *prefix);
bool str_casestarts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
const char *mem_casefind(const char *hay, size_t hay_len, const char *needle); /* ASCII case */
void str_lower_inplace(char *s);                                               /* ASCII */

/* Takes the next piece up to `sep` from *rest; false when *rest is exhausted. "a,,b" gives "a", ""
 * and "b"; a separator at the very end adds no empty piece; the empty span gives none. */
bool span_next(struct span *rest, char sep, struct span *piece);

#endif
