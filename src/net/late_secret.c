/*
 * late_secret.c - the functions of libsecret, and of GLib below it, that src/net uses; bound on
 * first use (late.h), which is in a process that asks the keyring one thing and ends.
 */
#include "config.h"

#include "crmail/base/late.h"

#include <libsecret/secret.h>

#undef g_str_equal

/* clang-format off */
#define FUNCTIONS(F, P, V) \
	F(SecretService *, secret_service_get_sync, (SecretServiceFlags flags, GCancellable *c, \
		GError **e), (flags, c, e)) \
	F(GList *, secret_service_search_sync, (SecretService *s, const SecretSchema *schema, \
		GHashTable *a, SecretSearchFlags flags, GCancellable *c, GError **e), \
		(s, schema, a, flags, c, e)) \
	F(gint, secret_service_unlock_sync, (SecretService *s, GList *l, GCancellable *c, \
		GList **unlocked, GError **e), (s, l, c, unlocked, e)) \
	F(SecretCollection *, secret_collection_for_alias_sync, (SecretService *s, \
		const gchar *alias, SecretCollectionFlags flags, GCancellable *c, GError **e), \
		(s, alias, flags, c, e)) \
	F(gboolean, secret_collection_get_locked, (SecretCollection *s), (s)) \
	F(SecretItem *, secret_item_create_sync, (SecretCollection *s, \
		const SecretSchema *schema, GHashTable *a, const gchar *label, SecretValue *v, \
		SecretItemCreateFlags flags, GCancellable *c, GError **e), \
		(s, schema, a, label, v, flags, c, e)) \
	F(gboolean, secret_item_delete_sync, (SecretItem *s, GCancellable *c, GError **e), \
		(s, c, e)) \
	F(gboolean, secret_item_get_locked, (SecretItem *s), (s)) \
	F(guint64, secret_item_get_modified, (SecretItem *s), (s)) \
	F(gboolean, secret_item_set_secret_sync, (SecretItem *s, SecretValue *v, \
		GCancellable *c, GError **e), (s, v, c, e)) \
	F(const gchar *, g_dbus_proxy_get_object_path, (GDBusProxy *p), (p)) \
	F(GHashTable *, secret_item_get_attributes, (SecretItem *s), (s)) \
	F(gboolean, secret_item_load_secret_sync, (SecretItem *s, GCancellable *c, GError **e), \
		(s, c, e)) \
	F(SecretValue *, secret_item_get_secret, (SecretItem *s), (s)) \
	F(SecretValue *, secret_value_new, (const gchar *p, gssize n, const gchar *type), \
		(p, n, type)) \
	F(const gchar *, secret_value_get, (SecretValue *v, gsize *n), (v, n)) \
	F(GQuark, secret_error_get_quark, (void), ()) \
	F(gboolean, g_error_matches, (const GError *e, GQuark domain, gint code), \
		(e, domain, code)) \
	F(GHashTable *, g_hash_table_new, (GHashFunc hash, GEqualFunc equal), (hash, equal)) \
	F(gboolean, g_hash_table_insert, (GHashTable *h, gpointer key, gpointer value), \
		(h, key, value)) \
	F(gpointer, g_hash_table_lookup, (GHashTable *h, gconstpointer key), (h, key)) \
	F(guint, g_str_hash, (gconstpointer s), (s)) \
	F(gboolean, g_str_equal, (gconstpointer a, gconstpointer b), (a, b))
/* clang-format on */

LATE_LIBRARY(secret, LIBSECRET_SONAME, FUNCTIONS)
