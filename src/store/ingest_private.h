/* ingest_private.h - what parsing found in a message, ready to be written. */
#ifndef CRMAIL_STORE_INGEST_PRIVATE_H
#define CRMAIL_STORE_INGEST_PRIVATE_H

#include "crmail/mail/report.h"
#include "crmail/store/ingest.h"

#include "thread_private.h"

enum {
	PARTIES_MAX = 500,    /* addresses of one message that are stored */
	REFS_MAX = 200,       /* ids it answers */
	FILE_MIN = 256 << 10, /* bodies from this size lie in files of their own */
	BODY_MAX = 256 << 20, /* raw bytes of one message that are taken */
	TEXT_MAX = 1 << 20,   /* folded text that is indexed */
	HEAD_MAX = 64 << 10,  /* one folded head column */
	SNIPPET_CELLS = 160,
};

enum party_role { PARTY_FROM, PARTY_TO, PARTY_CC, PARTY_BCC, PARTY_REPLY_TO, PARTY_SENDER };

struct prepared_party {
	enum party_role role;
	const char *addr, *name; /* name "" = none */
	const char *norm, *domain;
};

struct span_z { /* zstd */
	const void *p;
	size_t len;
};

struct prepared {
	const char *mid, *subject, *snippet; /* NULL = none */
	int64_t mid_hash;                    /* 0 = none */
	int64_t *refs;                       /* hashes, nearest first */
	size_t n_refs;
	int64_t base_hash; /* 0 = no subject to join by */
	bool is_joiner;    /* reply or forward without usable references */
	int64_t received;  /* as the headers tell; 0 = nothing */
	int64_t date;
	int date_offset_min;
	unsigned facts;        /* FACT_AUTO, FACT_LIST */
	const char *equal_key; /* 32 bytes; NULL = cannot be told yet */
	struct prepared_party *parties;
	size_t n_parties;
	uint32_t n_files;
	const struct report *report; /* it is a notification about mail of ours; NULL = not */

	bool is_whole;
	size_t raw_len;
	struct span_z raw;   /* the whole message, or its headers */
	const char *file;    /* sha256 in hex when the body is to lie in a file, else NULL */
	const char *head[5]; /* folded: subject, sender, rcpt, cc, files */
	const char *text;    /* folded for the index; NULL without a body */
	struct span_z text_z;
};

/* ingest.c: a free id of that account and moment. Writer thread. */
int ingest_new_message_id(struct write *w, int64_t account, int64_t received, int64_t *id,
	struct err *e) NODISCARD;

/* ---- body.c: cache.db and files/ ---- */
struct body_item {
	int64_t message; /* of a first copy */
	const struct prepared *p;
	bool partly;
	bool only_head; /* nothing but the head: p has no raw bytes */
};
/* Writes the body's file when it is to lie in one. Before body_put(); worker thread. */
int body_write_file(const struct store *s, const struct prepared *p, struct err *e) NODISCARD;
/* Bodies and index. Writer thread of cache.db. */
int body_put(struct write *w, const struct body_item *v, size_t n, struct err *e) NODISCARD;
/* Takes everything of these messages out of cache.db. */
int body_drop(struct store *s, const int64_t *ids, size_t n, struct err *e) NODISCARD;
/* Takes their bodies out, and leaves headers and index. */
int body_shrink(struct store *s, const int64_t *ids, size_t n, struct err *e) NODISCARD;
/* Rewrites the index, so that words taken out are in no old part of it. Takes seconds when it is
 * big. */
int body_optimize(struct store *s, struct err *e) NODISCARD;
/* prepare.c: fills p->head from subject and parties. */
void prepare_head(struct arena *a, struct prepared *p);
/* Expands into the arena. */
int body_expand(struct arena *a, const void *p, size_t n, size_t max, const char **out,
	size_t *out_len, struct err *e) NODISCARD;
const void *body_compress(struct arena *a, const char *p, size_t n, size_t *out_len);
/* A big body out of its file, expanded into the arena. */
int body_read_file(const struct store *s, struct arena *a, const char *sha256, const char **p,
	size_t *n, struct err *e) NODISCARD;
char *body_file_path(const struct store *s, const char *sha256); /* caller frees with free() */

#endif
