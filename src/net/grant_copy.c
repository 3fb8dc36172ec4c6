/*
 * grant_copy.c - bringing a saved secret from the file to the keyring or back: copied and read back
 * here; whose name counts is the caller's to change.
 */
#include "config.h"

#include "grant.h"

#include <stdbool.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "grant_store.h"
#include "safe.h"

static int differs(struct err *e)
{
	return err_set(e, ERR_IO, _("What was saved reads back as something else."));
}

static int copy_password(const struct grant_place *g, const char *from, const char *to, bool *out,
	struct err *e)
{
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	CLEANUP(secret_release) struct secret again = SECRET_INIT;
	enum vault_status st = safe_get(g->path, g->key, from, &value);
	if (st == VAULT_NOT_FOUND)
		return 0;
	if (!st)
		st = safe_put(g->path, g->key, to, &value);
	if (!st)
		st = safe_get(g->path, g->key, to, &again);
	if (st)
		return grant_say(st, e);
	*out = true;
	return again.len == value.len && !memcmp(again.p, value.p, value.len) ? 0 : differs(e);
}

static bool is_same(const cJSON *a, const cJSON *b)
{
	CLEANUP(secret_release) struct secret one = SECRET_INIT;
	CLEANUP(secret_release) struct secret other = SECRET_INIT;
	if (!b)
		return false;
	grant_print(a, &one);
	grant_print(b, &other);
	return one.len == other.len && !memcmp(one.p, other.p, one.len);
}

static int copy_part(const struct grant_place *g, const char *from, const char *to,
	const char *suffix, bool *out, struct err *e)
{
	CLEANUP(json_free) cJSON *part = NULL;
	CLEANUP(json_free) cJSON *again = NULL;
	if (grant_read(g, from, suffix, &part, e))
		return -1;
	if (!part)
		return 0;
	/* As new: whoever looks for what was left behind must not take it for that. When the access
	 * token came stays: it says how soon after that it was refused. */
	if (!strcmp(suffix, GRANT_REFRESH)) {
		cJSON_DeleteItemFromObjectCaseSensitive(part, GRANT_AT);
		json_add_i64(part, GRANT_AT, clock_now(g->clock));
	}
	if (grant_put(g, to, suffix, part, e) || grant_read(g, to, suffix, &again, e))
		return -1;
	*out = true;
	return is_same(part, again) ? 0 : differs(e);
}

int grant_copy(const struct grant_place *g, const char *from, const char *to, struct err *e)
{
	int lock = -1; /* let go by the end of the process, when the new name counts */
	bool is_there = false;
	if (grant_lock(g, from, &lock, e) || copy_password(g, from, to, &is_there, e) ||
		copy_part(g, from, to, GRANT_REFRESH, &is_there, e) ||
		copy_part(g, from, to, GRANT_ACCESS, &is_there, e))
		return -1;
	return is_there ? 0 : err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
}
