/*
 * crm_web.c - the address of a record's page in its CRM, for the screen: row, settings and profile
 * put together. No network, no secrets.
 */
#include "config.h"

#include "crmail/sync/crm_sync.h"

#include "crmail/base/arena.h"
#include "crmail/crm/profile.h"
#include "crmail/store/contact.h"
#include "crmail/store/record.h"
#include "crmail/store/store.h"

static const enum crm_object object_of[] = {[RECORD_CONTACT] = CRM_CONTACT,
	[RECORD_PARTNER] = CRM_PARTNER,
	[RECORD_LEAD] = CRM_LEAD,
	[RECORD_DEAL] = CRM_DEAL};

static int read_config(struct store_reader *r, struct arena *a, const struct crm_row *row,
	struct crm_config **out, size_t *n, struct err *e)
{
	struct setting *v;
	size_t count;
	if (crm_settings(r, a, row->id, &v, &count, e))
		return -1;
	*out = arena_array(a, count + 1, sizeof(**out));
	*n = 0;
	if (row->url)
		(*out)[(*n)++] = (struct crm_config){"url", row->url};
	for (size_t i = 0; i < count; i++)
		(*out)[(*n)++] = (struct crm_config){v[i].key, v[i].value};
	return 0;
}

static int address(struct store_reader *r, struct arena *a, const struct crm_web_record *what,
	struct buf *out, struct err *e)
{
	enum record_kind kind = (enum record_kind)what->kind;
	const char *id = record_crm_id(r, a, kind, what->row);
	struct crm_env env = {.config = NULL};
	struct crm_config *config;
	struct crm_row *row = NULL;
	struct crm_profile *p = NULL;
	struct crm *c = NULL;
	if (!id)
		return 0;
	if (crm_get(r, a, record_crm(r, kind, what->row), &row, e))
		return -1;
	if (!row || read_config(r, a, row, &config, &env.n_config, e) ||
		crm_sync_profile(row->profile, what->share_dir, &p, e))
		return row ? -1 : 0;
	env.config = config;
	int rc = crm_open(&c, p, &env, e) || crm_web_address(c, object_of[kind], id, out, e);
	crm_close(c);
	crm_profile_free(p);
	return rc ? -1 : 0;
}

int crm_web_of(struct store *s, const struct crm_web_record *what, struct buf *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	if (what->kind < RECORD_CONTACT || what->kind > RECORD_DEAL)
		return 0;
	if (store_reader_open(s, &r, e))
		return -1;
	int rc = address(r, &a, what, out, e);
	store_reader_close(r);
	return rc;
}
