/*
 * log.h - a log one can paste into a bug report: ids of our rows, counts, sizes, durations,
 * states, error codes, host names. Never header values, bodies, addresses, tokens, SQL
 * parameters, URL queries. One file, 0600, rotated at 4 MiB; locked inside: any thread.
 *
 * A line about an account, folder, message, mail of the outbox or CRM names it by its row:
 * "account 3: folder 7: 2 new".
 */
#ifndef CRMAIL_LOG_H
#define CRMAIL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct clock_src;

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DEBUG };

int log_open(const char *path, enum log_level max, const struct clock_src *c,
	struct err *e) NODISCARD;
void log_close(void);
/* `area` is the folder or subject ("imap", "store"); text is one line, English, not translated. */
void log_line(enum log_level level, const char *area, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool log_is_open(void);
const char *log_level_name(enum log_level level);                     /* "error", "warn", ... */
bool log_level_of(const char *word, size_t len, enum log_level *out); /* false: no such level */

/* ---- reading it ------------------------------------------------------------------------------ */
struct log_entry {  /* borrowed for the call */
	int64_t at; /* seconds UTC */
	enum log_level level;
	const char *area, *text;
};
/* Not 0 = stop. */
typedef int (*log_entry_fn)(void *ctx, const struct log_entry *x);
/* The entries of the log and of what was rotated away, oldest first, from `since` on. A log that is
 * not there is an empty one; what is no entry is passed over. */
int log_read(const char *path, int64_t since, log_entry_fn fn, void *ctx, struct err *e) NODISCARD;

#endif
