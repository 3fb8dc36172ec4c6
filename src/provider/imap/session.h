/*
 * session.h - one IMAP connection: our verified stream under libetpan's parser, with limits in
 * between. Only this folder sees libetpan. Worker thread.
 *
 * Why so: Debian's libetpan 1.9.4 does not verify certificates, hangs when a read returns 0,
 * overflows the stack on nested parentheses and allocates any literal a server names. So the
 * stream is ours, the end is always -1, and limits.c refuses such answers before the parser sees
 * them. SELECT (QRESYNC) and STORE (UNCHANGEDSINCE) are sent wrongly by it and not used.
 */
#ifndef CRMAIL_IMAP_SESSION_H
#define CRMAIL_IMAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libetpan/libetpan.h>

#include "crmail/base/arena.h"
#include "crmail/provider/provider.h"

#define IMAP_MAX_LITERAL ((uint64_t)128 << 20)
#define IMAP_MAX_LINE ((size_t)32 << 20) /* SEARCH answers of a million UIDs fit */
#define IMAP_MAX_NESTING 200

/* ---- limits.c: a scanner over the bytes a server sends ------------------------------------------ */
struct imap_limits {
	uint64_t literal_left; /* bytes of the running literal still to come */
	uint64_t number;       /* digits of a possible literal header */
	size_t line;           /* bytes of the running line, literals left out */
	unsigned depth;
	unsigned char state; /* enum in limits.c */
};
/* False when the bytes break a limit: the connection has to end. */
bool imap_limits_feed(struct imap_limits *l, const char *p, size_t n);

/* ---- names.c: modified UTF-7 (RFC 3501 section 5.1.3) ------------------------------------------- */
/* Server name to UTF-8; what cannot be decoded stays as it is. In the arena. */
char *imap_name_decode(struct arena *a, const char *name);
char *imap_name_encode(struct arena *a, const char *utf8);

/* ---- session.c ---------------------------------------------------------------------------------- */
enum imap_cap {
	CAP_UIDPLUS = 1,
	CAP_MOVE = 2,
	CAP_CONDSTORE = 4,
	CAP_QRESYNC = 8,
	CAP_IDLE = 16,
	CAP_SPECIAL_USE = 32,
	CAP_GMAIL = 64
};

struct imap_selected {
	char *folder; /* server name; NULL = none selected */
	uint32_t uidvalidity, uidnext, exists;
	uint64_t modseq; /* 0 = the server has none */
};

/* Where bytes come from: our stream, or in tests memory. -1 on error and at the end. */
struct imap_io {
	int (*read)(void *ctx, void *p, size_t max, size_t *got, struct err *e);
	int (*write)(void *ctx, const void *p, size_t n, struct err *e);
	void *ctx;
};

struct imap_session {
	struct provider base;
	const struct account_conf *conf;
	struct imap_io io;
	struct net_cancel *cancel, *own_cancel; /* own: NULL where the account has one */
	struct stream *stream;
	mailimap *m;
	unsigned caps; /* enum imap_cap */
	struct imap_limits limits;
	struct err io_error; /* what the stream said last: libetpan only knows "stream" */
	struct imap_selected selected;
	struct arena list;       /* of the running backfill */
	const char *list_folder; /* NULL = none */
	uint32_t *uids;          /* ascending; handed out from the end */
	size_t n_uids;
};

static inline struct imap_session *imap_of(struct provider *p)
{
	return container_of(p, struct imap_session, base);
}

/* A session over bytes from elsewhere: greets and signs in as imap_open does, connects nothing.
 * Frees itself on failure. */
int imap_open_over(struct imap_session **out, const struct account_conf *c, struct imap_io io,
	struct err *e);
int imap_open(struct provider **out, const struct account_conf *c, struct err *e);
void imap_close(struct provider *p);
void imap_cancel(struct provider *p);
/* libetpan's number to an error with the account's name in it; always -1. */
int imap_fail(struct imap_session *s, int rc, const char *what, struct err *e);
/* Selects anew, so that the numbers are fresh. */
int imap_select(struct imap_session *s, const char *folder, struct err *e) NODISCARD;
/* Selects only when another folder is selected. */
int imap_need(struct imap_session *s, const char *folder, struct err *e) NODISCARD;

/* ---- fetch.c ------------------------------------------------------------------------------------ */
struct mailimap_set *imap_set_of(const uint32_t *uids, size_t n); /* caller frees */
int imap_uid_of(const char *id, uint32_t *uid, struct err *e) NODISCARD;
/* Header pages: uids to messages in the arena, in the order of `uids`. */
int imap_fetch_headers(struct imap_session *s, struct arena *a, const uint32_t *uids, size_t n,
	struct prov_page *out, struct err *e) NODISCARD;
/* Flags of uids lo..hi (0 = *), only those changed since modseq when it is not 0. */
int imap_fetch_flags(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t hi,
	uint64_t modseq, struct prov_flag **out, size_t *n, struct err *e) NODISCARD;
int imap_fetch(struct provider *p, const char *folder, const char *const *ids, size_t n,
	uint64_t max_bytes, int (*one)(void *, const char *, const char *, size_t, bool), void *ctx,
	struct err *e);
/* Answers of a search, ascending, in the arena. Takes the key. */
/* UIDVALIDITY as of a pull's cursor; 0 = not known. */
uint32_t imap_cursor_validity(const char *cursor);
int imap_search_uids(struct imap_session *s, struct arena *a, struct mailimap_search_key *key,
	uint32_t **out, size_t *n, struct err *e) NODISCARD;

/* ---- pull.c, apply.c ---------------------------------------------------------------------------- */
int imap_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e);
int imap_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e);
int imap_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e);

#endif
