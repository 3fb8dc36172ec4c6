/*
 * query.h - a group of the search field's terms (src/provider/query.h) as Graph looks for it: words
 * for $search in KQL ("Use the $search query parameter"), and flags, which KQL has not. Pure; any
 * thread. Private to src/provider/graph.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_QUERY_H
#define CRMAIL_PROVIDER_GRAPH_QUERY_H

#include <stdint.h>

#include "crmail/base/buf.h"

#include "src/provider/query.h"

struct graph_wanted {
	uint32_t set, clear; /* enum msg_flag: what a message has to have, and may not */
};

/* Appends the value of $search with its quotes, nothing where there are no words for it. */
void graph_query_words(struct buf *out, const struct query_terms *q, size_t group, int64_t now);
struct graph_wanted graph_query_flags(const struct query_terms *q, size_t group);
/* Appends a $filter for those flags, for a search without words; nothing where there are none. */
void graph_query_filter(struct buf *out, struct graph_wanted w);

#endif
