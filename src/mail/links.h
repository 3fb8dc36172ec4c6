/*
 * links.h - URLs in mail: which may be opened, what host they lead to, where they stand in plain
 * text. Private to src/mail. Pure; any thread.
 */
#ifndef CRMAIL_LINKS_H
#define CRMAIL_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/str.h"
#include "crmail/mail/render.h"

/* The URL as it may be opened, in the arena: http, https, mailto or tel, no blanks, no control or
 * invisible characters (percent-encoded). NULL for everything else. */
const char *link_check(struct arena *a, struct span url);
struct span link_host(const char
		*url); /* borrowed; without user, password and port; may be empty */

/* The entry of a link whose text stands at `text` (any lines; shortened and put on one). */
struct render_link link_make(struct arena *a, struct span text, const char *url);

/* The next bare URL in plain text at or after *pos: true with its extent in *hit; *pos moves
 * behind it. One pass over the text in all. */
bool link_find(struct span text, size_t *pos, struct span *hit);

#endif
