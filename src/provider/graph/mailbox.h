/*
 * mailbox.h - one Microsoft mailbox over Graph: what the parts of the provider share. Private to
 * src/provider/graph; worker thread.
 *
 * Ids. A message's id is Graph's immutable one, which stays when it moves. A draft's is followed by
 * "#" and its version (changeKey): somebody else may go on with a draft under the same id, and for
 * crmail that is another message.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_MAILBOX_H
#define CRMAIL_PROVIDER_GRAPH_MAILBOX_H

#include "crmail/provider/provider.h"

#include "line.h"

struct graph {
	struct provider base;
	const struct account_conf *conf;
	struct net_cancel *own_cancel; /* NULL when the owner gave one */
	struct web *web;
	struct arena keep;
	const char *drafts, *inbox; /* ids of folders; NULL until folders() was asked, */
	int64_t listed_at_ms;       /* which was then (monotonic) */
	unsigned n_left_out;        /* of what a listing can do without (pull.c): it was refused */
};

/* What a listing can do without, in this order: sizes and answered marks, then the header fields as
 * they were sent. */
enum { GRAPH_LEAVE_EXPAND = 1, GRAPH_LEAVE_HEADERS, GRAPH_LEAVE_MOST = GRAPH_LEAVE_HEADERS };

struct graph *graph_of(struct provider *p);

/* The part of a crmail id that Graph knows; in the arena. */
const char *graph_plain_id(struct arena *a, const char *id);
/* A draft's id with its version; version NULL = the id alone. */
const char *graph_draft_id(struct arena *a, const char *id, const char *version);

/* folders.c */
int graph_folders(struct provider *p, struct arena *a, struct folder_list *out,
	struct err *e) NODISCARD;
/* pull.c */
int graph_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e) NODISCARD;
/* contacts.c */
struct prov_contacts_page;
struct prov_contacts_sink;
int graph_contacts(struct provider *p, const char *cursor, struct arena *a,
	const struct prov_contacts_sink *to, struct prov_contacts_page *out,
	struct err *e) NODISCARD;
/* search.c */
int graph_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e) NODISCARD;
/* fetch.c */
int graph_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e) NODISCARD;
/* apply.c */
int graph_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e) NODISCARD;
int graph_apply_many(struct provider *p, const struct op *ops, size_t n, struct arena *a,
	struct prov_applied *out, struct err *e) NODISCARD;
int graph_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e) NODISCARD;

#endif
