/*
 * keyring_call.c - one thing asked of the Secret Service, by libsecret. Runs in a process that ends
 * with the answer, so that nothing is released, and may be killed while it waits: libsecret 0.20
 * waits for ever for a question of the desktop, whatever its GCancellable says.
 */
#include "config.h"

#include "keyring.h"

#include <libsecret/secret.h>

#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/late.h"
#include "crmail/net/secret.h"

/* By our attributes alone: while it is locked, a keyring finds nothing by the schema's name. */
static const SecretSchema schema = {"org.crmail.Secret", SECRET_SCHEMA_DONT_MATCH_NAME,
	{{"application", SECRET_SCHEMA_ATTRIBUTE_STRING}, {"entry", SECRET_SCHEMA_ATTRIBUTE_STRING},
		{NULL, 0}},
	0, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

struct place {
	SecretService *service;
	SecretCollection *collection; /* the default one */
};

static enum vault_status status_of(const GError *why)
{
	return why && g_error_matches(why, secret_error_get_quark(), SECRET_ERROR_IS_LOCKED)
		       ? VAULT_KEYRING_LOCKED
		       : VAULT_KEYRING_FAILED;
}

static enum vault_status open_place(struct place *p)
{
	struct err e = ERR_INIT;
	GError *why = NULL;
	if (late_load_secret(&e))
		return VAULT_NO_KEYRING;
	p->service = secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, NULL, &why);
	if (!p->service)
		return VAULT_NO_KEYRING;
	p->collection = secret_collection_for_alias_sync(p->service, SECRET_COLLECTION_DEFAULT,
		SECRET_COLLECTION_NONE, NULL, &why);
	if (!p->collection)
		return VAULT_NO_KEYRING;
	return secret_collection_get_locked(p->collection) ? VAULT_KEYRING_LOCKED : VAULT_OK;
}

static GHashTable *attributes_of(const char *name)
{
	GHashTable *h = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(h, (gpointer) "application", (gpointer) "crmail");
	g_hash_table_insert(h, (gpointer) "entry", (gpointer)name);
	return h;
}

static enum vault_status find(const struct place *p, const char *name, GList **out)
{
	GError *why = NULL;
	*out = secret_service_search_sync(p->service, &schema, attributes_of(name),
		SECRET_SEARCH_ALL, NULL, &why);
	return why ? status_of(why) : VAULT_OK;
}

static enum vault_status get(const struct place *p, const char *name, struct secret *out)
{
	GList *found = NULL;
	GError *why = NULL;
	gsize n = 0;
	enum vault_status st = find(p, name, &found);
	if (st)
		return st;
	for (; found; found = found->next) {
		SecretItem *item = found->data;
		if (secret_item_get_locked(item))
			continue; /* a copy in another collection */
		if (!secret_item_load_secret_sync(item, NULL, &why))
			return status_of(why);
		const char *value = secret_value_get(secret_item_get_secret(item), &n);
		secret_set(out, value, n);
		return VAULT_OK;
	}
	return VAULT_NOT_FOUND;
}

static enum vault_status put(const struct place *p, const struct keyring_call *c)
{
	char label[256];
	GError *why = NULL;
	SecretValue *value = secret_value_new(c->value->p, (gssize)c->value->len, "text/plain");
	entry_label(label, sizeof label, c->name);
	return secret_item_create_sync(p->collection, &schema, attributes_of(c->name), label, value,
		       SECRET_ITEM_CREATE_REPLACE, NULL, &why)
		       ? VAULT_OK
		       : status_of(why);
}

static enum vault_status erase(const struct place *p, const char *name)
{
	GList *found = NULL;
	GError *why = NULL;
	enum vault_status st = find(p, name, &found);
	for (; !st && found; found = found->next)
		if (!secret_item_delete_sync(found->data, NULL, &why))
			st = status_of(why);
	return st;
}

static enum vault_status list(const struct place *p, struct secret *out)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(KEYRING_VALUE_MAX);
	GHashTable *ours = g_hash_table_new(g_str_hash, g_str_equal);
	GError *why = NULL;
	g_hash_table_insert(ours, (gpointer) "application", (gpointer) "crmail");
	GList *found = secret_service_search_sync(p->service, &schema, ours, SECRET_SEARCH_ALL,
		NULL, &why);
	for (; found; found = found->next) {
		const char *name =
			g_hash_table_lookup(secret_item_get_attributes(found->data), "entry");
		if (name)
			buf_addf(&names, "%s\n", name);
	}
	if (why || names.failed)
		return why ? status_of(why) : VAULT_TOO_BIG;
	secret_set(out, names.p, names.len);
	return VAULT_OK;
}

/* The desktop asks the person, in a window of its own. */
static enum vault_status unlock(const struct place *p)
{
	GList one = {.data = p->collection};
	GError *why = NULL;
	return secret_service_unlock_sync(p->service, &one, NULL, NULL, &why) > 0
		       ? VAULT_OK
		       : VAULT_KEYRING_SHUT;
}

enum vault_status keyring_do(const struct keyring_call *c, struct secret *out)
{
	struct place p = {.service = NULL};
	enum vault_status st = open_place(&p);
	if (c->op == KEYRING_UNLOCK)
		return st == VAULT_KEYRING_LOCKED ? unlock(&p) : st;
	if (st)
		return st;
	switch (c->op) {
	case KEYRING_PROBE:
	case KEYRING_UNLOCK:
		break;
	case KEYRING_GET:
		return get(&p, c->name, out);
	case KEYRING_PUT:
		return put(&p, c);
	case KEYRING_ERASE:
		return erase(&p, c->name);
	case KEYRING_LIST:
		return list(&p, out);
	}
	return VAULT_OK;
}
