/*
 * oauth_provider.c - reads what an identity provider is: the file that comes with crmail, and over
 * it the person's or the company's own.
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

#include "url.h"

#define FILE_MAX ((size_t)64 << 10)

static bool is_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!ascii_isalnum(*p) && *p != '-' && *p != '_')
			return false;
	return *name && strlen(name) <= 64;
}

/* *out stays NULL where there is no such file. */
static int read_json(const char *folder, const char *name, cJSON **out, struct err *e)
{
	CLEANUP(free_str) char *path = xasprintf("%s/oauth/%s.json", folder, name);
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	if (!fsx_exists(path))
		return 0;
	if (fsx_read_file(path, &text, e))
		return -1;
	if (json_parse(text.p, text.len, out, e) || !cJSON_IsObject(*out)) {
		json_free(out);
		return err_set(e, ERR_PARSE, _("%s is not a file of JSON that can be understood."),
			path);
	}
	return 0;
}

/* Google hands a client out as {"installed": {"client_id": ...}}. */
static const char *client_word(const cJSON *j, const char *key)
{
	char at[64];
	snprintf(at, sizeof at, "/installed/%s", key);
	const char *own = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, key));
	return own ? own : json_str(j, at);
}

struct source {
	const cJSON *ours, *theirs; /* NULL = no such file */
};

static const char *word_of(const struct source *s, const char *key)
{
	const char *v = s->theirs ? client_word(s->theirs, key) : NULL;
	if (!v && s->ours)
		v = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(s->ours, key));
	return v && *v ? v : NULL;
}

static char *copy_word(const struct source *s, const char *key)
{
	const char *v = word_of(s, key);
	return v ? xstrdup(v) : NULL;
}

/* An address with the tenant in its place. */
static char *copy_address(const struct source *s, const char *key)
{
	static const char hole[] = "{tenant}";
	CLEANUP(buf_release) struct buf out = BUF_INIT(2048);
	const char *v = word_of(s, key), *tenant = word_of(s, "tenant"), *at;
	if (!v)
		return NULL;
	for (; (at = strstr(v, hole)); v = at + strlen(hole)) {
		buf_add(&out, v, (size_t)(at - v));
		buf_addstr(&out, tenant ? tenant : "common");
	}
	buf_addstr(&out, v);
	return buf_steal(&out, NULL);
}

/* Theirs goes before ours, as with words. */
static bool read_flag(const struct source *s, const char *key)
{
	const cJSON *v = s->theirs ? cJSON_GetObjectItemCaseSensitive(s->theirs, key) : NULL;
	if (!v && s->ours)
		v = cJSON_GetObjectItemCaseSensitive(s->ours, key);
	return cJSON_IsTrue(v);
}

static void copy_parameters(struct oauth_provider *p, const struct source *s)
{
	const cJSON *all = s->theirs ? json_at(s->theirs, "/parameters") : NULL, *one;
	if (!all && s->ours)
		all = json_at(s->ours, "/parameters");
	cJSON_ArrayForEach(one, all)
	{
		if (!cJSON_IsString(one) || p->n_parameters == OAUTH_PARAMETERS)
			continue;
		p->parameters[p->n_parameters++] =
			(struct oauth_parameter){xstrdup(one->string), xstrdup(one->valuestring)};
	}
}

static int check_address(const char *name, const char *key, const char *address, struct err *e)
{
	CLEANUP(url_release) struct url u = {.host = NULL};
	if (!address)
		return 0;
	if (url_parse(address, &u, e))
		return err_wrap(e, "oauth/%s.json: %s", name, key);
	if (u.is_https || url_is_loopback(&u))
		return 0;
	return err_set(e, ERR_PARSE, _("oauth/%s.json: %s must begin with https://."), name, key);
}

/* The listener is on 127.0.0.1 and, for localhost, on ::1. */
static int check_redirect(const struct oauth_provider *p, struct err *e)
{
	CLEANUP(url_release) struct url u = {.host = NULL};
	if (url_parse(p->redirect, &u, e))
		return err_wrap(e, "oauth/%s.json: redirect", p->name);
	if (str_starts(p->redirect, "http://") && !strpbrk(p->redirect, "?#") &&
		(!strcmp(u.host, "127.0.0.1") || !str_casecmp(u.host, "localhost")))
		return 0;
	return err_set(e, ERR_PARSE, _("oauth/%s.json: redirect must be on this machine."),
		p->name);
}

static int check(const struct oauth_provider *p, struct err *e)
{
	const struct {
		const char *key, *value;
	} all[] = {{"authorize", p->authorize}, {"token", p->token}, {"revoke", p->revoke},
		{"userinfo", p->userinfo}, {"device", p->device}, {"api", p->api}};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (check_address(p->name, all[i].key, all[i].value, e))
			return -1;
	if (!p->token || !p->authorize || !p->scope)
		return err_set(e, ERR_PARSE, _("oauth/%s.json needs authorize, token and scope."),
			p->name);
	if (p->is_issuer_required && !p->issuer)
		return err_set(e, ERR_PARSE, _("oauth/%s.json: issuer_required needs issuer."),
			p->name);
	return check_redirect(p, e);
}

/* What a service says for itself, in place of what stands for the mail servers. */
static int choose_service(struct oauth_provider *p, const struct source *s, const char *service,
	struct err *e)
{
	char at[64];
	if (!service)
		return 0;
	snprintf(at, sizeof at, "/services/%s", service);
	const cJSON *ours = s->ours ? json_at(s->ours, at) : NULL;
	const cJSON *theirs = s->theirs ? json_at(s->theirs, at) : NULL;
	const struct source of = {
		cJSON_IsObject(ours) ? ours : NULL, cJSON_IsObject(theirs) ? theirs : NULL};
	if (!word_of(&of, "scope"))
		return err_set(e, ERR_NOTFOUND, _("oauth/%s.json has no scope for %s accounts."),
			p->name, service);
	free(p->scope);
	p->scope = copy_word(&of, "scope");
	p->api = copy_address(&of, "api");
	p->contacts = copy_word(&of, "contacts");
	return 0;
}

int oauth_provider_add_contacts(struct oauth_provider *p, struct err *e)
{
	if (!p->contacts)
		return err_set(e, ERR_UNSUPPORTED,
			_("%s has no address book for this kind of account."), p->title);
	char *all = xasprintf("%s %s", p->scope, p->contacts);
	free(p->scope);
	p->scope = all;
	return 0;
}

static struct oauth_provider *build(const char *name, const struct source *s)
{
	struct oauth_provider *p = xcalloc(1, sizeof *p);
	p->name = xstrdup(name);
	p->title = copy_word(s, "title");
	if (!p->title)
		p->title = xstrdup(name);
	p->authorize = copy_address(s, "authorize");
	p->token = copy_address(s, "token");
	p->revoke = copy_address(s, "revoke");
	p->userinfo = copy_address(s, "userinfo");
	p->device = copy_address(s, "device");
	p->issuer = copy_address(s, "issuer");
	p->is_issuer_required = read_flag(s, "issuer_required");
	p->client_id = copy_word(s, "client_id");
	p->client_secret = copy_word(s, "client_secret");
	p->scope = copy_word(s, "scope");
	p->redirect = copy_word(s, "redirect");
	if (!p->redirect)
		p->redirect = xstrdup("http://127.0.0.1");
	p->ca = copy_word(s, "ca");
	p->imap = copy_word(s, "imap");
	p->smtp = copy_word(s, "smtp");
	copy_parameters(p, s);
	return p;
}

int oauth_provider_load(const char *share_dir, const char *config_dir, const char *name,
	const char *service, struct oauth_provider **out, struct err *e)
{
	CLEANUP(json_free) cJSON *ours = NULL;
	CLEANUP(json_free) cJSON *theirs = NULL;
	if (!is_name(name))
		return err_set(e, ERR_USAGE, _("\"%s\" is not the name of a provider."), name);
	if (read_json(share_dir, name, &ours, e) || read_json(config_dir, name, &theirs, e))
		return -1;
	if (!ours && !theirs)
		return err_set(e, ERR_NOTFOUND, _("There is no provider %s."), name);
	CLEANUP(oauth_provider_free)
	struct oauth_provider *p = build(name, &(struct source){ours, theirs});
	if (choose_service(p, &(struct source){ours, theirs}, service, e) || check(p, e))
		return -1;
	if (!p->client_id)
		return err_set(e, ERR_USAGE,
			_("%s lets a program in by a client id that your organisation has "
			  "registered, and crmail comes with none: give it in the form of a new "
			  "account, or to crmail account add with --client-id, or put it into "
			  "%s/oauth/%s.json; crmail-config(5) says each step."),
			p->title, config_dir, name);
	*out = p;
	p = NULL;
	return 0;
}

void oauth_provider_free(struct oauth_provider **at)
{
	struct oauth_provider *p = *at;
	*at = NULL;
	if (!p)
		return;
	char *all[] = {p->name, p->title, p->authorize, p->token, p->revoke, p->userinfo, p->device,
		p->issuer, p->client_id, p->client_secret, p->scope, p->redirect, p->ca, p->imap,
		p->smtp, p->api, p->contacts};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]);
	for (size_t i = 0; i < p->n_parameters; i++) {
		free(p->parameters[i].name);
		free(p->parameters[i].value);
	}
	free(p);
}
