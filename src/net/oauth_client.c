/*
 * oauth_client.c - keeps the registration as which crmail signs in: into the person's own file of
 * the provider, whose other words stay as they are.
 */
#include "config.h"

#include "crmail/net/oauth.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define FILE_MAX ((size_t)64 << 10)

enum { WORD_MAX = 512 };

static int read_object(const char *path, cJSON **out, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	if (fsx_read_file(path, &text, e))
		return -1;
	if (json_parse(text.p, text.len, out, e) == 0 && cJSON_IsObject(*out))
		return 0;
	json_free(out);
	return err_set(e, ERR_PARSE, _("%s is not a file of JSON that can be understood."), path);
}

/* ---- what is given --------------------------------------------------------------------------- */

static bool is_path(const char *id)
{
	return id[0] == '/' || id[0] == '~' || id[0] == '.' || str_ends(id, ".json");
}

static char *path_of(const char *id)
{
	const char *home = getenv("HOME");
	return str_starts(id, "~/") && home ? fsx_join(home, id + 2) : xstrdup(id);
}

static bool is_word(const char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7F)
			return false;
	return n > 0 && n <= WORD_MAX;
}

/* It becomes a part of addresses. */
static bool is_tenant(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!ascii_isalnum(*p) && *p != '-' && *p != '.')
			return false;
	return *text && strlen(text) <= 255;
}

/* What Google hands out for a program on a desktop; other kinds of client cannot come back to this
 * machine. */
static int take_file(const cJSON *given, const char *path, const char **id, const char **secret,
	struct err *e)
{
	const char *own = json_str(given, "/client_id");
	*id = own ? own : json_str(given, "/installed/client_id");
	*secret = json_str(given, own ? "/client_secret" : "/installed/client_secret");
	if (*id)
		return 0;
	if (json_str(given, "/web/client_id"))
		return err_set(e, ERR_USAGE,
			_("This client is one for web pages: make one of type \"desktop app\"."));
	return err_set(e, ERR_USAGE, _("There is no client id in %s."), path);
}

/* ---- keeping it ------------------------------------------------------------------------------ */

static void put(cJSON *all, const char *key, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(all, key);
	json_add_str(all, key, value);
}

static int write_file(const char *config_dir, const char *path, const cJSON *all, struct err *e)
{
	CLEANUP(free_str) char *folder = fsx_join(config_dir, "oauth");
	CLEANUP(free_str) char *text = cJSON_Print(all);
	if (!text)
		return err_set(e, ERR_IO, _("Cannot write %s."), path);
	return fsx_mkdir_p(folder, e) || fsx_write_file(path, text, strlen(text), true, e) ? -1 : 0;
}

/* Another id has another secret, or none: none of before stays. */
static int keep(const char *config_dir, const char *name, const struct oauth_client *c,
	struct err *e)
{
	CLEANUP(free_str) char *path = xasprintf("%s/oauth/%s.json", config_dir, name);
	CLEANUP(json_free) cJSON *all = NULL;
	if (fsx_exists(path) && read_object(path, &all, e))
		return -1;
	if (!all)
		all = cJSON_CreateObject();
	if (c->id) {
		cJSON_DeleteItemFromObjectCaseSensitive(all, "installed");
		put(all, "client_id", c->id);
		put(all, "client_secret", c->secret);
	}
	if (c->tenant)
		put(all, "tenant", c->tenant);
	return write_file(config_dir, path, all, e);
}

int oauth_client_keep(const char *config_dir, const char *name, const struct oauth_client *c,
	struct err *e)
{
	CLEANUP(free_str) char *path = c->id && is_path(c->id) ? path_of(c->id) : NULL;
	CLEANUP(json_free) cJSON *given = NULL;
	struct oauth_client taken = *c;
	if (path && (read_object(path, &given, e) ||
			    take_file(given, path, &taken.id, &taken.secret, e)))
		return -1;
	if (taken.id && !is_word(taken.id))
		return err_set(e, ERR_USAGE, _("A client id has no blanks."));
	if (taken.secret && !is_word(taken.secret))
		return err_set(e, ERR_USAGE, _("A client secret has no blanks."));
	if (taken.tenant && !is_tenant(taken.tenant))
		return err_set(e, ERR_USAGE,
			_("A tenant is the directory's id, or a domain of your organisation."));
	return keep(config_dir, name, &taken, e);
}
