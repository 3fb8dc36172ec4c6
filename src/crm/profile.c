/*
 * profile.c - loading a profile: parse, check (profile_check.c), and note where things are. Makes
 * no requests.
 */
#include "config.h"

#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "template.h"

static const char *const object_names[CRM_OBJECT_COUNT] = {
	[CRM_USER] = "user",
	[CRM_PARTNER] = "partner",
	[CRM_CONTACT] = "contact",
	[CRM_LEAD] = "lead",
	[CRM_DEAL] = "deal",
	[CRM_ACTIVITY] = "activity",
};

static const char *const verb_names[CRM_VERB_COUNT] = {
	[CRM_CREATE] = "create",
	[CRM_UPDATE] = "update",
	[CRM_DELETE] = "delete",
};

const char *crm_verb_name(enum crm_verb v)
{
	return verb_names[v];
}

const char *crm_object_name(enum crm_object o)
{
	return object_names[o];
}

static enum profile_auth auth_type(const cJSON *root)
{
	const char *type = json_str(root, "/auth/type");
	if (!strcmp(type, "login"))
		return PROFILE_AUTH_LOGIN;
	return !strcmp(type, "header") ? PROFILE_AUTH_HEADER : PROFILE_AUTH_NONE;
}

static void note_steps(struct profile_steps *l, const cJSON *from)
{
	if (!from)
		return;
	l->steps = json_at(from, "/steps");
	l->find = json_at(from, "/find/request");
	l->found = json_str(from, "/find/found");
}

static void note_object(struct crm_profile *p, enum crm_object o)
{
	char at[48];
	snprintf(at, sizeof(at), "/objects/%s", object_names[o]);
	const cJSON *object = json_at(p->json, at);
	if (!object)
		return;
	int64_t n = 0;
	struct profile_object *po = &p->object[o];
	po->request = json_at(object, "/list/request");
	po->records = json_str(object, "/list/records");
	po->map = json_at(object, "/map");
	if (json_i64(object, "/list/page_size", &n))
		po->page_size = (int)n;
	if (json_i64(object, "/list/overlap_s", &n))
		po->overlap_s = (int)n;
	if (json_i64(object, "/list/again_days", &n))
		po->again_days = (int)n;
	po->ids = json_at(object, "/deleted/request");
	po->ids_records = json_str(object, "/deleted/records");
	po->ids_id = json_str(object, "/deleted/id");
	if (json_i64(object, "/deleted/page_size", &n))
		po->ids_page_size = (int)n;
	if (json_i64(object, "/deleted/reconcile_days", &n))
		po->reconcile_days = (int)n;
	po->read = json_at(object, "/read/request");
	po->read_record = json_str(object, "/read/record");
	for (int v = 0; v < CRM_VERB_COUNT; v++)
		note_steps(&po->verb[v], cJSON_GetObjectItemCaseSensitive(object, verb_names[v]));
}

static void note_web(struct crm_profile *p, const cJSON *web)
{
	p->web_base = json_str(web, "/base");
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		const cJSON *path = cJSON_GetObjectItemCaseSensitive(web, object_names[o]);
		p->web[o] = path ? path->valuestring : NULL;
	}
}

static void note_places(struct crm_profile *p)
{
	const cJSON *j = p->json;
	p->name = json_str(j, "/name");
	p->title = json_str(j, "/title");
	p->base_url = json_str(j, "/base_url");
	if (json_at(j, "/web"))
		note_web(p, json_at(j, "/web"));
	p->headers = json_at(j, "/headers");
	p->error_message = json_at(j, "/errors/message");
	int64_t n = 0;
	if (json_i64(j, "/rate/per_second", &n))
		p->per_second = (int)n;
	p->auth = auth_type(j);
	p->auth_header = json_at(j, "/auth/header");
	p->login = json_at(j, "/auth/request");
	p->capture = json_at(j, "/auth/capture");
	p->refresh = json_at(j, "/auth/refresh/request");
	p->whoami = json_at(j, "/whoami/request");
	p->whoami_record = json_str(j, "/whoami/record");
	p->whoami_map = json_at(j, "/whoami/map");
	p->settings = json_at(j, "/settings/request");
	p->settings_record = json_str(j, "/settings/record");
	p->settings_map = json_at(j, "/settings/map");
	p->events = json_at(j, "/events/request");
	note_steps(&p->log[0], json_at(j, "/log"));
	note_steps(&p->log[1], json_at(j, "/log/message"));
	p->recent = json_at(j, "/log/message/recent/request");
	p->recent_records = json_str(j, "/log/message/recent/records");
	p->recent_id = json_str(j, "/log/message/recent/message_id");
	p->made = json_at(j, "/log/message/made/request");
	p->made_found = json_str(j, "/log/message/made/found");
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		note_object(p, (enum crm_object)o);
}

int crm_profile_parse(const char *origin, const char *json, size_t len, struct crm_profile **out,
	struct err *e)
{
	if (len > CRM_PROFILE_MAX_BYTES)
		return err_set(e, ERR_TOOBIG, _("The CRM profile %s is too large."), origin);
	CLEANUP(json_free) cJSON *root = NULL;
	if (json_parse(json, len, &root, e))
		return err_wrap(e, _("CRM profile %s"), origin);
	if (profile_check(origin, root, e))
		return -1;
	struct crm_profile *p = xcalloc(1, sizeof(*p));
	p->json = root;
	root = NULL;
	note_places(p);
	*out = p;
	return 0;
}

int crm_profile_load(const char *path, struct crm_profile **out, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(CRM_PROFILE_MAX_BYTES);
	if (fsx_read_file(path, &text, e))
		return -1;
	return crm_profile_parse(fsx_basename(path), text.p, text.len, out, e);
}

void crm_profile_free(struct crm_profile *p)
{
	if (!p)
		return;
	cJSON_Delete(p->json);
	free(p);
}

const char *crm_profile_name(const struct crm_profile *p)
{
	return p->name;
}

const char *crm_profile_never_log(const struct crm_profile *p, struct arena *a)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(BUF_UNLIMITED);
	const cJSON *one;
	cJSON_ArrayForEach(one, json_at(p->json, "/never_log"))
	{
		buf_addf(&all, "%s%s", all.len ? " " : "", one->valuestring);
	}
	return all.len ? arena_strndup(a, all.p, all.len) : NULL;
}

const char *crm_profile_title(const struct crm_profile *p)
{
	return p->title;
}

bool crm_profile_is_remote(const struct crm_profile *p)
{
	return p->base_url != NULL;
}

bool crm_profile_logs_messages(const struct crm_profile *p)
{
	return p->log[1].steps != NULL;
}

bool crm_profile_can(const struct crm_profile *p, enum crm_object o, enum crm_verb v)
{
	bool is_here = !crm_profile_is_remote(p) && o != CRM_USER;
	return is_here || p->object[o].verb[v].steps;
}

unsigned crm_profile_abilities(const struct crm_profile *p)
{
	unsigned bits = 0;
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		for (int v = 0; v < CRM_VERB_COUNT; v++)
			if (crm_profile_can(p, (enum crm_object)o, (enum crm_verb)v))
				bits |= CRM_ABILITY(o, v);
	return bits;
}

bool crm_profile_can_write(const struct crm_profile *p, enum crm_object o, enum crm_verb v,
	const char *field)
{
	const struct profile_field *f = profile_field_find(o, field);
	if (!f || !crm_profile_can(p, o, v))
		return false;
	return !crm_profile_is_remote(p) || template_uses(p->object[o].verb[v].steps, f->value);
}

bool crm_profile_key_at(const struct crm_profile *p, size_t i, struct crm_profile_key *out)
{
	static const char *const places[] = {"/config", "/secrets"};
	for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
		const cJSON *one;
		cJSON_ArrayForEach(one, json_at(p->json, places[k]))
		{
			if (i--)
				continue;
			*out = (struct crm_profile_key){
				.name = one->string,
				.label = json_str(one, "/label"),
				.is_required = cJSON_IsTrue(json_at(one, "/required")),
				.is_secret = k == 1,
			};
			return true;
		}
	}
	return false;
}

const char *crm_profile_first_secret(const struct crm_profile *p)
{
	struct crm_profile_key key;
	for (size_t i = 0; crm_profile_key_at(p, i, &key); i++)
		if (key.is_secret)
			return key.name;
	return NULL;
}
