/*
 * grant_store.h - the entries of grants in the encrypted file, and the lock on one of them.
 * Blocking; private to src/net, for grant.c.
 */
#ifndef CRMAIL_NET_GRANT_STORE_H
#define CRMAIL_NET_GRANT_STORE_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/json.h"

#include "vault.h"

struct buf;
struct grant_place;
struct secret;

#define GRANT_REFRESH "refresh"
#define GRANT_ACCESS "access"
#define GRANT_AT "at" /* in both: when it was saved */

/* In words what came of an entry, with errno as it left it; -1. */
int grant_say(enum vault_status st, struct err *e);

void grant_print(const cJSON *j, struct secret *out);
/* The entry "NAME.SUFFIX". */
int grant_put(const struct grant_place *g, const char *name, const char *suffix, const cJSON *j,
	struct err *e) NODISCARD;
/* What comes only once: tried again for a second, should the disk have had a bad moment. */
int grant_put_firmly(const struct grant_place *g, const char *name, const char *suffix,
	const cJSON *j, struct err *e) NODISCARD;
/* grant_keep.c: after grant_put_firmly() failed with *e. Goes on for a day, when whoever asked was
 * told why (grant_place.go_on). */
int grant_keep(const struct grant_place *g, const char *name, const cJSON *refresh,
	struct err *e) NODISCARD;
/* What was kept so by a process that is no more. Before the refresh token is read. */
int grant_bring_back(const struct grant_place *g, const char *name, struct err *e) NODISCARD;
void grant_drop_spare(const struct grant_place *g, const char *name);

/* *out stays NULL, and 0 comes back, where there is none. */
int grant_read(const struct grant_place *g, const char *name, const char *suffix, cJSON **out,
	struct err *e) NODISCARD;
/* And a password of that name. */
int grant_forget(const struct grant_place *g, const char *name, struct err *e) NODISCARD;
/* The names of all grants in the file, a line each. */
int grant_names(const struct grant_place *g, struct buf *out, struct err *e) NODISCARD;
/* The same, and those in the keyring, of whatever data folder. Beside a name in the keyring a file
 * that is locked does not count: it stays behind, empty, where everything was moved. */
int grant_names_beside(const struct grant_place *g, const char *name, struct buf *out,
	struct err *e) NODISCARD;

/* Held while a grant is had, renewed or ended, by one process of all that use the file. *fd is the
 * lock; closing it lets go. The wait for it is as long as the others' jobs; g->begun is told when
 * it is over. Where another one holds it, and its keyring is locked, that is the error: the other
 * one may be waiting for it with a token to save (grant_keep()). */
int grant_lock(const struct grant_place *g, const char *name, int *fd, struct err *e) NODISCARD;

#endif
