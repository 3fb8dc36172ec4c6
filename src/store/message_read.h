/* message_read.h - rows of messages for those who have their ids. Any thread, own reader. */
#ifndef CRMAIL_STORE_MESSAGE_READ_H
#define CRMAIL_STORE_MESSAGE_READ_H

#include "crmail/store/message.h"

#include "store_private.h"

/* *is_there false: no such row. */
int message_read(struct store_reader *r, struct arena *a, int64_t id, struct message_row *out,
	bool *is_there, struct err *e) NODISCARD;

#endif
