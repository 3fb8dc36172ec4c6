/*
 * hyperlink.h - where cells lead to (OSC 8): which URLs may reach a terminal, a table that numbers
 * them, and which terminals take them. Writes to no terminal itself (term.c does). UI thread.
 */
#ifndef CRMAIL_UI_HYPERLINK_H
#define CRMAIL_UI_HYPERLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define HYPERLINK_MAX 2048 /* bytes of a URL as sent; terminals drop longer ones */
#define HYPERLINKS_KEPT 256

/* Numbers stay with their URL from one screen to the next; they are never given to another. */
struct hyperlinks {
	char *urls[HYPERLINKS_KEPT]; /* encoded */
	uint32_t first;              /* number of urls[0]; 0 = nothing was numbered yet */
	size_t n;
};

void hyperlinks_release(struct hyperlinks *h);
/* The number of a URL; 0 when it may not be sent: not http, https or mailto, or too long. */
uint32_t hyperlinks_number(struct hyperlinks *h, const char *url);
const char *hyperlinks_url(const struct hyperlinks *h, uint32_t number); /* NULL = no longer kept */

/* Appends the URL with everything but printable ASCII percent-encoded, so that nothing in it ends
 * the sequence. False and nothing appended: see hyperlinks_number(). */
bool hyperlink_encode(struct buf *out, const char *url);

/* What `name` of the environment says; NULL = nothing. */
typedef const char *(*hyperlink_env_fn)(const char *name);
/* `setting`: "on", "off", or "auto": whether the environment names a terminal that takes links and
 * is known not to print them as text. */
bool hyperlink_is_supported(const char *setting, hyperlink_env_fn env);

#endif
