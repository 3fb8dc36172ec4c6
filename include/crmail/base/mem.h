/*
 * mem.h - allocation that cannot fail. For sizes that our own code chooses; anything whose size a
 * peer chooses goes through buf.h with a ceiling. Any thread. Caller frees with free().
 */
#ifndef CRMAIL_MEM_H
#define CRMAIL_MEM_H

#include <stddef.h>

#include "crmail/base/attrs.h"

void *xmalloc(size_t size) NODISCARD;
void *xcalloc(size_t n, size_t size) NODISCARD;                /* zeroed; overflow-checked */
void *xreallocarray(void *p, size_t n, size_t size) NODISCARD; /* overflow-checked */
char *xstrdup(const char *s) NODISCARD;
char *xstrndup(const char *s, size_t n) NODISCARD; /* at most n bytes, always ended */
char *xasprintf(const char *fmt, ...) NODISCARD PRINTF_LIKE(1, 2);

void free_str(char **p); /* for CLEANUP(free_str) char *s = NULL; */

#endif
