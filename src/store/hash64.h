/*
 * hash64.h - 64 bits of a text, for indexes that would be too big with the text itself: Message-IDs
 * and base subjects. Stored: never change it. A collision joins two conversations, no more; not for
 * keys. Any thread.
 */
#ifndef CRMAIL_STORE_HASH64_H
#define CRMAIL_STORE_HASH64_H

#include <stddef.h>
#include <stdint.h>

int64_t hash64(const char *p, size_t n); /* never 0 */

#endif
