/*
 * etpan.h - libetpan (RFC 3501, 4315, 6851) conducts what is changed at a server: it words STORE,
 * COPY, MOVE, EXPUNGE, APPEND, CREATE and SUBSCRIBE, waits for the "+" of literals and tells how it
 * ended. It talks over the session's own connection, and never hears the server itself: our reader
 * (wire.h) takes every answer, enters it in the session's books, and hands on a plain "+" or a
 * plain result. So nothing that a server says can confuse its parser. Worker thread.
 */
#ifndef CRMAIL_IMAP_ETPAN_H
#define CRMAIL_IMAP_ETPAN_H

#include <libetpan/libetpan.h>

#include "session.h"

struct imap_etpan;

void imap_etpan_free(struct imap_etpan *p); /* NULL is fine */

/* Readies the session's libetpan for one command and notes it in the log: `what` as in "STORE",
 * `trace` the command without strings. NULL with *e: the connection is dead. */
struct mailimap *imap_etpan_begin(struct imap_session *s, const char *what, const char *trace,
	struct err *e) NODISCARD;
/* rc is the library's. As imap_run(): NO and BAD have scope ERR_ITEM, and s->code says more. */
int imap_etpan_end(struct imap_session *s, int rc, const char *what, struct err *e) NODISCARD;
/* The library quotes names, but lets line ends through: such a name cannot be said. */
int imap_etpan_folder(const struct imap_session *s, const char *server_name,
	struct err *e) NODISCARD;

#endif
