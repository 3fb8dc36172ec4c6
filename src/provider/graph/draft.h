/*
 * draft.h - making a draft at Microsoft from a whole message ("Create message" with MIME content).
 * Private to src/provider/graph; worker thread.
 *
 * A request may hold four megabytes. Of a message beyond that the largest attachments stay behind
 * at first and follow one by one: below three megabytes as they are, from there on through an
 * upload session ("Attach large files to Outlook messages"). A draft that is not complete is taken
 * away again.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_DRAFT_H
#define CRMAIL_PROVIDER_GRAPH_DRAFT_H

#include <stddef.h>

#include "crmail/base/arena.h"
#include "crmail/base/str.h"

#include "line.h"

/* Bytes of a message that goes in one request: as base64 four million. */
#define DRAFT_WHOLE_MOST ((size_t)3000000)
#define DRAFT_FILE_MOST ((size_t)150 << 20)
#define DRAFT_RANGE ((size_t)10 * 320 << 10) /* of an upload: below four megabytes */

struct draft_made { /* in the arena */
	const char *id, *version;
	const char *message_id; /* as Microsoft has it, without brackets; NULL = not said */
};

/* folder NULL = Drafts. ERR_TOOBIG: it cannot be made small enough. */
int draft_make(struct web *w, const char *folder, const char *mime, size_t len, struct arena *a,
	struct draft_made *out, struct err *e) NODISCARD;
/* To Deleted Items, where it can be had back; one that is not there is gone. */
int draft_discard(struct web *w, const char *id, struct err *e) NODISCARD;
/* For good. ERR_NOTFOUND: it was not there. */
int draft_take(struct web *w, const char *id, struct err *e) NODISCARD;
/* The same; one that is not there is gone. */
int draft_remove(struct web *w, const char *id, struct err *e) NODISCARD;

struct mime_part;
struct draft_split {
	struct span rest;               /* the message without `parts`, in the arena */
	const struct mime_part **parts; /* of the message given, which has to stay */
	size_t n;
};
/* What has to follow by itself so that the rest has at most `most` bytes. Pure. */
int draft_split(struct arena *a, const char *mime, size_t len, size_t most, struct draft_split *out,
	struct err *e) NODISCARD;

#endif
