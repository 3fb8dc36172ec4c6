/* discover_table.c - reads the table of known providers, and makes offers of it. */
#include "config.h"

#include "discover_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"
#include "crmail/net/oauth.h"
#include "offer_make.h"

#define FILE_MAX ((size_t)256 << 10)

static int read_table(const char *folder, cJSON **out, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(folder, "discovery.json");
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	if (!fsx_exists(path))
		return 0;
	if (fsx_read_file(path, &text, e))
		return -1;
	if (json_parse(text.p, text.len, out, e) == 0 && cJSON_IsObject(*out))
		return 0;
	json_free(out);
	return err_set(e, ERR_PARSE, _("%s is not a file of JSON that can be understood."), path);
}

int discover_table_load(const char *share_dir, const char *config_dir, struct discover_table *out,
	struct err *e)
{
	*out = (struct discover_table){
		.share_dir = xstrdup(share_dir), .config_dir = xstrdup(config_dir)};
	if (read_table(share_dir, &out->ours, e) == 0 &&
		read_table(config_dir, &out->theirs, e) == 0)
		return 0;
	discover_table_release(out);
	return -1;
}

void discover_table_release(struct discover_table *t)
{
	json_free(&t->ours);
	json_free(&t->theirs);
	free(t->share_dir);
	free(t->config_dir);
	*t = (struct discover_table){.ours = NULL};
}

/* ---- words and lists ------------------------------------------------------------------------- */

static const cJSON *value_of(const struct discover_table *t, const char *key)
{
	const cJSON *v = t->theirs ? cJSON_GetObjectItemCaseSensitive(t->theirs, key) : NULL;
	return v || !t->ours ? v : cJSON_GetObjectItemCaseSensitive(t->ours, key);
}

const char *discover_word(const struct discover_table *t, const char *key)
{
	const char *v = cJSON_GetStringValue(value_of(t, key));
	return v && *v ? v : NULL;
}

bool discover_place(const struct discover_table *t, const char *list, size_t i, const char *email,
	struct buf *out)
{
	static const char domain[] = "{domain}", address[] = "{email}";
	const cJSON *all = value_of(t, list);
	const char *p =
		cJSON_IsArray(all) ? cJSON_GetStringValue(cJSON_GetArrayItem(all, (int)i)) : NULL;
	if (!p)
		return false;
	while (*p) {
		if (str_starts(p, domain)) {
			buf_addstr(out, strrchr(email, '@') + 1);
			p += strlen(domain);
		} else if (str_starts(p, address)) {
			http_add_escaped(out, email);
			p += strlen(address);
		} else {
			buf_addch(out, *p++);
		}
	}
	return true;
}

/* ---- providers ------------------------------------------------------------------------------- */

static bool is_or_ends(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);
	return m > 0 && n >= m && str_casecmp(name + n - m, suffix) == 0 &&
	       (n == m || name[n - m - 1] == '.');
}

/* A provider of that file which lists the name, or with is_below a domain above it. */
static const cJSON *find_in(const cJSON *table, const char *list, const char *name, bool is_below)
{
	const cJSON *provider, *one;
	cJSON_ArrayForEach(provider, cJSON_GetObjectItemCaseSensitive(table, "providers"))
	{
		cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(provider, list))
		{
			const char *text = cJSON_GetStringValue(one);
			if (text &&
				(is_below ? is_or_ends(name, text) : str_casecmp(name, text) == 0))
				return provider;
		}
	}
	return NULL;
}

static const cJSON *find(const struct discover_table *t, const char *list, const char *name,
	bool is_below)
{
	const cJSON *p = t->theirs ? find_in(t->theirs, list, name, is_below) : NULL;
	return p || !t->ours ? p : find_in(t->ours, list, name, is_below);
}

const cJSON *discover_by_domain(const struct discover_table *t, const char *domain)
{
	return find(t, "domains", domain, false);
}

const cJSON *discover_by_mx(const struct discover_table *t, const char *host)
{
	return find(t, "mx", host, true);
}

const cJSON *discover_by_host(const struct discover_table *t, const char *host)
{
	return find(t, "hosts", host, true);
}

static const char *text_of(const cJSON *provider, const char *key)
{
	const char *v = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(provider, key));
	return v ? v : "";
}

static struct offer *add(struct offers *out)
{
	return out->n < OFFERS_MAX ? &out->v[out->n++] : NULL;
}

/* A provider's file may lack what only its registration gives, or be of no use altogether. */
static void add_grant(const struct discover_table *t, const cJSON *provider, const char *service,
	enum offer_source source, struct offers *out)
{
	CLEANUP(oauth_provider_free) struct oauth_provider *p = NULL;
	struct err why = ERR_INIT;
	const char *name = text_of(provider, "oauth");
	int rc = *name ? oauth_provider_load(t->share_dir, t->config_dir, name, service, &p, &why)
		       : -1;
	struct offer *o = *name && strlen(name) < OFFER_WORD && (!rc || why.code == ERR_USAGE)
				  ? add(out)
				  : NULL;
	if (!o)
		return;
	*o = (struct offer){.source = source, .lacks_client = rc != 0};
	offer_put_text(o->title, sizeof o->title, text_of(provider, "title"));
	offer_put_text(o->oauth, sizeof o->oauth, name);
	offer_put_text(o->kind, sizeof o->kind, service ? service : "");
}

static void add_password(const cJSON *provider, enum offer_source source, const char *email,
	struct offers *out)
{
	struct offer o = {.source = source,
		.wants_app_password =
			cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(provider, "app_password"))};
	struct offer_server imap = {.text = ""}, smtp = {.text = ""};
	if (!offer_server_read(&imap, text_of(provider, "imap")) ||
		!offer_server_read(&smtp, text_of(provider, "smtp")) ||
		!offer_put_servers(&o, &imap, &smtp))
		return;
	offer_put_text(o.title, sizeof o.title, text_of(provider, "title"));
	offer_put_text(o.user, sizeof o.user, email);
	struct offer *to = add(out);
	if (to)
		*to = o;
}

void discover_add_provider(const struct discover_table *t, const cJSON *provider,
	enum offer_source source, const char *email, struct offers *out)
{
	const char *service = text_of(provider, "service");
	if (*service && strlen(service) < OFFER_KIND)
		add_grant(t, provider, service, source, out);
	add_grant(t, provider, NULL, source, out);
	add_password(provider, source, email, out);
}

void discover_add_found(const struct discover_table *t, const struct offer *found,
	const char *email, struct offers *out)
{
	char host[OFFER_SERVER];
	size_t n = strcspn(found->imap, ":");
	snprintf(host, sizeof host, "%.*s", (int)n, found->imap);
	const cJSON *provider = discover_by_host(t, host);
	if (provider) {
		discover_add_provider(t, provider, found->source, email, out);
		return;
	}
	struct offer *o = add(out);
	if (!o)
		return;
	*o = *found;
	if (!o->user[0])
		offer_put_text(o->user, sizeof o->user, email);
}
