/*
 * log.h - a log one can paste into a bug report: ids of our rows, counts, sizes, durations,
 * states, error codes, host names. Never header values, bodies, addresses, tokens, SQL
 * parameters, URL queries. One file, 0600, rotated at 4 MiB; locked inside: any thread.
 */
#ifndef CRMAIL_LOG_H
#define CRMAIL_LOG_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct clock_src;

enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_DEBUG };

int log_open(const char *path, enum log_level max, const struct clock_src *c,
	struct err *e) NODISCARD;
void log_close(void);
/* `area` is the folder or subject ("imap", "store"); text is one line, English, not translated. */
void log_line(enum log_level level, const char *area, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
