/*
 * call.c - one request of the profile and its answer: sign-in, one more try after a 401, errors
 * mapped to what the worker decides by.
 */
#include "config.h"

#include "engine.h"

#include <string.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#define MAX_REASON_CELLS 160
#define MAX_AFTER_MS ((int64_t)24 * 3600 * 1000)

struct var_scope scope_common(const struct crm *c, struct var *space, struct var_scope *config)
{
	const char *token = c->hide_secrets ? "***" : c->token.len ? c->token.p : NULL;
	space[0] = (struct var){.name = "token", .type = VAR_TEXT, .text = token};
	space[1] = (struct var){
		.name = "jwt.sub", .type = VAR_TEXT, .text = c->jwt_sub.len ? c->jwt_sub.p : NULL};
	space[2] =
		(struct var){.name = "me.user_id", .type = VAR_TEXT, .text = c->identity.user_id};
	space[3] = (struct var){.name = "me.organization_id",
		.type = VAR_TEXT,
		.text = c->identity.organization_id};
	*config = (struct var_scope){.v = c->config, .n = c->n_config};
	return (struct var_scope){.v = space, .n = SCOPE_COMMON, .outer = config};
}

/* No more requests a second than the profile says: this is the one place they leave from. */
static void keep_pace(struct crm *c)
{
	int per_second = c->profile->per_second;
	if (!per_second || !c->env.pause)
		return;
	int64_t wait = c->next_request_ms - clock_mono_ms();
	if (wait > 0)
		c->env.pause(c->env.pause_ctx, wait);
	c->next_request_ms = clock_mono_ms() + 1000 / per_second;
}

int crm_send(struct crm *c, const struct built *b, struct buf *body, int *status,
	int64_t *retry_after_ms, struct err *e)
{
	struct crm_response rs = {.body = body, .retry_after_ms = -1};
	keep_pace(c);
	int rc = c->env.http.perform(c->env.http.ctx, &b->rq, &rs, e);
	if (rc ? e->code == ERR_TOOBIG : body->failed) {
		rc = err_set(e, ERR_TOOBIG, _("The CRM's answer is too large."));
		e->scope = ERR_FOLDER;
		e->retry = RETRY_LATER;
	}
	if (rc)
		return -1;
	*status = rs.status;
	*retry_after_ms = rs.retry_after_ms;
	return 0;
}

/* What the CRM says for people, made harmless; "" when it says nothing or names an address. */
static void reason_of(const struct crm *c, const struct buf *body, struct buf *out)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	const cJSON *places = c->profile->error_message;
	if (!places || !body->len || json_parse(body->p, body->len, &j, &ignored))
		return;
	const char *said = NULL;
	if (cJSON_IsString(places))
		said = json_str(j, places->valuestring);
	const cJSON *one;
	cJSON_ArrayForEach(one, places)
	{
		if (!said)
			said = json_str(j, one->valuestring);
	}
	struct span s = span_of(said);
	if (!s.len || memchr(s.p, '@', s.len))
		return;
	CLEANUP(buf_release) struct buf clean = BUF_INIT(4096);
	utf8_sanitise(&clean, s.p, s.len > 1024 ? 1024 : s.len, SANITISE_LINE);
	utf8_add_cut(out, clean.p, clean.len, MAX_REASON_CELLS);
}

/* "18:35" of the person's day. */
static void clock_time(int64_t at, char out[8])
{
	struct tm tm;
	time_t t = (time_t)at;
	localtime_r(&t, &tm);
	strftime(out, 8, "%H:%M", &tm);
}

static int refuse_for_now(const struct crm *c, int status, int64_t retry_after_ms, struct err *e)
{
	bool is_rate = status == 429 || (status == 503 && retry_after_ms >= 0);
	char until[8];
	if (is_rate && retry_after_ms > 0) {
		clock_time(clock_now(c->env.clock) + retry_after_ms / 1000, until);
		/* TRANSLATORS: a time of day like 18:35, and the number 429 or 503 */
		err_set(e, ERR_RATE, _("The CRM asks to wait until %s (HTTP %d)."), until, status);
	} else if (is_rate) {
		err_set(e, ERR_RATE, _("The CRM asks to slow down (HTTP %d)."), status);
	}
	if (!is_rate)
		err_set(e, ERR_PROTO, _("The CRM has a fault of its own (HTTP %d)."), status);
	e->scope = ERR_ACCOUNT;
	e->retry = RETRY_LATER;
	if (retry_after_ms > 0)
		e->after_ms =
			(uint32_t)(retry_after_ms < MAX_AFTER_MS ? retry_after_ms : MAX_AFTER_MS);
	return -1;
}

/* A portal, a proxy or a wrong address: it decides nothing about what we asked for. */
static int not_the_crm(int status, struct err *e)
{
	if (status < 400)
		err_set(e, ERR_PROTO,
			_("The CRM's address leads elsewhere (HTTP %d): check it, or sign in to "
			  "the "
			  "network."),
			status);
	else
		err_set(e, ERR_PROTO,
			_("Something else answers at the CRM's address (HTTP %d): check it, or "
			  "sign "
			  "in to the network."),
			status);
	e->scope = ERR_ACCOUNT;
	e->retry = RETRY_LATER;
	return -1;
}

/* What speaks JSON in profiles' APIs refuses in JSON, or without words. */
bool crm_is_page(const struct buf *body)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	return body->len && json_parse(body->p, body->len, &j, &ignored);
}

int crm_refusal(const struct crm *c, int status, int64_t retry_after_ms, const struct buf *body,
	struct err *e)
{
	if (status == 408 || status == 425 || status == 429 || status >= 500)
		return refuse_for_now(c, status, retry_after_ms, e);
	if (status < 400 || crm_is_page(body))
		return not_the_crm(status, e);
	if (status == 401) {
		err_set(e, ERR_AUTH, _("The CRM does not accept the sign-in any more."));
		e->scope = ERR_ACCOUNT;
		e->retry = RETRY_NEVER;
		return -1;
	}
	CLEANUP(buf_release) struct buf why = BUF_INIT(1024);
	reason_of(c, body, &why);
	enum err_code code = status == 403   ? ERR_AUTH
			     : status == 404 ? ERR_NOTFOUND
			     : status == 409 ? ERR_CONFLICT
					     : ERR_PROTO;
	if (why.len) /* TRANSLATORS: the CRM's own words follow */
		err_set(e, code, _("The CRM refused (HTTP %d): %s"), status, why.p);
	else
		err_set(e, code, _("The CRM refused (HTTP %d)."), status);
	e->scope = ERR_ITEM;
	e->retry = RETRY_NEVER;
	return -1;
}

static int read_answer(const struct buf *body, cJSON **json, struct err *e)
{
	*json = NULL;
	if (!body->len)
		return 0;
	if (!json_parse(body->p, body->len, json, e))
		return 0;
	err_set(e, ERR_PROTO, _("The CRM answered with something that is not JSON."));
	e->scope = ERR_ACCOUNT;
	e->retry = RETRY_LATER;
	return -1;
}

int crm_call(struct crm *c, const cJSON *request, const struct var_scope *scope, cJSON **json,
	struct err *e)
{
	CLEANUP(wipe_buf) struct buf body = BUF_INIT(CRM_MAX_ANSWER);
	int64_t wait_ms = -1;
	int status = 0;
	for (int attempt = 0; attempt < 2; attempt++) {
		struct built b;
		buf_reset(&body);
		if (auth_ensure(c, e) ||
			request_build(c, request, c->profile->auth_header, scope, &b, e))
			return -1;
		int rc = crm_send(c, &b, &body, &status, &wait_ms, e);
		built_release(&b);
		if (rc)
			return -1;
		if (status != 401 || c->profile->auth != PROFILE_AUTH_LOGIN)
			break;
		auth_forget(c);
	}
	if (status < 200 || status > 299)
		return crm_refusal(c, status, wait_ms, &body, e);
	return read_answer(&body, json, e);
}
