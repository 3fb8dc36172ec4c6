/* attrs.h - compiler attributes and the few macros that style allows. Any thread. */
#ifndef CRMAIL_ATTRS_H
#define CRMAIL_ATTRS_H

#include <stddef.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

/* A local that owns one thing: `CLEANUP(buf_release) struct buf b = BUF_INIT(4096);` calls
 * buf_release(&b) on every way out of the block. For pointers give a function taking T **. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* The one way to ignore a result on purpose; `why` is for the reader. */
#define IGNORE_RESULT(expr, why)                                                                   \
	do {                                                                                       \
		if (expr) { /* ignored: see why */                                                 \
		}                                                                                  \
	} while (0)

#endif
