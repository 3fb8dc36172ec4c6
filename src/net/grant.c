/* grant.c - tokens: from the provider into the encrypted file, renewed under a lock. No logging. */
#include "config.h"

#include "grant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"
#include "crmail/net/secret.h"

#include "form.h"
#include "id_token.h"
#include "url.h"
#include "vault.h"

#define ANSWER_MAX ((size_t)256 << 10)
#define TOKEN_MAX 16384
#define FORM_MAX ((size_t)64 << 10)
#define REQUEST_MS 30000
#define WORD_MAX 40
#define MOST_AHEAD_S 60     /* a token is renewed that long before its end, or */
#define PART_AHEAD 4        /* when this part of its life is left, if that is less */
#define DEFAULT_LIFE_S 3600 /* RFC 6749 5.1: where the answer does not say */
#define LONGEST_LIFE_S ((int64_t)10 * 365 * 86400)

/* What is known of the other side; borrowed from the JSON it was read from. */
struct other {
	const char *token, *revoke, *userinfo, *client_id, *client_secret, *scope, *ca;
};

struct answer {
	int status;
	cJSON *json; /* NULL where it is none */
	int64_t retry_after_ms;
	char host[256];
};

static struct other read_other(const cJSON *j)
{
	return (struct other){.token = json_str(j, "/token"),
		.revoke = json_str(j, "/revoke"),
		.userinfo = json_str(j, "/userinfo"),
		.client_id = json_str(j, "/client_id"),
		.client_secret = json_str(j, "/client_secret"),
		.scope = json_str(j, "/scope"),
		.ca = json_str(j, "/ca")};
}

/* ---- talking to the provider ----------------------------------------------------------------- */

static int exchange(const struct other *o, const struct http_request *rq, struct answer *out,
	struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(url_release) struct url u = {.host = NULL};
	struct err not_json = ERR_INIT;
	if (url_parse(rq->url, &u, e))
		return -1;
	struct http *h = http_new(&(struct http_conf){.ca_file = o->ca});
	int rc = http_do(h, rq, &r, e);
	http_free(h);
	if (!rc) {
		out->status = r.status;
		out->retry_after_ms = r.retry_after_ms;
		snprintf(out->host, sizeof out->host, "%s", u.host);
		if (json_parse(r.body.p, r.body.len, &out->json, &not_json))
			out->json = NULL;
	}
	secret_wipe(r.body.p, r.body.len);
	return rc;
}

/* Fields begin with "&", which a form does not. */
static int post(const struct other *o, const char *url, const struct buf *form, struct answer *out,
	struct err *e)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL};
	const struct http_request rq = {.method = "POST",
		.url = url,
		.headers = headers,
		.body = form->p + 1,
		.body_len = form->len - 1,
		.timeout_ms = REQUEST_MS,
		.max_body = ANSWER_MAX};
	if (form->failed)
		return err_set(e, ERR_TOOBIG, _("The request for a token is too long."));
	return exchange(o, &rq, out, e);
}

static void answer_release(struct answer *a)
{
	json_free(&a->json);
}

static void form_release(struct buf *form)
{
	secret_wipe(form->p, form->len);
	buf_release(form);
}

static void add_client(struct buf *form, const struct other *o)
{
	form_add(form, "client_id", o->client_id);
	if (o->client_secret)
		form_add(form, "client_secret", o->client_secret);
}

/* The word of RFC 6749 5.2; "" = the answer is no such error. */
static const char *error_word(const struct answer *a)
{
	const char *word = a->json ? json_str(a->json, "/error") : NULL;
	bool is_error = a->status >= 400 && a->status <= 499 && a->status != 429;
	return is_error && word && form_is_word(word, WORD_MAX) ? word : "";
}

static int explain(const struct answer *a, struct err *e)
{
	const char *word = error_word(a);
	struct http_response r = {.status = a->status, .retry_after_ms = a->retry_after_ms};
	if (!strcmp(word, "invalid_grant"))
		return err_set(e, ERR_AUTH,
			_("%s does not accept this sign-in any more: sign in again."), a->host);
	if (!strcmp(word, "invalid_client") || !strcmp(word, "unauthorized_client"))
		return err_set(e, ERR_AUTH,
			_("%s does not know the client id that crmail signs in with."), a->host);
	if (*word)
		return err_set(e, ERR_AUTH, _("%s refused the sign-in (%s)."), a->host, word);
	if (a->status >= 200 && a->status <= 299)
		return err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."),
			a->host, "OAuth");
	return http_status_err(&r, a->host, e);
}

/* ---- the entries ----------------------------------------------------------------------------- */

static int say_vault(enum vault_status st, int sys, struct err *e)
{
	if (st == VAULT_NOT_FOUND)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	if (st == VAULT_LOCKED || st == VAULT_NO_FILE || st == VAULT_WRONG_PASSPHRASE)
		return err_set(e, ERR_AUTH,
			_("The saved passwords are locked: give their passphrase."));
	return err_sys(e, ERR_IO, sys, _("The sign-in cannot be saved"));
}

static int put(const struct grant_place *g, const char *name, const char *suffix, const cJSON *j,
	struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, suffix);
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	char *text = json_print(j);
	secret_set(&value, text, strlen(text));
	secret_wipe(text, strlen(text));
	free(text);
	enum vault_status st = vault_put(g->path, g->key, entry, &value);
	return st ? say_vault(st, errno, e) : 0;
}

/* *out stays NULL, and 0 comes back, where there is none. */
static int get(const struct grant_place *g, const char *name, const char *suffix, cJSON **out,
	struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, suffix);
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	enum vault_status st = vault_get(g->path, g->key, entry, &value);
	if (st == VAULT_NOT_FOUND)
		return 0;
	return st ? say_vault(st, errno, e) : json_parse(value.p, value.len, out, e);
}

static int forget(const struct grant_place *g, const char *name, const char *suffix, struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, suffix);
	enum vault_status st = vault_put(g->path, g->key, entry, NULL);
	return st ? say_vault(st, errno, e) : 0;
}

/* Held while a grant is renewed, by one process of all that use the file: one byte of a file beside
 * it for each name. The process that holds it ends with its job. */
static int take_lock(const struct grant_place *g, const char *name, int *fd, struct err *e)
{
	CLEANUP(free_str) char *path = xasprintf("%s.grants", g->path);
	char sum[65];
	sha256_hex(name, strlen(name), sum);
	sum[12] = '\0';
	struct flock lock = {.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)strtoll(sum, NULL, 16),
		.l_len = 1};
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(e, ERR_IO, errno, _("The sign-in cannot be renewed"));
	while (fcntl(*fd, F_SETLKW, &lock)) {
		if (errno == EINTR)
			continue;
		int sys = errno;
		close(*fd);
		return err_sys(e, ERR_IO, sys, _("The sign-in cannot be renewed"));
	}
	return 0;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* What goes into a header or a SASL message must be visible ASCII. */
static bool is_token(const char *s)
{
	size_t n = 0;
	for (; s && s[n]; n++)
		if (s[n] <= ' ' || s[n] > '~' || n == TOKEN_MAX)
			return false;
	return n > 0;
}

static int check_tokens(const struct answer *a, struct err *e)
{
	const char *type = a->json ? json_str(a->json, "/token_type") : NULL;
	const char *refresh = a->json ? json_str(a->json, "/refresh_token") : NULL;
	if (a->status != 200 || !a->json || !is_token(json_str(a->json, "/access_token")) ||
		(refresh && !is_token(refresh)))
		return explain(a, e);
	if (type && str_casecmp(type, "Bearer") != 0)
		return err_set(e, ERR_UNSUPPORTED,
			_("%s gives tokens of a kind that crmail does not know."), a->host);
	return 0;
}

static int save_access(const struct grant_place *g, const char *name, const cJSON *tokens,
	struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	int64_t life = 0;
	if (!json_i64(tokens, "/expires_in", &life) || life < 0 || life > LONGEST_LIFE_S)
		life = DEFAULT_LIFE_S;
	json_add_str(j, "token", json_str(tokens, "/access_token"));
	json_add_i64(j, "life", life);
	json_add_i64(j, "until", clock_now(g->clock) + life);
	return put(g, name, "access", j, e);
}

/* The refresh token with all that is needed to use it, first. */
static int save(const struct grant_place *g, const char *name, const struct other *o,
	const cJSON *tokens, struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	const char *refresh = json_str(tokens, "/refresh_token");
	json_add_str(j, "token", o->token);
	json_add_str(j, "revoke", o->revoke);
	json_add_str(j, "client_id", o->client_id);
	json_add_str(j, "client_secret", o->client_secret);
	json_add_str(j, "ca", o->ca);
	json_add_str(j, "refresh_token", refresh);
	if (refresh && put(g, name, "refresh", j, e))
		return -1;
	return save_access(g, name, tokens, e);
}

static bool is_good(const cJSON *access, const char *refused, int64_t now, bool is_at_need)
{
	const char *token = access ? json_str(access, "/token") : NULL;
	int64_t until = 0, life = 0;
	if (!token || !json_i64(access, "/until", &until) || !json_i64(access, "/life", &life))
		return false;
	if (refused && strcmp(token, refused) == 0)
		return false;
	int64_t ahead = life / PART_AHEAD < MOST_AHEAD_S ? life / PART_AHEAD : MOST_AHEAD_S;
	return until - now > (is_at_need ? 0 : ahead);
}

static void give(const cJSON *access, struct secret *out)
{
	const char *token = json_str(access, "/token");
	secret_set(out, token, strlen(token));
}

static int ask_again(const cJSON *known, struct answer *a, struct err *e)
{
	CLEANUP(form_release) struct buf form = BUF_INIT(FORM_MAX);
	struct other o = read_other(known);
	const char *refresh = json_str(known, "/refresh_token");
	if (!o.token || !o.client_id || !refresh)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	form_add(&form, "grant_type", "refresh_token");
	form_add(&form, "refresh_token", refresh);
	add_client(&form, &o);
	return post(&o, o.token, &form, a, e) || check_tokens(a, e) ? -1 : 0;
}

static int renew(const struct grant_place *g, const char *name, struct secret *out, struct err *e)
{
	CLEANUP(json_free) cJSON *known = NULL;
	CLEANUP(answer_release) struct answer a = {.json = NULL};
	if (get(g, name, "refresh", &known, e))
		return -1;
	if (!known)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	if (ask_again(known, &a, e))
		return -1;
	struct other o = read_other(known);
	if (save(g, name, &o, a.json, e))
		return -1;
	const char *token = json_str(a.json, "/access_token");
	secret_set(out, token, strlen(token));
	return 0;
}

static int token_locked(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e)
{
	CLEANUP(json_free) cJSON *access = NULL;
	if (get(g, name, "access", &access, e))
		return -1;
	if (is_good(access, refused, clock_now(g->clock), false)) {
		give(access, out);
		return 0;
	}
	if (renew(g, name, out, e) == 0)
		return 0;
	/* The provider is away, and the token holds yet: that is good enough. */
	if (e->code == ERR_AUTH || !is_good(access, refused, clock_now(g->clock), true))
		return -1;
	give(access, out);
	err_clear(e);
	return 0;
}

int grant_token(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e)
{
	int lock = -1;
	if (take_lock(g, name, &lock, e))
		return -1;
	int rc = token_locked(g, name, refused, out, e);
	close(lock);
	return rc;
}

/* ---- first time and last --------------------------------------------------------------------- */

static bool is_waiting_word(const char *word)
{
	static const char *const words[] = {"authorization_pending", "slow_down", "access_denied",
		"authorization_declined", "expired_token"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

/* Whose mailbox it is: the ID token says, else the provider when asked. Neither is an error. */
static void add_email(cJSON *out, const struct other *o, const cJSON *tokens)
{
	CLEANUP(free_str) char *email = id_token_email(json_str(tokens, "/id_token"), o->client_id);
	CLEANUP(answer_release) struct answer a = {.json = NULL};
	struct err ignored = ERR_INIT;
	if (!email && o->userinfo) {
		CLEANUP(free_str)
		char *bearer =
			xasprintf("Authorization: Bearer %s", json_str(tokens, "/access_token"));
		const char *const headers[] = {bearer, NULL};
		const struct http_request rq = {.method = "GET",
			.url = o->userinfo,
			.headers = headers,
			.timeout_ms = REQUEST_MS,
			.max_body = ANSWER_MAX};
		if (exchange(o, &rq, &a, &ignored) == 0 && a.status == 200 && a.json &&
			json_str(a.json, "/email"))
			email = xstrdup(json_str(a.json, "/email"));
		secret_wipe(bearer, strlen(bearer));
	}
	json_add_str(out, "email", email);
}

static void add_json(struct buf *out, const cJSON *j)
{
	CLEANUP(free_str) char *text = json_print(j);
	buf_addstr(out, text);
}

static int read_request(const char *request, cJSON **j, struct other *o, struct err *e)
{
	if (json_parse(request, strlen(request), j, e))
		return -1;
	*o = read_other(*j);
	if (o->token && o->client_id)
		return 0;
	return err_set(e, ERR_BUG, _("A request for a token lacks its address."));
}

int grant_get(const struct grant_place *g, const char *name, const char *request, struct buf *out,
	struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(json_free) cJSON *said = cJSON_CreateObject();
	CLEANUP(answer_release) struct answer a = {.json = NULL};
	CLEANUP(form_release) struct buf form = BUF_INIT(FORM_MAX);
	struct other o;
	const cJSON *field;
	if (read_request(request, &j, &o, e))
		return -1;
	cJSON_ArrayForEach(field, json_at(j, "/form"))
	{
		if (cJSON_IsString(field))
			form_add(&form, field->string, field->valuestring);
	}
	add_client(&form, &o);
	if (post(&o, o.token, &form, &a, e))
		return -1;
	if (is_waiting_word(error_word(&a))) {
		json_add_str(said, "said", error_word(&a));
		add_json(out, said);
		return 0;
	}
	if (check_tokens(&a, e) || save(g, name, &o, a.json, e))
		return -1;
	add_email(said, &o, a.json);
	add_json(out, said);
	return 0;
}

int grant_device(const char *request, struct buf *out, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(answer_release) struct answer a = {.json = NULL};
	CLEANUP(form_release) struct buf form = BUF_INIT(FORM_MAX);
	struct other o;
	if (read_request(request, &j, &o, e))
		return -1;
	const char *url = json_str(j, "/device");
	if (!url)
		return err_set(e, ERR_BUG, _("A request for a code lacks its address."));
	add_client(&form, &o);
	form_add(&form, "scope", o.scope ? o.scope : "");
	if (post(&o, url, &form, &a, e))
		return -1;
	if (a.status != 200 || !a.json)
		return explain(&a, e);
	add_json(out, a.json);
	return 0;
}

static int tell_provider(const cJSON *known, struct err *e)
{
	CLEANUP(answer_release) struct answer a = {.json = NULL};
	CLEANUP(form_release) struct buf form = BUF_INIT(FORM_MAX);
	struct other o = read_other(known);
	const char *refresh = json_str(known, "/refresh_token");
	if (!o.revoke || !o.client_id || !refresh)
		return 0;
	form_add(&form, "token", refresh);
	form_add(&form, "token_type_hint", "refresh_token");
	add_client(&form, &o);
	if (post(&o, o.revoke, &form, &a, e))
		return -1;
	return a.status >= 200 && a.status <= 299 ? 0 : explain(&a, e);
}

int grant_revoke(const struct grant_place *g, const char *name, struct err *e)
{
	CLEANUP(json_free) cJSON *known = NULL;
	struct err told = ERR_INIT;
	int lock = -1;
	if (take_lock(g, name, &lock, e))
		return -1;
	int rc = get(g, name, "refresh", &known, e);
	int told_rc = !rc && known ? tell_provider(known, &told) : 0;
	if (!rc)
		rc = forget(g, name, "access", e) || forget(g, name, "refresh", e) ? -1 : 0;
	close(lock);
	if (rc || !told_rc)
		return rc;
	*e = told;
	return -1;
}
