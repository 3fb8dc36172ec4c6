/*
 * page.h - one page of a folder's messages as Microsoft Graph tells them (message: delta), taken
 * from its JSON. Pure; any thread. All of it is from a stranger: what cannot be used is left out.
 *
 * An item is whole (it was added, or changed and told anew), or names only what changed, or is
 * removed. The same message may come several times, on one page and on several, and once more when
 * an answer is repeated: on one page the last word about each property counts, and an id stands
 * once in the result.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_PAGE_H
#define CRMAIL_PROVIDER_GRAPH_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/json.h"

#define GRAPH_PAGE_MOST 1000 /* items; more at once are none of what was asked for */

/* What a page has to tell: the query of the first request of a listing. The header fields as they
 * were sent, and the expansion, can be done without. */
extern const char graph_page_select[], graph_page_headers[], graph_page_expand[];

struct graph_item {
	const char *id;
	bool is_removed;
	bool is_whole;         /* the rest but the flags is known, too */
	uint32_t known_flags;  /* which of enum msg_flag it speaks of */
	uint32_t flags;        /* of those */
	int64_t received;      /* seconds UTC, 0 = not said */
	uint64_t size;         /* bytes, 0 = not said */
	const char *thread_id; /* NULL = not said */
	const char *version;   /* changeKey: another one after each change; NULL = not said */
	const char *headers;   /* RFC 5322, as sent where Graph says so; NULL unless is_whole */
	size_t headers_len;
};

struct graph_page {
	struct graph_item *v;
	size_t n;
	const char *next;  /* goes on there now; NULL = */
	const char *delta; /* complete; goes on there when there may be news */
};

/* Everything in the arena. ERR_PROTO when it is no page: neither link, or too many items. */
int graph_page_read(struct arena *a, const cJSON *page, struct graph_page *out,
	struct err *e) NODISCARD;
/* The same of a list that is no delta query's: it may name no link. */
int graph_list_read(struct arena *a, const cJSON *list, struct graph_page *out,
	struct err *e) NODISCARD;
/* The item's flags over those that are known of it already. */
uint32_t graph_item_flags(const struct graph_item *it, uint32_t known);

#endif
