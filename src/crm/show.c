/*
 * show.c - every request of a profile rendered with examples and without secrets, for
 * `crmail crm check`. Sends nothing.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/i18n.h"

static const struct var examples[] = {
	{.name = "since", .type = VAR_TEXT, .text = "2026-01-01T00:00:00Z"},
	{.name = "last_id", .type = VAR_TEXT, .text = "C1"},
	{.name = "limit", .type = VAR_INT, .number = 500},
	{.name = "refresh", .type = VAR_TEXT, .text = "***"},
	{.name = "jwt.sub", .type = VAR_TEXT, .text = "SUB"},
	{.name = "me.user_id", .type = VAR_TEXT, .text = "USER"},
	{.name = "me.organization_id", .type = VAR_TEXT, .text = "ORG"},
	{.name = "key", .type = VAR_TEXT, .text = "00000000-0000-5000-8000-000000000000"},
	{.name = "email.subject", .type = VAR_TEXT, .text = "Offer"},
	{.name = "email.body", .type = VAR_TEXT, .text = "Dear Laura, ..."},
	{.name = "email.direction", .type = VAR_TEXT, .text = "out"},
	{.name = "email.date", .type = VAR_INT, .number = 1767261600},
	{.name = "email.message_id", .type = VAR_TEXT, .text = "1@ourfirm.example"},
	{.name = "event.type", .type = VAR_TEXT, .text = "ce.email.synced"},
	{.name = "event.direction", .type = VAR_TEXT, .text = "inbound"},
	{.name = "event.at", .type = VAR_INT, .number = 1767261600},
	{.name = "id", .type = VAR_TEXT, .text = "C1"},
	{.name = "updated", .type = VAR_TEXT, .text = "2026-01-01T00:00:00.123456+00:00"},
};

#define MAX_EXAMPLES (ARRAY_SIZE(examples) + 64)

struct show {
	struct crm *c;
	struct var_scope scope;
	crm_show_fn fn;
	void *ctx;
	struct err *e;
};

static int show_one(const struct show *s, const char *what, const cJSON *request, bool is_signed)
{
	if (!request)
		return 0;
	struct built b;
	const cJSON *header = is_signed ? s->c->profile->auth_header : NULL;
	if (request_build(s->c, request, header, &s->scope, &b, s->e))
		return -1;
	s->fn(s->ctx, what, &b.rq);
	built_release(&b);
	return 0;
}

static int show_steps(const struct show *s, const struct profile_steps *log, const char *write,
	const char *find)
{
	const cJSON *step;
	cJSON_ArrayForEach(step, log->steps)
	{
		if (show_one(s, write, json_at(step, "/request"), true))
			return -1;
	}
	return show_one(s, find, log->find, true);
}

static int show_object(const struct show *s, enum crm_object o)
{
	const struct profile_object *po = &s->c->profile->object[o];
	const char *name = crm_object_name(o);
	char what[48];
	char find[48];
	snprintf(what, sizeof(what), "list %s", name);
	if (show_one(s, what, po->request, true))
		return -1;
	snprintf(what, sizeof(what), "list ids of %s", name);
	if (show_one(s, what, po->ids, true))
		return -1;
	snprintf(what, sizeof(what), "read %s", name);
	if (show_one(s, what, po->read, true))
		return -1;
	for (int v = 0; v < CRM_VERB_COUNT; v++) {
		snprintf(what, sizeof(what), "%s %s", crm_verb_name((enum crm_verb)v), name);
		snprintf(find, sizeof(find), "find %s", name);
		if (show_steps(s, &po->verb[v], what, find))
			return -1;
	}
	return 0;
}

static int show_all(const struct show *s)
{
	const struct crm_profile *p = s->c->profile;
	if (show_one(s, "sign in", p->login, false) || show_one(s, "refresh", p->refresh, false) ||
		show_one(s, "who am I", p->whoami, true) ||
		show_one(s, "settings", p->settings, true) || show_one(s, "event", p->events, true))
		return -1;
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		if (show_object(s, (enum crm_object)o))
			return -1;
	}
	return show_steps(s, &p->log[0], "log", "find") ||
			       show_steps(s, &p->log[1], "log the mail", "find the mail") ||
			       show_one(s, "recent mail", p->recent, true) ||
			       show_one(s, "activity made of a mail", p->made, true)
		       ? -1
		       : 0;
}

/* The fixed values, then one for every field that can be written. */
static size_t fill_examples(struct var *v)
{
	size_t n = ARRAY_SIZE(examples);
	memcpy(v, examples, sizeof(examples));
	const struct profile_field *f;
	for (size_t i = 0; (f = profile_field_at(i)) && n < MAX_EXAMPLES; i++)
		v[n++] = (struct var){.name = f->value, .type = VAR_TEXT, .text = f->example};
	return n;
}

int crm_show_requests(struct crm *c, crm_show_fn fn, void *ctx, struct err *e)
{
	struct var v[MAX_EXAMPLES];
	struct show s = {
		.c = c, .scope = {.v = v, .n = fill_examples(v)}, .fn = fn, .ctx = ctx, .e = e};
	c->hide_secrets = true;
	int rc = show_all(&s);
	c->hide_secrets = false;
	return rc;
}
