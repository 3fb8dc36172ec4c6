/*
 * trace.h - the protocols' lines in the log [R44], for bug reports and tests: commands, numbers
 * and answers, in place of every string a "?". Callers pass nothing that people have written; the
 * functions see to it that it stays one short printable line. Any thread.
 */
#ifndef CRMAIL_PROVIDER_TRACE_H
#define CRMAIL_PROVIDER_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* "imap 3 > UID FETCH 1:200 (UID FLAGS)": account is the row's id. */
void trace_sent(const char *protocol, int64_t account, const char *line);
/* "imap 3 < OK COPYUID, 201 lines". code "" = none. */
void trace_answer(const char *protocol, int64_t account, const char *word, const char *code,
	size_t lines);

#endif
