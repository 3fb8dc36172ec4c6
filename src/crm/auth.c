/*
 * auth.c - signing in: a login request that captures a token, and its refresh. A refresh token is
 * single-use: the new one is stored before the access token that came with it is used, and it is
 * never kept here.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"

#define EARLY_S 60 /* a token is renewed this long before it ends */

void auth_forget(struct crm *c)
{
	wipe_buf(&c->token);
	wipe_buf(&c->jwt_sub);
	c->token_until = 0;
}

static bool is_fresh(const struct crm *c)
{
	return c->token.len &&
	       (!c->token_until || clock_now(c->env.clock) < c->token_until - EARLY_S);
}

/* 0 also where there is no place for it. */
static int keep_refresh(struct crm *c, const char *token, struct err *e)
{
	const struct crm_secrets *secrets = &c->env.secrets;
	struct err failed = ERR_INIT;
	if (!c->profile->refresh || !secrets->put ||
		!secrets->put(secrets->ctx, CRM_SECRET_REFRESH, token, strlen(token), &failed) ||
		failed.code == ERR_UNSUPPORTED)
		return 0;
	*e = failed;
	return -1;
}

/* Takes token, refresh and ttl out of the answer. */
static int capture(struct crm *c, const struct buf *body, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	if (json_parse(body->p, body->len, &j, e)) {
		return err_set(e, ERR_PROTO,
			_("The CRM's sign-in answered with something that is not JSON."));
	}
	const cJSON *places = c->profile->capture;
	const char *token = json_str(j, json_str(places, "/token"));
	if (!token || !*token)
		return err_set(e, ERR_AUTH, _("The CRM's sign-in gave no token."));
	const char *at = json_str(places, "/refresh");
	const char *refresh = at ? json_str(j, at) : NULL;
	if (refresh && *refresh && keep_refresh(c, refresh, e))
		return -1;
	auth_forget(c);
	c->token = BUF_INIT(CRM_MAX_TOKEN);
	c->jwt_sub = BUF_INIT(256);
	buf_addstr(&c->token, token);
	if (c->token.failed)
		return err_set(e, ERR_TOOBIG,
			_("The CRM's sign-in gave a token that is too long."));
	int64_t ttl = 0;
	at = json_str(places, "/ttl");
	if (at && json_i64(j, at, &ttl) && ttl > 0 && ttl < INT32_MAX)
		c->token_until = clock_now(c->env.clock) + ttl;
	jwt_subject(c->token.p, c->token.len, &c->jwt_sub);
	return 0;
}

/* 0 signed in; 1 refused; -1 not known (network, rate, server). */
static int try_request(struct crm *c, const cJSON *request, const struct var_scope *scope,
	struct err *e)
{
	struct built b;
	if (request_build(c, request, NULL, scope, &b, e))
		return -1;
	CLEANUP(wipe_buf) struct buf body = BUF_INIT(CRM_MAX_ANSWER);
	int status = 0;
	int64_t wait_ms = -1;
	int rc = crm_send(c, &b, &body, &status, &wait_ms, e);
	built_release(&b);
	if (rc)
		return -1;
	if (status >= 200 && status < 300)
		return capture(c, &body, e);
	bool is_unknown = status < 400 || status == 408 || status == 425 || status == 429 ||
			  status >= 500 || crm_is_page(&body);
	if (is_unknown)
		return crm_refusal(c, status, wait_ms, &body, e);
	err_set(e, ERR_AUTH, _("The CRM refused the sign-in (HTTP %d)."), status);
	return 1;
}

static int try_refresh(struct crm *c, struct err *e)
{
	if (!c->profile->refresh || !c->env.secrets.put || !c->env.secrets.get)
		return 1;
	CLEANUP(wipe_buf) struct buf token = BUF_INIT(CRM_MAX_TOKEN);
	struct err none = ERR_INIT;
	if (c->env.secrets.get(c->env.secrets.ctx, CRM_SECRET_REFRESH, &token, &none) || !token.len)
		return 1;
	struct var v = {.name = "refresh", .type = VAR_TEXT, .text = token.p};
	struct var_scope scope = {.v = &v, .n = 1};
	int rc = try_request(c, c->profile->refresh, &scope, e);
	if (rc > 0 && keep_refresh(c, "", &none))
		log_line(LOG_WARN, "crm", "a refused refresh token stays: %s",
			err_code_name(none.code));
	return rc;
}

int auth_ensure(struct crm *c, struct err *e)
{
	if (c->profile->auth != PROFILE_AUTH_LOGIN || is_fresh(c))
		return 0;
	struct err refused = ERR_INIT;
	int rc = try_refresh(c, &refused);
	if (rc < 0) {
		*e = refused;
		return -1;
	}
	if (rc == 0)
		return 0;
	rc = try_request(c, c->profile->login, NULL, e);
	log_line(rc ? LOG_WARN : LOG_NOTE, "crm", "sign-in %s", rc ? "failed" : "done");
	return rc ? -1 : 0;
}
