/*
 * grant_keep.c - a new refresh token whose place cannot be reached just now: a keyring that was
 * locked while the provider was asked, a full disk. It is the last one, and the old one must not go
 * out again: most providers end the whole grant then.
 */
#include "config.h"

#include "grant.h"

#include <poll.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/entry.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "grant_store.h"
#include "safe.h"

#define KEEP_MS ((int64_t)24 * 3600 * 1000)
#define FIRST_PAUSE_MS 500
#define LONGEST_PAUSE_MS 10000

/* A spare of what belongs into the keyring lies in the file, where that is open, under the same
 * name: should this process be ended, too. */
static bool has_spare_place(const struct grant_place *g, const char *name)
{
	return entry_is_in_keyring(name) && g->key->is_set;
}

static void put_spare(const struct grant_place *g, const char *name, const cJSON *refresh)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, GRANT_REFRESH);
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	if (!has_spare_place(g, name))
		return;
	if (refresh)
		grant_print(refresh, &value);
	IGNORE_RESULT(vault_put(g->path, g->key, entry, refresh ? &value : NULL),
		"a spare is more than was promised");
}

/* The lock on the grant is held meanwhile, so that nobody sends the old one. */
int grant_keep(const struct grant_place *g, const char *name, const cJSON *refresh, struct err *e)
{
	int64_t end = clock_mono_ms() + KEEP_MS;
	int pause = FIRST_PAUSE_MS, rc = -1;
	if (!g->go_on || e->code != ERR_IO)
		return -1;
	put_spare(g, name, refresh);
	g->go_on(e);
	while (rc && e->code == ERR_IO && clock_mono_ms() < end) {
		poll(NULL, 0, pause);
		pause = pause < LONGEST_PAUSE_MS / 2 ? pause * 5 / 4 : LONGEST_PAUSE_MS;
		err_clear(e);
		rc = grant_put(g, name, GRANT_REFRESH, refresh, e);
	}
	if (!rc)
		put_spare(g, name, NULL);
	return rc;
}

int grant_bring_back(const struct grant_place *g, const char *name, struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, GRANT_REFRESH);
	CLEANUP(secret_release) struct secret spare = SECRET_INIT;
	if (!has_spare_place(g, name) || vault_get(g->path, g->key, entry, &spare) != VAULT_OK)
		return 0;
	enum vault_status st = safe_put(g->path, g->key, entry, &spare);
	if (st)
		return grant_say(st, e);
	put_spare(g, name, NULL);
	return 0;
}

void grant_drop_spare(const struct grant_place *g, const char *name)
{
	put_spare(g, name, NULL);
}
