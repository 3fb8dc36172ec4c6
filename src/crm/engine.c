/*
 * engine.c - opening and closing a CRM, and asking it who we are.
 */
#include "config.h"

#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

static const char *config_value(const struct crm_env *env, const char *key)
{
	for (size_t i = 0; i < env->n_config; i++)
		if (!strcmp(env->config[i].key, key) && env->config[i].value[0])
			return env->config[i].value;
	return NULL;
}

static int check_config(const struct crm_profile *p, const struct crm_env *env, struct err *e)
{
	struct crm_profile_key key;
	if (crm_profile_is_remote(p) && !config_value(env, "url"))
		return err_set(e, ERR_USAGE, _("The CRM's address is missing (--url)."));
	for (size_t i = 0; crm_profile_key_at(p, i, &key); i++) {
		if (key.is_secret || !key.is_required || config_value(env, key.name))
			continue;
		return err_set(e, ERR_USAGE, _("The CRM needs a value for \"%s\" (--set %s=...)."),
			key.name, key.name);
	}
	return 0;
}

static void copy_config(struct crm *c, const struct crm_env *env)
{
	struct var *v = arena_array(&c->kept, env->n_config + 1, sizeof(*v));
	for (size_t i = 0; i < env->n_config; i++) {
		const char *value = env->config[i].value;
		v[i] = (struct var){
			.name = arena_printf(&c->kept, "config.%s", env->config[i].key),
			.type = VAR_TEXT,
			.text = *value ? arena_strdup(&c->kept, value) : NULL,
		};
	}
	c->config = v;
	c->n_config = env->n_config;
}

int crm_open(struct crm **out, const struct crm_profile *p, const struct crm_env *env,
	struct err *e)
{
	if (check_config(p, env, e))
		return -1;
	struct crm *c = xcalloc(1, sizeof(*c));
	c->profile = p;
	c->env = *env;
	c->kept = ARENA_INIT;
	c->token = BUF_INIT(CRM_MAX_TOKEN);
	c->jwt_sub = BUF_INIT(256);
	copy_config(c, env);
	c->env.config = NULL;
	c->env.n_config = 0;
	c->wanted_organization = arena_strdup(&c->kept, config_value(env, "organization_id"));
	c->identity.organization_id = c->wanted_organization;
	*out = c;
	return 0;
}

void crm_close(struct crm *c)
{
	if (!c)
		return;
	auth_forget(c);
	arena_release(&c->kept);
	free(c);
}

/* What the answer has, kept for the engine's life; `had` where it is the same. */
static const char *mapped(struct crm *c, const cJSON *record, const char *field, const char *had)
{
	const char *at =
		json_str(cJSON_GetObjectItemCaseSensitive(c->profile->whoami_map, field), "");
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *text = at ? record_text(&a, json_at(record, at)) : NULL;
	return had && text && !strcmp(had, text) ? had : arena_strdup(&c->kept, text);
}

static int read_identity(struct crm *c, const cJSON *record, struct err *e)
{
	const struct crm_identity *had = &c->identity;
	struct crm_identity me = {
		.user_id = mapped(c, record, "user_id", had->user_id),
		.organization_id = mapped(c, record, "organization_id", had->organization_id),
		.email = mapped(c, record, "email", had->email),
		.role = mapped(c, record, "role", had->role),
	};
	if (!me.user_id) {
		err_set(e, ERR_AUTH, _("The CRM does not show you your own user: sign in again."));
		e->scope = ERR_ACCOUNT;
		return -1;
	}
	const char *wanted = c->wanted_organization;
	if (wanted && me.organization_id && strcmp(wanted, me.organization_id) != 0) {
		err_set(e, ERR_AUTH, _("This sign-in belongs to another organisation of the CRM."));
		e->scope = ERR_ACCOUNT;
		return -1;
	}
	if (!me.organization_id)
		me.organization_id = c->wanted_organization;
	c->identity = me;
	return 0;
}

int crm_whoami(struct crm *c, struct crm_identity *out, struct err *e)
{
	if (c->profile->whoami) {
		CLEANUP(json_free) cJSON *j = NULL;
		if (auth_ensure(c, e) || crm_call(c, c->profile->whoami, NULL, &j, e))
			return -1;
		if (read_identity(c, j ? json_at(j, c->profile->whoami_record) : NULL, e))
			return -1;
	} else if (auth_ensure(c, e)) {
		return -1;
	}
	*out = c->identity;
	return 0;
}
