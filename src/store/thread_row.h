/* thread_row.h - one conversation as lists show it. Any thread, with its own reader. */
#ifndef CRMAIL_STORE_THREAD_ROW_H
#define CRMAIL_STORE_THREAD_ROW_H

#include "crmail/store/message.h"

#include "store_private.h"

/* Subject, snippet, date and badge are those of `message`. */
int thread_row_read(struct store_reader *r, struct arena *a, int64_t thread, int64_t message,
	struct thread_row *out, struct err *e) NODISCARD;

#endif
