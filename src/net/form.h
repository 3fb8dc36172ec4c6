/* form.h - application/x-www-form-urlencoded: queries of addresses and bodies of requests. Pure;
 * private to src/net. */
#ifndef CRMAIL_NET_FORM_H
#define CRMAIL_NET_FORM_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct span;

/* "&name=value", escaped; the caller replaces the first "&" where it must not be. */
void form_add(struct buf *out, const char *name, const char *value);
/* The value of the first field of that name, decoded, appended; false: absent, named twice, or
 * with a byte 0 in it. */
bool form_get(struct span query, const char *name, struct buf *out);
/* A word of a protocol: letters, digits, "_", "-", "."; at most so many. */
bool form_is_word(const char *s, size_t most);

/* Whether a field of that name is there, however often and whatever it holds. */
bool form_has(struct span query, const char *name);

#endif
