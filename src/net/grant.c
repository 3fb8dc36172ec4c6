/* grant.c - tokens: from the provider into the encrypted file, renewed under a lock. No logging. */
#include "config.h"

#include "grant.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"
#include "crmail/net/secret.h"

#include "form.h"
#include "grant_ask.h"
#include "grant_store.h"
#include "id_token.h"

#define TOKEN_MAX 16384
#define MOST_AHEAD_S 60     /* a token is renewed that long before its end, or */
#define PART_AHEAD 4        /* when this part of its life is left, if that is less */
#define DEFAULT_LIFE_S 3600 /* RFC 6749 5.1: where the answer does not say */
#define LONGEST_LIFE_S ((int64_t)10 * 365 * 86400)
#define REFUSAL_AGE_S 600 /* one refused token in that time is replaced */

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

static int check_tokens(const struct grant_answer *a, struct err *e)
{
	const char *type = a->json ? json_str(a->json, "/token_type") : NULL;
	const char *refresh = a->json ? json_str(a->json, "/refresh_token") : NULL;
	if (a->status != 200 || !a->json || !is_token(json_str(a->json, "/access_token")) ||
		(refresh && !is_token(refresh)))
		return grant_explain(a, e);
	if (type && str_casecmp(type, "Bearer") != 0)
		return err_set(e, ERR_UNSUPPORTED,
			_("%s gives tokens of a kind that crmail does not know."), a->host);
	return 0;
}

static int save_access(const struct grant_place *g, const char *name, const cJSON *tokens,
	bool for_refusal, struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	int64_t life = 0;
	if (!json_i64(tokens, "/expires_in", &life) || life < 0 || life > LONGEST_LIFE_S)
		life = DEFAULT_LIFE_S;
	json_add_str(j, "token", json_str(tokens, "/access_token"));
	json_add_i64(j, "life", life);
	json_add_i64(j, GRANT_AT, clock_now(g->clock));
	json_add_i64(j, "until", clock_now(g->clock) + life);
	if (for_refusal)
		json_add_i64(j, "for_refusal", 1);
	return grant_put_firmly(g, name, GRANT_ACCESS, j, e);
}

/* The refresh token with all that is needed to use it; NULL = none came. Caller frees. */
static cJSON *refresh_entry(const struct grant_place *g, const struct grant_other *o,
	const cJSON *tokens)
{
	const char *refresh = json_str(tokens, "/refresh_token");
	if (!refresh)
		return NULL;
	cJSON *j = cJSON_CreateObject();
	json_add_str(j, "token", o->token);
	json_add_str(j, "revoke", o->revoke);
	json_add_str(j, "client_id", o->client_id);
	json_add_str(j, "client_secret", o->client_secret);
	json_add_str(j, "ca", o->ca);
	json_add_str(j, "who", o->who);
	json_add_i64(j, GRANT_AT, clock_now(g->clock));
	json_add_str(j, "refresh_token", refresh);
	return j;
}

/* The refresh token first. */
static int save(const struct grant_place *g, const char *name, const struct grant_other *o,
	const cJSON *tokens, struct err *e)
{
	CLEANUP(json_free) cJSON *refresh = refresh_entry(g, o, tokens);
	if (refresh && grant_put_firmly(g, name, GRANT_REFRESH, refresh, e))
		return -1;
	return save_access(g, name, tokens, false, e);
}

/* The same after a refresh, when the old one is spent: whatever happens, the new one is saved. */
static int save_rotated(const struct grant_place *g, const char *name, const struct grant_other *o,
	const cJSON *tokens, bool for_refusal, struct err *e)
{
	CLEANUP(json_free) cJSON *refresh = refresh_entry(g, o, tokens);
	if (refresh && grant_put_firmly(g, name, GRANT_REFRESH, refresh, e) &&
		grant_keep(g, name, refresh, e))
		return -1;
	return save_access(g, name, tokens, for_refusal, e);
}

static bool is_this(const cJSON *access, const char *token)
{
	const char *ours = access ? json_str(access, "/token") : NULL;
	return ours && token && strcmp(ours, token) == 0;
}

static bool is_good(const cJSON *access, const char *refused, int64_t now, bool is_at_need)
{
	const char *token = access ? json_str(access, "/token") : NULL;
	int64_t until = 0, life = 0;
	if (!token || !json_i64(access, "/until", &until) || !json_i64(access, "/life", &life))
		return false;
	if (is_this(access, refused))
		return false;
	int64_t ahead = life / PART_AHEAD < MOST_AHEAD_S ? life / PART_AHEAD : MOST_AHEAD_S;
	return until - now > (is_at_need ? 0 : ahead);
}

static void give(const cJSON *access, struct secret *out)
{
	const char *token = json_str(access, "/token");
	secret_set(out, token, strlen(token));
}

static int ask_again(const cJSON *known, struct grant_answer *a, struct err *e)
{
	CLEANUP(buf_release) struct buf form = BUF_SECRET_INIT(GRANT_FORM_MAX);
	struct grant_other o = grant_read_other(known);
	const char *refresh = json_str(known, "/refresh_token");
	if (!o.token || !o.client_id || !refresh)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	form_add(&form, "grant_type", "refresh_token");
	form_add(&form, "refresh_token", refresh);
	grant_add_client(&form, &o);
	return grant_post(&o, o.token, &form, a, e) || check_tokens(a, e) ? -1 : 0;
}

/* The refresh token is spent by asking: first it is written once more, as what comes instead has to
 * be. */
static int renew(const struct grant_place *g, const char *name, bool for_refusal,
	struct secret *out, struct err *e)
{
	CLEANUP(json_free) cJSON *known = NULL;
	CLEANUP(grant_answer_release) struct grant_answer a = {.json = NULL};
	if (grant_read(g, name, GRANT_REFRESH, &known, e))
		return -1;
	if (!known)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	if (grant_put(g, name, GRANT_REFRESH, known, e) || ask_again(known, &a, e))
		return -1;
	struct grant_other o = grant_read_other(known);
	if (save_rotated(g, name, &o, a.json, for_refusal, e))
		return -1;
	const char *token = json_str(a.json, "/access_token");
	secret_set(out, token, strlen(token));
	return 0;
}

static bool is_refused_early(const cJSON *access, const char *refused, int64_t now)
{
	int64_t until = 0;
	return is_this(access, refused) && json_i64(access, "/until", &until) && until > now;
}

/* One that was taken for a while before it was refused is worth another refresh. */
static bool is_just_replaced(const cJSON *access, int64_t now)
{
	int64_t at = 0;
	return json_at(access, "/for_refusal") && json_i64(access, "/at", &at) &&
	       now - at < REFUSAL_AGE_S;
}

static int token_locked(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e)
{
	CLEANUP(json_free) cJSON *access = NULL;
	if (grant_bring_back(g, name, e) || grant_read(g, name, GRANT_ACCESS, &access, e))
		return -1;
	if (is_good(access, refused, clock_now(g->clock), false)) {
		give(access, out);
		return 0;
	}
	/* A server that refuses whatever it is given (another person's mailbox, a policy of its
	 * own) would otherwise cost a refresh at each attempt. */
	bool for_refusal = is_refused_early(access, refused, clock_now(g->clock));
	if (for_refusal && is_just_replaced(access, clock_now(g->clock)))
		return err_set(e, ERR_AUTH,
			_("The server does not accept a sign-in that was just renewed: sign in "
			  "again."));
	if (renew(g, name, for_refusal, out, e) == 0)
		return 0;
	/* The provider is away, and the token holds yet: that is good enough. */
	bool is_away = e->code == ERR_NET || e->code == ERR_RATE;
	if (!is_away || !is_good(access, refused, clock_now(g->clock), true))
		return -1;
	give(access, out);
	err_clear(e);
	return 0;
}

/* Whoever asked may have given up while others had their turn: then nothing is spent for them. */
static int check_wanted(const struct grant_place *g, struct err *e)
{
	return g->is_wanted && !g->is_wanted() ? err_set(e, ERR_CANCELLED, _("Cancelled.")) : 0;
}

int grant_token(const struct grant_place *g, const char *name, const char *refused,
	struct secret *out, struct err *e)
{
	int lock = -1;
	if (grant_lock(g, name, &lock, e))
		return -1;
	int rc = check_wanted(g, e) || token_locked(g, name, refused, out, e) ? -1 : 0;
	close(lock);
	return rc;
}

/* ---- the first time --------------------------------------------------------------------- */

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
static void add_email(cJSON *out, const struct grant_other *o, const cJSON *tokens)
{
	CLEANUP(free_str) char *email = o->who ? xstrdup(o->who) : NULL;
	CLEANUP(grant_answer_release) struct grant_answer a = {.json = NULL};
	struct err ignored = ERR_INIT;
	if (!email && o->userinfo) {
		CLEANUP(free_str)
		char *bearer =
			xasprintf("Authorization: Bearer %s", json_str(tokens, "/access_token"));
		const char *const headers[] = {bearer, NULL};
		const struct http_request rq = {.method = "GET",
			.url = o->userinfo,
			.headers = headers,
			.timeout_ms = GRANT_REQUEST_MS,
			.max_body = GRANT_ANSWER_MAX};
		if (grant_exchange(o, &rq, &a, &ignored) == 0 && a.status == 200 && a.json &&
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

static int read_request(const char *request, cJSON **j, struct grant_other *o, struct err *e)
{
	if (json_parse(request, strlen(request), j, e))
		return -1;
	*o = grant_read_other(*j);
	if (o->token && o->client_id)
		return 0;
	return err_set(e, ERR_BUG, _("A request for a token lacks its address."));
}

/* Without a refresh token the mailbox would be closed again within the hour, each hour; where the
 * entry has one from before, it goes on. */
static int check_lasts(const struct grant_place *g, const char *name, const struct grant_answer *a,
	struct err *e)
{
	CLEANUP(json_free) cJSON *known = NULL;
	if (json_str(a->json, "/refresh_token"))
		return 0;
	if (grant_read(g, name, GRANT_REFRESH, &known, e))
		return -1;
	if (known)
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
		_("%s gave a sign-in that ends within the hour: let the provider's file ask for a "
		  "lasting one (scope offline_access, or the parameters access_type=offline and "
		  "prompt=consent), then sign in again."),
		a->host);
}

/* A grant that cannot be saved is given back while its token is at hand. */
static int save_first(const struct grant_place *g, const char *name, const struct grant_other *o,
	const cJSON *tokens, struct err *e)
{
	struct err ignored = ERR_INIT;
	if (save(g, name, o, tokens, e) == 0)
		return 0;
	IGNORE_RESULT(grant_tell(g, name, o, json_str(tokens, "/refresh_token"), &ignored) < 0,
		"the error that counts is known");
	return -1;
}

static int get_locked(const struct grant_place *g, const char *name, const struct grant_other *from,
	const struct buf *form, cJSON *said, struct err *e)
{
	CLEANUP(grant_answer_release) struct grant_answer a = {.json = NULL};
	struct grant_other o = *from;
	if (check_wanted(g, e) || grant_post(&o, o.token, form, &a, e))
		return -1;
	if (is_waiting_word(grant_error_word(&a))) {
		json_add_str(said, "said", grant_error_word(&a));
		return 0;
	}
	if (check_tokens(&a, e) || check_lasts(g, name, &a, e))
		return -1;
	CLEANUP(free_str)
	char *who = id_token_email(json_str(a.json, "/id_token"), o.client_id);
	o.who = who;
	if (save_first(g, name, &o, a.json, e))
		return -1;
	add_email(said, &o, a.json);
	return 0;
}

int grant_get(const struct grant_place *g, const char *name, const char *request, struct buf *out,
	struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(json_free) cJSON *said = cJSON_CreateObject();
	CLEANUP(buf_release) struct buf form = BUF_SECRET_INIT(GRANT_FORM_MAX);
	struct grant_other o;
	const cJSON *field;
	int lock = -1;
	if (read_request(request, &j, &o, e))
		return -1;
	cJSON_ArrayForEach(field, json_at(j, "/form"))
	{
		if (cJSON_IsString(field))
			form_add(&form, field->string, field->valuestring);
	}
	grant_add_client(&form, &o);
	if (grant_lock(g, name, &lock, e))
		return -1;
	int rc = get_locked(g, name, &o, &form, said, e);
	close(lock);
	if (!rc)
		add_json(out, said);
	return rc;
}

int grant_device(const char *request, struct buf *out, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(grant_answer_release) struct grant_answer a = {.json = NULL};
	CLEANUP(buf_release) struct buf form = BUF_SECRET_INIT(GRANT_FORM_MAX);
	struct grant_other o;
	if (read_request(request, &j, &o, e))
		return -1;
	const char *url = json_str(j, "/device");
	if (!url)
		return err_set(e, ERR_BUG, _("A request for a code lacks its address."));
	grant_add_client(&form, &o);
	form_add(&form, "scope", o.scope ? o.scope : "");
	if (grant_post(&o, url, &form, &a, e))
		return -1;
	if (a.status != 200 || !a.json)
		return grant_explain(&a, e);
	add_json(out, a.json);
	return 0;
}
