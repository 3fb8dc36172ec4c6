/*
 * keyring_call.c - one thing asked of the Secret Service, by libsecret. Runs in a process that ends
 * with the answer, so that nothing is released, and may be killed while it waits: libsecret 0.20
 * waits for ever for a question of the desktop, whatever its GCancellable says.
 */
#include "config.h"

#include "keyring.h"

#include <string.h>

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
	SecretCollection *collection; /* where new ones go; NULL = nowhere */
};

static enum vault_status status_of(const GError *why)
{
	return why && g_error_matches(why, secret_error_get_quark(), SECRET_ERROR_IS_LOCKED)
		       ? VAULT_KEYRING_LOCKED
		       : VAULT_KEYRING_FAILED;
}

static SecretCollection *collection_for(SecretService *service, const char *alias)
{
	GError *ignored = NULL;
	return secret_collection_for_alias_sync(service, alias, SECRET_COLLECTION_NONE, NULL,
		&ignored);
}

/* Where none was made the default one, that of the desktop's login is taken. */
static enum vault_status open_place(struct place *p)
{
	struct err e = ERR_INIT;
	GError *why = NULL;
	if (late_load_secret(&e))
		return VAULT_NO_KEYRING;
	p->service = secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, NULL, &why);
	if (!p->service)
		return VAULT_NO_KEYRING;
	p->collection = collection_for(p->service, SECRET_COLLECTION_DEFAULT);
	if (!p->collection)
		p->collection = collection_for(p->service, "login");
	return VAULT_OK;
}

static enum vault_status status_of_place(const struct place *p)
{
	if (!p->collection)
		return VAULT_NO_KEYRING;
	return secret_collection_get_locked(p->collection) ? VAULT_KEYRING_LOCKED : VAULT_OK;
}

static GHashTable *attributes_of(const char *name)
{
	GHashTable *h = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(h, (gpointer) "application", (gpointer) "crmail");
	if (name)
		g_hash_table_insert(h, (gpointer) "entry", (gpointer)name);
	return h;
}

/* NAME's copies in all collections, name NULL = all of crmail's. Locked ones are found, too. */
static enum vault_status find(const struct place *p, const char *name, GList **out)
{
	GError *why = NULL;
	*out = secret_service_search_sync(p->service, &schema, attributes_of(name),
		SECRET_SEARCH_ALL, NULL, &why);
	return why ? status_of(why) : VAULT_OK;
}

static bool has_locked(const GList *found)
{
	for (; found; found = found->next)
		if (secret_item_get_locked(found->data))
			return true;
	return false;
}

/* The one that counts; NULL = all are locked. */
static SecretItem *newest(const GList *found)
{
	SecretItem *best = NULL;
	for (; found; found = found->next) {
		SecretItem *item = found->data;
		if (!secret_item_get_locked(item) &&
			(!best || secret_item_get_modified(item) > secret_item_get_modified(best)))
			best = item;
	}
	return best;
}

/* Of an entry that was looked for: where it lies counts, not where new ones go. */
static enum vault_status status_of_entry(const struct place *p, const GList *found)
{
	if (newest(found))
		return VAULT_OK;
	return found ? VAULT_KEYRING_LOCKED : status_of_place(p);
}

static enum vault_status get(const struct place *p, const GList *found, struct secret *out)
{
	SecretItem *item = newest(found);
	enum vault_status st = status_of_entry(p, found);
	GError *why = NULL;
	gsize n = 0;
	if (st || !item)
		return st ? st : VAULT_NOT_FOUND;
	if (!secret_item_load_secret_sync(item, NULL, &why))
		return status_of(why);
	const char *value = secret_value_get(secret_item_get_secret(item), &n);
	secret_set(out, value, n);
	return VAULT_OK;
}

static enum vault_status create(const struct place *p, const char *name, SecretValue *value)
{
	char label[256];
	GError *why = NULL;
	enum vault_status st = status_of_place(p);
	if (st)
		return st;
	entry_label(label, sizeof label, name);
	return secret_item_create_sync(p->collection, &schema, attributes_of(name), label, value,
		       SECRET_ITEM_CREATE_REPLACE, NULL, &why)
		       ? VAULT_OK
		       : status_of(why);
}

/* In its place where there is one. Another copy would be older from here on; should it be locked,
 * the newest one counts when it is open again. */
static enum vault_status put(const struct place *p, const GList *found,
	const struct keyring_call *c)
{
	SecretValue *value = secret_value_new(c->value->p, (gssize)c->value->len, "text/plain");
	SecretItem *item = newest(found);
	GError *why = NULL, *ignored = NULL;
	if (!item)
		return create(p, c->name, value);
	if (!secret_item_set_secret_sync(item, value, NULL, &why))
		return status_of(why);
	for (; found; found = found->next)
		if (found->data != item && !secret_item_get_locked(found->data))
			IGNORE_RESULT(secret_item_delete_sync(found->data, NULL, &ignored),
				"it is the older one");
	return VAULT_OK;
}

/* A locked one is left alone: the desktop would ask for its password. */
static enum vault_status erase(const struct place *p, const GList *found)
{
	enum vault_status st = found ? VAULT_OK : status_of_place(p);
	for (; found; found = found->next) {
		GError *why = NULL;
		if (secret_item_get_locked(found->data))
			st = VAULT_KEYRING_LOCKED;
		else if (!secret_item_delete_sync(found->data, NULL, &why))
			st = status_of(why);
	}
	return st;
}

/* That there are none is known of a locked keyring, too; a locked one's name need not be. */
static enum vault_status list(const struct place *p, const GList *found, struct secret *out)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT(KEYRING_VALUE_MAX);
	if (has_locked(found))
		return VAULT_KEYRING_LOCKED;
	if (!found && !p->collection)
		return VAULT_NO_KEYRING;
	for (; found; found = found->next) {
		const char *name =
			g_hash_table_lookup(secret_item_get_attributes(found->data), "entry");
		if (name)
			buf_addf(&names, "%s\n", name);
	}
	if (names.failed)
		return VAULT_TOO_BIG;
	secret_set(out, names.p, names.len);
	return VAULT_OK;
}

/* What stands before the last part of an item's path is its collection. */
static size_t collection_len(const SecretItem *item)
{
	const char *path = g_dbus_proxy_get_object_path((GDBusProxy *)item);
	return (size_t)(strrchr(path, '/') - path);
}

static bool is_in_collection_of(const SecretItem *a, const SecretItem *b)
{
	size_t n = collection_len(a);
	return n == collection_len(b) && !memcmp(g_dbus_proxy_get_object_path((GDBusProxy *)a),
						 g_dbus_proxy_get_object_path((GDBusProxy *)b), n);
}

/* One item of each locked collection in which there are any. */
static GList *locked_of(GList *found)
{
	GList *out = NULL;
	for (GList *next; found; found = next) {
		bool is_new = secret_item_get_locked(found->data);
		next = found->next;
		for (const GList *o = out; o && is_new; o = o->next)
			is_new = !is_in_collection_of(o->data, found->data);
		if (!is_new)
			continue;
		*found = (GList){.data = found->data, .next = out};
		out = found;
	}
	return out;
}

/* The desktop asks the person, in a window of its own: for what holds crmail's, else for where new
 * ones go. */
static enum vault_status unlock(const struct place *p, GList *found)
{
	GList place = {.data = p->collection};
	GList *what = locked_of(found);
	GError *why = NULL;
	int n = 1;
	if (!what) {
		enum vault_status st = status_of_place(p);
		if (st != VAULT_KEYRING_LOCKED)
			return st;
		what = &place;
	}
	for (const GList *o = what; o->next; o = o->next)
		n++;
	return secret_service_unlock_sync(p->service, what, NULL, NULL, &why) >= n
		       ? VAULT_OK
		       : VAULT_KEYRING_SHUT;
}

enum vault_status keyring_do(const struct keyring_call *c, struct secret *out)
{
	struct place p = {.service = NULL};
	GList *found = NULL;
	enum vault_status st = open_place(&p);
	if (!st && (c->name || c->op != KEYRING_PROBE))
		st = find(&p, c->name, &found);
	if (st)
		return st;
	switch (c->op) {
	case KEYRING_PROBE:
		return status_of_entry(&p, found);
	case KEYRING_UNLOCK:
		return unlock(&p, found);
	case KEYRING_GET:
		return get(&p, found, out);
	case KEYRING_PUT:
		return put(&p, found, c);
	case KEYRING_ERASE:
		return erase(&p, found);
	case KEYRING_LIST:
		return list(&p, found, out);
	}
	return VAULT_OK;
}
