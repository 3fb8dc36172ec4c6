/*
 * discover_table.h - what discovery knows beforehand: share/crmail/discovery.json, over it the
 * file of that name in the folder of the person's settings. Reads files in _load() alone; then read
 * by any thread. Private to src/net.
 */
#ifndef CRMAIL_NET_DISCOVER_TABLE_H
#define CRMAIL_NET_DISCOVER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/offer.h"

struct buf;

struct discover_table {
	cJSON *ours, *theirs; /* NULL = no such file */
	char *share_dir, *config_dir;
};

/* ERR_PARSE: a file is wrong. */
int discover_table_load(const char *share_dir, const char *config_dir, struct discover_table *out,
	struct err *e) NODISCARD;
void discover_table_release(struct discover_table *t); /* for CLEANUP */

/* A key of the file: theirs, else ours; NULL: neither has it. */
const char *discover_word(const struct discover_table *t, const char *key);
/* The i-th text of a list, with {domain} and {email} (escaped, for a web address) in their places;
 * false: there are not so many. */
bool discover_place(const struct discover_table *t, const char *list, size_t i, const char *email,
	struct buf *out);

/* The provider whose own domain this is; whose mail exchanger, or mail server, has that name. NULL:
 * none's. */
const cJSON *discover_by_domain(const struct discover_table *t, const char *domain);
const cJSON *discover_by_mx(const struct discover_table *t, const char *host);
const cJSON *discover_by_host(const struct discover_table *t, const char *host);

/* Adds what the provider offers: signing in there, for its service on the web and for its mail
 * servers, and a password where it takes one. */
void discover_add_provider(const struct discover_table *t, const cJSON *provider,
	enum offer_source source, const char *email, struct offers *out);
/* Adds an offer, or what the provider offers whose servers it names. */
void discover_add_found(const struct discover_table *t, const struct offer *found,
	const char *email, struct offers *out);

#endif
