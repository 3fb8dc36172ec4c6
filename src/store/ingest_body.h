/* ingest_body.h - bodies on their way into cache.db and their marks in crmail.db. */
#ifndef CRMAIL_STORE_INGEST_BODY_H
#define CRMAIL_STORE_INGEST_BODY_H

#include "crmail/store/message.h"

#include "ingest_private.h"

/* message.body of an equal copy: its first one has the body */
enum { BODY_OF_COPY = 4 };
/* message.body: made room for others; a server has it */
enum { BODY_EVICTED = 5 };

/* cache.db first, then the marks: a crash between leaves a body that is asked for again. */
int ingest_store_items(struct store *s, const struct body_item *v, size_t n,
	struct err *e) NODISCARD;
/* The same, begun; ended by ingest_finish(). What v[i].p points to is borrowed until then. */
int ingest_start_items(struct store *s, const struct body_item *v, size_t n,
	struct ingest_writing **out, struct err *e) NODISCARD;

#endif
