/*
 * outbox_file.h - the files attached to a mail in the outbox, kept beside it until its copy in Sent
 * was seen or it was thrown away: a draft opens again with them, whatever became of the files.
 */
#ifndef CRMAIL_STORE_OUTBOX_FILE_H
#define CRMAIL_STORE_OUTBOX_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

struct outbox_file {
	int64_t id;
	const char *name; /* safe */
	const char *type; /* "application/pdf" */
	const void *data;
	size_t len;
};

/* User calls: tickets. The bytes are copied; *id gets the row's id at once. */
int64_t outbox_file_add(struct store *s, int64_t outbox, const struct outbox_file *f, int64_t *id);
int64_t outbox_file_drop(struct store *s, int64_t id);
/* In the order they were attached. */
int outbox_files(struct store_reader *r, struct arena *a, int64_t outbox, struct outbox_file **out,
	size_t *n, struct err *e) NODISCARD;

#endif
