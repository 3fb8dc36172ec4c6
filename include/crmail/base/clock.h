/*
 * clock.h - the only source of time, so that tests are exact. Made in main() and passed down
 * (struct app); with test hooks it reads a file's seconds instead of the system's. Any thread.
 */
#ifndef CRMAIL_CLOCK_H
#define CRMAIL_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

struct clock_src;

struct clock_src *clock_new(const char *test_file); /* NULL: the system's clock */
void clock_free(struct clock_src *c);
int64_t clock_now(const struct clock_src *c);    /* seconds UTC */
int64_t clock_now_ms(const struct clock_src *c); /* milliseconds UTC */
int64_t clock_mono_ms(void);                     /* monotonic; for timeouts and durations only */

/* RFC 3339 UTC with Z and seconds, into the caller's buffer (>= 32 bytes). Returns out. */
char *clock_rfc3339(int64_t t, char *out, size_t size);
bool clock_parse_rfc3339(const char *s, int64_t *out) NODISCARD; /* also with offset, fraction */

#endif
