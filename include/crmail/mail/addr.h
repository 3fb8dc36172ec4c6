/*
 * addr.h - RFC 5322 address lists: groups, comments, quoted strings, obsolete routes, garbage.
 * Linear in the input, bounded, never fails on bad input: what cannot be read is left out and
 * counted. Pure; any thread. Results live in the caller's arena.
 */
#ifndef CRMAIL_ADDR_H
#define CRMAIL_ADDR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

struct addr {
	const char *name; /* decoded, unquoted, valid UTF-8, unsanitised; NULL = none */
	const char *addr; /* local@domain as written (IDN not converted); never NULL or empty */
};

struct addr_list {
	const struct addr *v;
	size_t n;
	bool bad; /* something could not be read (warning bad-address) */
};

/* Parses an unfolded or folded header value; RFC 2047 words in names are decoded. */
void addr_parse(struct arena *a, const char *p, size_t n, struct addr_list *out);

/* The form used for comparing and matching: domain lower-cased and IDN to ASCII... local part
 * lower-cased; with strip_tag "+tag" is cut from the local part. Appends to out. */
void addr_normalise(struct buf *out, const char *addr, bool strip_tag);
bool addr_same(const char *a, const char *b); /* normalised, tags kept */
const char *addr_domain(const char *addr);    /* borrowed: after the last '@', "" if none */

/* Appends `Name <addr>` for a header, quoting or encoding (RFC 2047, UTF-8) as needed. */
void addr_write(struct buf *out, const struct addr *a);

#endif
