/* script.c - a CRM that follows a script. */
#include "config.h"

#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"

static bool holds(const struct crm_request *rq, const char *want)
{
	if (!want || (rq->body && strstr(rq->body, want)))
		return true;
	for (size_t i = 0; i < rq->n_headers; i++) {
		char text[400];
		snprintf(text, sizeof(text), "%s: %s", rq->headers[i].name, rq->headers[i].value);
		if (!strcmp(text, want))
			return true;
	}
	return false;
}

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	struct fixture *f = ctx;
	char asks[2000];
	snprintf(asks, sizeof(asks), "%s %s", rq->method, rq->url);
	if (f->at == f->n)
		fail_msg("not in the script: %s", asks);
	const struct line *l = &f->script[f->at++];
	size_t n = strlen(l->asks);
	bool same = l->asks[n - 1] == '*' ? !strncmp(l->asks, asks, n - 1) : !strcmp(l->asks, asks);
	if (!same || !holds(rq, l->holds))
		fail_msg("%zu: want %s [%s], got %s %s", f->at, l->asks, l->holds ? l->holds : "",
			asks, rq->body ? rq->body : "");
	if (!l->status)
		return err_set(e, ERR_NET, "cut");
	rs->status = l->status;
	rs->retry_after_ms = l->wait_ms ? l->wait_ms : -1;
	buf_addstr(rs->body, l->says ? l->says : "");
	return 0;
}

static int get_secret(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct fixture *f = ctx;
	if (!strcmp(name, "password") && !f->has_no_password)
		buf_addstr(out, "s3cret\"");
	else if (!strcmp(name, "refresh_token") && f->refresh[0])
		buf_addstr(out, f->refresh);
	else
		return err_set(e, strcmp(name, "password") ? ERR_NOTFOUND : ERR_AUTH, "none");
	return 0;
}

static int put_secret(void *ctx, const char *name, const char *value, size_t len, struct err *e)
{
	struct fixture *f = ctx;
	if (f->has_no_place)
		return err_set(e, ERR_UNSUPPORTED, "none");
	assert_string_equal(name, "refresh_token");
	assert_true(len < sizeof(f->refresh));
	memcpy(f->refresh, value, len + 1);
	return 0;
}

int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e = ERR_INIT;
	f->arena = ARENA_INIT;
	f->clock = clock_new(NULL);
	const char *path = arena_printf(&f->arena, "%s/share/crmail/crm/supabase.json",
		getenv("CRMAIL_SRCDIR"));
	assert_int_equal(crm_profile_load(path, &f->profile, &e), 0);
	struct crm_config config[] = {
		{"url", "http://crm.test"}, {"anon_key", "ANON"}, {"email", "me@ourfirm.example"}};
	f->env = (struct crm_env){
		.http = {perform, f},
		.secrets = {get_secret, put_secret, f},
		.clock = f->clock,
	};
	struct crm_env env = f->env;
	env.config = config;
	env.n_config = ARRAY_SIZE(config);
	assert_int_equal(crm_open(&f->crm, f->profile, &env, &e), 0);
	*state = f;
	return 0;
}

int tear_down(void **state)
{
	struct fixture *f = *state;
	crm_close(f->crm);
	crm_profile_free(f->profile);
	clock_free(f->clock);
	arena_release(&f->arena);
	free(f);
	return 0;
}

void play(struct fixture *f, const struct line *script, size_t n)
{
	assert_int_equal(f->at, f->n);
	f->script = script;
	f->at = 0;
	f->n = n;
}
void sign_in(struct fixture *f)
{
	PLAY(f,
		{LOGIN, "{\"email\":\"me@ourfirm.example\",\"password\":\"s3cret\\\"\"}", 200,
			TOKEN, 0},
		{"GET http://crm.test/rest/v1/ce_users?*", "Authorization: Bearer " JWT, 200, USER,
			0});
	struct crm_identity me;
	struct err e = ERR_INIT;
	if (crm_whoami(f->crm, &me, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(me.user_id, "U1");
	assert_string_equal(me.organization_id, "O1");
	assert_string_equal(f->refresh, "r2");
}

void use_profile(struct fixture *f, const char *json)
{
	static const struct crm_config config[] = {{"url", "http://crm.test"}};
	struct crm_env env = f->env;
	struct err e = ERR_INIT;
	env.config = config;
	env.n_config = 1;
	crm_close(f->crm);
	f->crm = NULL;
	crm_profile_free(f->profile);
	f->profile = NULL;
	if (crm_profile_parse("t", json, strlen(json), &f->profile, &e) ||
		crm_open(&f->crm, f->profile, &env, &e))
		fail_msg("%s", e.msg);
}
