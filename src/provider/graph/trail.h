/*
 * trail.h - how far a list is followed whose every page names the next one (@odata.nextLink): not
 * in a circle, not through empty pages without end, and not for ever. Pure; any thread. Private to
 * src/provider/graph.
 *
 * A trail is five numbers whatever its length, so that it can be kept with a cursor and goes on
 * after a restart. A circle is found within three rounds of it: one link is remembered, another
 * one each time the number of pages has doubled (Brent's algorithm), and coming by it again ends
 * the list.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_TRAIL_H
#define CRMAIL_PROVIDER_GRAPH_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

/* A folder holds a million messages at most (Exchange Online limits), with fifty on a page; less
 * where their header fields are large. */
#define TRAIL_PAGES_MOST 200000
#define TRAIL_EMPTY_MOST 500 /* in a row; Graph's own are few */

struct graph_trail {     /* {0} at the beginning */
	int64_t pages;   /* that named another one so far */
	int64_t n_empty; /* of the last ones */
	int64_t mark;    /* hash of the link that is remembered */
};

/* A page of n items goes on at `link`. ERR_PROTO, of scope ERR_FOLDER: that list is not followed
 * any further; *t is as before. */
int graph_trail_step(struct graph_trail *t, const char *link, size_t n, struct err *e) NODISCARD;

#endif
