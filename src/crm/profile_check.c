/*
 * profile_check.c - the grammar of profiles as tables, and the walk that compares a JSON tree with
 * them. Reads nothing out of the profile (profile.c does) and renders nothing.
 */
#include "config.h"

#include "profile.h"

#include <string.h>

#include "template.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

enum node_kind {
	NODE_OBJECT, /* exactly the keys of `fields` */
	NODE_MAP,    /* any key that is a word; values are `of` */
	NODE_LIST,   /* 1 to `max` of `of` */
	NODE_TEXT,
	NODE_TEMPLATE,
	NODE_POINTER,
	NODE_POINTERS, /* a pointer, or a list of them */
	NODE_INT,      /* min to max */
	NODE_BOOL,
	NODE_JSON,    /* anything whose strings are templates */
	NODE_WORD,    /* one of `words` */
	NODE_CAPTURE, /* as NODE_MAP of pointers; names become variables */
};

struct node;
struct field {
	const char *key;
	const struct node *node;
	bool is_required;
};
struct node {
	enum node_kind kind;
	const struct field *fields; /* ends with key NULL */
	const struct node *of;
	const char *const *words; /* ends with NULL */
	int min, max;
};

static const struct node node_text = {.kind = NODE_TEXT};
static const struct node node_template = {.kind = NODE_TEMPLATE};
static const struct node node_pointer = {.kind = NODE_POINTER};
static const struct node node_pointers = {.kind = NODE_POINTERS};
static const struct node node_bool = {.kind = NODE_BOOL};
static const struct node node_json = {.kind = NODE_JSON};
static const struct node node_schema = {.kind = NODE_INT, .min = 1, .max = 1};
static const struct node node_templates = {.kind = NODE_MAP, .of = &node_template};
static const struct node node_capture = {.kind = NODE_CAPTURE, .of = &node_pointer};

static const struct field key_fields[] = {
	{"label", &node_text, false},
	{"required", &node_bool, false},
	{NULL, NULL, false},
};
static const struct node node_key = {.kind = NODE_OBJECT, .fields = key_fields};
static const struct node node_keys = {.kind = NODE_MAP, .of = &node_key};

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
static const struct node node_method = {.kind = NODE_WORD, .words = methods};
static const struct field request_fields[] = {
	{"method", &node_method, false},
	{"url", &node_template, false},
	{"path", &node_template, false},
	{"query", &node_templates, false},
	{"headers", &node_templates, false},
	{"body", &node_json, false},
	{NULL, NULL, false},
};
static const struct node node_request = {.kind = NODE_OBJECT, .fields = request_fields};

static const struct field refresh_fields[] = {
	{"request", &node_request, true},
	{NULL, NULL, false},
};
static const struct node node_refresh = {.kind = NODE_OBJECT, .fields = refresh_fields};
static const char *const auth_types[] = {"none", "header", "login", NULL};
static const struct node node_auth_type = {.kind = NODE_WORD, .words = auth_types};
static const struct field auth_fields[] = {
	{"type", &node_auth_type, true},
	{"request", &node_request, false},
	{"capture", &node_capture, false},
	{"refresh", &node_refresh, false},
	{"header", &node_templates, false},
	{NULL, NULL, false},
};
static const struct node node_auth = {.kind = NODE_OBJECT, .fields = auth_fields};

static const struct field errors_fields[] = {
	{"message", &node_pointers, false},
	{NULL, NULL, false},
};
static const struct node node_errors = {.kind = NODE_OBJECT, .fields = errors_fields};

static const struct field whoami_map_fields[] = {
	{"user_id", &node_pointer, true},
	{"organization_id", &node_pointer, false},
	{"email", &node_pointer, false},
	{"role", &node_pointer, false},
	{NULL, NULL, false},
};
static const struct node node_whoami_map = {.kind = NODE_OBJECT, .fields = whoami_map_fields};
static const struct field whoami_fields[] = {
	{"request", &node_request, true},
	{"record", &node_pointer, true},
	{"map", &node_whoami_map, true},
	{NULL, NULL, false},
};
static const struct node node_whoami = {.kind = NODE_OBJECT, .fields = whoami_fields};

static const struct field settings_map_fields[] = {
	{"email_sync_history_days", &node_pointer, false},
	{"email_body_size_limit_kb", &node_pointer, false},
	{"email_sync_interval_minutes", &node_pointer, false},
	{"email_tracking_enabled", &node_pointer, false},
	{"email_custom_tracking_domain", &node_pointer, false},
	{NULL, NULL, false},
};
static const struct node node_settings_map = {.kind = NODE_OBJECT, .fields = settings_map_fields};
static const struct field settings_fields[] = {
	{"request", &node_request, true},
	{"record", &node_pointer, true},
	{"map", &node_settings_map, true},
	{NULL, NULL, false},
};
static const struct node node_settings = {.kind = NODE_OBJECT, .fields = settings_fields};
static const struct field events_fields[] = {
	{"request", &node_request, true},
	{NULL, NULL, false},
};
static const struct node node_events = {.kind = NODE_OBJECT, .fields = events_fields};

static const struct field step_fields[] = {
	{"request", &node_request, true},
	{"capture", &node_capture, false},
	{NULL, NULL, false},
};
static const struct node node_step = {.kind = NODE_OBJECT, .fields = step_fields};
static const struct node node_steps = {.kind = NODE_LIST, .of = &node_step, .max = 8};
static const struct field find_fields[] = {
	{"request", &node_request, true},
	{"found", &node_pointer, true},
	{NULL, NULL, false},
};
static const struct node node_find = {.kind = NODE_OBJECT, .fields = find_fields};
static const struct field create_fields[] = {
	{"steps", &node_steps, true},
	{"find", &node_find, true},
	{NULL, NULL, false},
};
static const struct node node_create = {.kind = NODE_OBJECT, .fields = create_fields};
static const struct field change_fields[] = {
	{"steps", &node_steps, true},
	{NULL, NULL, false},
};
static const struct node node_change = {.kind = NODE_OBJECT, .fields = change_fields};
static const struct field read_fields[] = {
	{"request", &node_request, true},
	{"record", &node_pointer, true},
	{NULL, NULL, false},
};
static const struct node node_read = {.kind = NODE_OBJECT, .fields = read_fields};

static const struct node node_page_size = {.kind = NODE_INT, .min = 1, .max = 1000};
static const struct node node_overlap = {.kind = NODE_INT, .min = 0, .max = 86400};
static const struct node node_days = {.kind = NODE_INT, .min = 1, .max = 90};
static const struct field list_fields[] = {
	{"request", &node_request, true},
	{"records", &node_pointer, true},
	{"page_size", &node_page_size, true},
	{"overlap_s", &node_overlap, false},
	{"again_days", &node_days, false},
	{NULL, NULL, false},
};
static const struct node node_list = {.kind = NODE_OBJECT, .fields = list_fields};
static const struct field deleted_fields[] = {
	{"reconcile_days", &node_days, true},
	{"request", &node_request, true},
	{"records", &node_pointer, true},
	{"id", &node_pointer, true},
	{"page_size", &node_page_size, true},
	{NULL, NULL, false},
};
static const struct node node_deleted = {.kind = NODE_OBJECT, .fields = deleted_fields};

#define MAP_COMMON                                                                                 \
	{"id", &node_pointer, true},                                                               \
	{                                                                                          \
		"updated", &node_pointer, true                                                     \
	}
static const struct field user_map[] = {
	{"id", &node_pointer, true},
	{"name", &node_pointers, true},
	{"emails", &node_pointers, false},
	{NULL, NULL, false},
};
static const struct field partner_map[] = {
	MAP_COMMON,
	{"name", &node_pointers, true},
	{"domains", &node_pointers, false},
	{NULL, NULL, false},
};
static const struct field contact_map[] = {
	MAP_COMMON,
	{"name", &node_pointers, false},
	{"first_name", &node_pointers, false},
	{"last_name", &node_pointers, false},
	{"title", &node_pointers, false},
	{"emails", &node_pointers, true},
	{"phones", &node_pointers, false},
	{"partner_id", &node_pointers, false},
	{"lead_id", &node_pointers, false},
	{"owner_id", &node_pointers, false},
	{NULL, NULL, false},
};
static const struct field lead_map[] = {
	MAP_COMMON,
	{"name", &node_pointers, true},
	{"emails", &node_pointers, true},
	{NULL, NULL, false},
};
static const struct field deal_map[] = {
	MAP_COMMON,
	{"name", &node_pointers, true},
	{"number", &node_pointers, false},
	{"amount", &node_pointers, false},
	{"currency", &node_pointers, false},
	{"stage", &node_pointers, false},
	{"close_date", &node_pointers, false},
	{"next_step", &node_pointers, false},
	{"partner_id", &node_pointers, false},
	{"contact_id", &node_pointers, false},
	{"owner_id", &node_pointers, false},
	{NULL, NULL, false},
};
static const struct field direction_fields[] = {
	{"at", &node_pointer, true},
	{"in", &node_text, true},
	{"out", &node_text, true},
	{NULL, NULL, false},
};
static const struct node node_direction = {.kind = NODE_OBJECT, .fields = direction_fields};
static const struct field activity_map[] = {
	MAP_COMMON,
	{"kind", &node_pointers, true},
	{"subject", &node_pointers, false},
	{"body", &node_pointers, false},
	{"description", &node_pointers, false},
	{"at", &node_pointers, true},
	{"by", &node_pointers, false},
	{"message_id", &node_pointers, false},
	{"direction", &node_direction, false},
	{"status", &node_pointers, false},
	{"due_date", &node_pointers, false},
	{"duration_min", &node_pointers, false},
	{"contact_id", &node_pointers, false},
	{"partner_id", &node_pointers, false},
	{"lead_id", &node_pointers, false},
	{"deal_id", &node_pointers, false},
	{NULL, NULL, false},
};
#define OBJECT_NODES(object)                                                                       \
	static const struct node node_##object##_map = {                                           \
		.kind = NODE_OBJECT, .fields = object##_map};                                      \
	static const struct field object##_fields[] = {                                            \
		{"list", &node_list, true},                                                        \
		{"map", &node_##object##_map, true},                                               \
		{"deleted", &node_deleted, false},                                                 \
		{"read", &node_read, false},                                                       \
		{"create", &node_create, false},                                                   \
		{"update", &node_change, false},                                                   \
		{"delete", &node_change, false},                                                   \
		{NULL, NULL, false},                                                               \
	};                                                                                         \
	static const struct node node_##object = {.kind = NODE_OBJECT, .fields = object##_fields}
OBJECT_NODES(user);
OBJECT_NODES(partner);
OBJECT_NODES(contact);
OBJECT_NODES(lead);
OBJECT_NODES(deal);
OBJECT_NODES(activity);
static const struct field objects_fields[] = {
	{"user", &node_user, false},
	{"partner", &node_partner, false},
	{"contact", &node_contact, false},
	{"lead", &node_lead, false},
	{"deal", &node_deal, false},
	{"activity", &node_activity, false},
	{NULL, NULL, false},
};
static const struct node node_objects = {.kind = NODE_OBJECT, .fields = objects_fields};

static const struct field recent_fields[] = {
	{"request", &node_request, true},
	{"records", &node_pointer, true},
	{"message_id", &node_pointer, true},
	{NULL, NULL, false},
};
static const struct node node_recent = {.kind = NODE_OBJECT, .fields = recent_fields};
static const struct field message_fields[] = {
	{"steps", &node_steps, true},
	{"find", &node_find, true},
	{"recent", &node_recent, false},
	{"made", &node_find, false},
	{NULL, NULL, false},
};
static const struct node node_message = {.kind = NODE_OBJECT, .fields = message_fields};
static const struct field log_fields[] = {
	{"steps", &node_steps, true},
	{"find", &node_find, true},
	{"message", &node_message, false},
	{NULL, NULL, false},
};
static const struct node node_log = {.kind = NODE_OBJECT, .fields = log_fields};

static const struct node node_per_second = {.kind = NODE_INT, .min = 1, .max = 100};
static const struct field rate_fields[] = {
	{"per_second", &node_per_second, true},
	{NULL, NULL, false},
};
static const struct node node_rate = {.kind = NODE_OBJECT, .fields = rate_fields};
static const struct field web_fields[] = {
	{"base", &node_template, true},
	{"contact", &node_template, false},
	{"partner", &node_template, false},
	{"lead", &node_template, false},
	{"deal", &node_template, false},
	{NULL, NULL, false},
};
static const struct node node_web = {.kind = NODE_OBJECT, .fields = web_fields};

static const struct node node_never_log = {.kind = NODE_LIST, .of = &node_text, .max = 1000};
static const struct field root_fields[] = {
	{"schema", &node_schema, true},
	{"name", &node_text, true},
	{"title", &node_text, true},
	{"config", &node_keys, false},
	{"secrets", &node_keys, false},
	{"base_url", &node_template, false},
	{"web", &node_web, false},
	{"headers", &node_templates, false},
	{"auth", &node_auth, true},
	{"rate", &node_rate, false},
	{"errors", &node_errors, false},
	{"whoami", &node_whoami, false},
	{"settings", &node_settings, false},
	{"events", &node_events, false},
	{"objects", &node_objects, false},
	{"log", &node_log, false},
	{"never_log", &node_never_log, false},
	{NULL, NULL, false},
};
static const struct node node_root = {.kind = NODE_OBJECT, .fields = root_fields};

/* Values every profile may use, besides config.*, secret.* and what its login and steps capture. */
static const char *const known_values[] = {"since", "last_id", "limit", "token", "refresh",
	"jwt.sub", "me.user_id", "me.organization_id", "key", "email.subject", "email.body",
	"email.direction", "email.date", "email.message_id", "contact.id", "partner.id", "lead.id",
	"deal.id", "id", "updated", "event.type", "event.direction", "event.at", NULL};

struct walk {
	const char *origin;
	const cJSON *root;
	struct buf at; /* JSON pointer of the place */
	struct err *e;
};

static int fail(struct walk *w, const char *what)
{
	return err_set(w->e, ERR_PARSE,
		/* TRANSLATORS: profile name, what is wrong, JSON pointer */
		_("CRM profile %s: %s (at %s)"), w->origin, what, w->at.len ? w->at.p : "/");
}

static bool is_captured(const cJSON *capture, const char *name)
{
	return cJSON_IsObject(capture) && cJSON_GetObjectItemCaseSensitive(capture, name);
}

/* Whether a step of the write at that place keeps a value of that name. */
static bool is_kept(const cJSON *root, const char *at, const char *name)
{
	const cJSON *step;
	cJSON_ArrayForEach(step, json_at(root, at))
	{
		if (is_captured(json_at(step, "/capture"), name))
			return true;
	}
	return false;
}

static bool is_kept_anywhere(const cJSON *root, const char *name)
{
	if (is_kept(root, "/log/steps", name) || is_kept(root, "/log/message/steps", name))
		return true;
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		for (int v = 0; v < CRM_VERB_COUNT; v++) {
			char at[64];
			snprintf(at, sizeof(at), "/objects/%s/%s/steps",
				crm_object_name((enum crm_object)o),
				crm_verb_name((enum crm_verb)v));
			if (is_kept(root, at, name))
				return true;
		}
	return false;
}

static bool is_field(const char *name)
{
	const struct profile_field *f;
	for (size_t i = 0; (f = profile_field_at(i)); i++)
		if (!strcmp(f->value, name))
			return true;
	return false;
}

static bool is_known(const void *ctx, const char *name)
{
	const cJSON *root = ((const struct walk *)ctx)->root;
	if (!strcmp(name, "config.url"))
		return true;
	if (!strncmp(name, "config.", 7))
		return is_captured(json_at(root, "/config"), name + 7);
	if (!strncmp(name, "secret.", 7))
		return is_captured(json_at(root, "/secrets"), name + 7);
	for (const char *const *k = known_values; *k; k++)
		if (!strcmp(*k, name))
			return true;
	return is_field(name) || is_kept_anywhere(root, name);
}

static int check_template(struct walk *w, const cJSON *j)
{
	if (!cJSON_IsString(j))
		return fail(w, _("this must be a string"));
	struct err e = ERR_INIT;
	return template_check(j->valuestring, is_known, w, &e) ? fail(w, e.msg) : 0;
}

static int check_pointer(struct walk *w, const cJSON *j)
{
	if (!cJSON_IsString(j) || (j->valuestring[0] && j->valuestring[0] != '/'))
		return fail(w, _("this must be a JSON pointer: empty, or starting with \"/\""));
	return 0;
}

static int check_pointers(struct walk *w, const cJSON *j)
{
	if (!cJSON_IsArray(j))
		return check_pointer(w, j);
	const cJSON *one;
	cJSON_ArrayForEach(one, j)
	{
		if (check_pointer(w, one))
			return -1;
	}
	return 0;
}

/* Every string of a request body is a template; depth is bounded for template_render_json(). */
static int check_json(struct walk *w, const cJSON *j)
{
	struct json_walk at = {.depth = 0};
	for (const cJSON *one = j; one; one = json_walk_next(&at, one)) {
		if (cJSON_IsString(one) && check_template(w, one))
			return -1;
		if (one->child && at.depth == TEMPLATE_MAX_DEPTH)
			return fail(w, _("this is nested too deeply"));
	}
	return 0;
}

static int check_number(struct walk *w, const struct node *n, const cJSON *j)
{
	double d = cJSON_IsNumber(j) ? j->valuedouble : n->min - 1.0;
	if (d >= n->min && d <= n->max && d == (int)d)
		return 0;
	char what[120];
	snprintf(what, sizeof(what), _("this must be a whole number from %d to %d"), n->min,
		n->max);
	return fail(w, what);
}

static int check_word(struct walk *w, const struct node *n, const cJSON *j)
{
	for (const char *const *k = n->words; cJSON_IsString(j) && *k; k++)
		if (!strcmp(*k, j->valuestring))
			return 0;
	CLEANUP(buf_release) struct buf what = BUF_INIT(256);
	buf_addstr(&what, _("this must be one of:"));
	for (const char *const *k = n->words; *k; k++)
		buf_addf(&what, " %s", *k);
	return fail(w, what.p);
}

static bool is_word(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!ascii_isalnum(*p) && !strchr("_-.", *p))
			return false;
	return *s && strlen(s) < TEMPLATE_MAX_NAME / 2;
}

static int check_node(struct walk *w, const struct node *n, const cJSON *j);

static int check_child(struct walk *w, const struct node *n, const cJSON *j, const char *key)
{
	size_t len = w->at.len;
	buf_addf(&w->at, "/%s", key);
	int rc = check_node(w, n, j);
	buf_truncate(&w->at, len);
	return rc;
}

static const struct field *field_find(const struct field *f, const char *key)
{
	for (; f->key; f++)
		if (!strcmp(f->key, key))
			return f;
	return NULL;
}

static int check_object(struct walk *w, const struct node *n, const cJSON *j)
{
	if (!cJSON_IsObject(j))
		return fail(w, _("this must be an object"));
	char what[160];
	const cJSON *one;
	cJSON_ArrayForEach(one, j)
	{
		const struct field *f = field_find(n->fields, one->string);
		if (!f) {
			snprintf(what, sizeof(what), _("unknown key \"%.60s\""), one->string);
			return fail(w, what);
		}
		if (cJSON_GetObjectItemCaseSensitive(j, one->string) != one) {
			snprintf(what, sizeof(what), _("the key \"%.60s\" is there twice"),
				one->string);
			return fail(w, what);
		}
		if (check_child(w, f->node, one, one->string))
			return -1;
	}
	for (const struct field *f = n->fields; f->key; f++) {
		if (!f->is_required || cJSON_GetObjectItemCaseSensitive(j, f->key))
			continue;
		snprintf(what, sizeof(what), _("the key \"%s\" is missing"), f->key);
		return fail(w, what);
	}
	return 0;
}

static int check_map(struct walk *w, const struct node *n, const cJSON *j)
{
	if (!cJSON_IsObject(j))
		return fail(w, _("this must be an object"));
	const cJSON *one;
	cJSON_ArrayForEach(one, j)
	{
		if (!is_word(one->string)) {
			return fail(w, _("a key here may have letters, digits, \"_\", \"-\" and "
					 "\".\" only"));
		}
		if (check_child(w, n->of, one, one->string))
			return -1;
	}
	return 0;
}

static int check_list(struct walk *w, const struct node *n, const cJSON *j)
{
	int size = cJSON_IsArray(j) ? cJSON_GetArraySize(j) : 0;
	if (size < 1 || size > n->max) {
		char what[120];
		snprintf(what, sizeof(what), _("this must be a list of 1 to %d"), n->max);
		return fail(w, what);
	}
	int i = 0;
	const cJSON *one;
	cJSON_ArrayForEach(one, j)
	{
		char key[16];
		snprintf(key, sizeof(key), "%d", i++);
		if (check_child(w, n->of, one, key))
			return -1;
	}
	return 0;
}

/* Recursion follows the static grammar above, never the input: at most nine levels. */
static int check_node(struct walk *w, const struct node *n, const cJSON *j)
{
	switch (n->kind) {
	case NODE_OBJECT:
		return check_object(w, n, j);
	case NODE_MAP:
	case NODE_CAPTURE:
		return check_map(w, n, j);
	case NODE_LIST:
		return check_list(w, n, j);
	case NODE_TEXT:
		return cJSON_IsString(j) && *j->valuestring
			       ? 0
			       : fail(w, _("this must be a string that is not empty"));
	case NODE_TEMPLATE:
		return check_template(w, j);
	case NODE_POINTER:
		return check_pointer(w, j);
	case NODE_POINTERS:
		return check_pointers(w, j);
	case NODE_INT:
		return check_number(w, n, j);
	case NODE_BOOL:
		return cJSON_IsBool(j) ? 0 : fail(w, _("this must be true or false"));
	case NODE_JSON:
		return check_json(w, j);
	case NODE_WORD:
		return check_word(w, n, j);
	}
	return 0;
}

/* An edit is believed when the CRM shows the record, and compared with the record before. */
static int check_writes(struct walk *w)
{
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		const char *name = crm_object_name((enum crm_object)o);
		char steps[64];
		char read[64];
		snprintf(steps, sizeof(steps), "/objects/%s/update/steps", name);
		snprintf(read, sizeof(read), "/objects/%s/read", name);
		if (!json_at(w->root, steps))
			continue;
		buf_reset(&w->at);
		buf_addf(&w->at, "/objects/%s", name);
		if (!json_at(w->root, read))
			return fail(w, _("an \"update\" needs \"read\""));
		if (!is_kept(w->root, steps, "crm_id"))
			return fail(w, _("a step of \"update\" must capture \"crm_id\""));
	}
	buf_reset(&w->at);
	return 0;
}

static int check_rules(struct walk *w)
{
	const cJSON *root = w->root;
	const char *type = json_str(root, "/auth/type");
	buf_addstr(&w->at, "/auth");
	if (!strcmp(type, "login")) {
		if (!json_at(root, "/auth/request") || !json_at(root, "/auth/capture/token"))
			return fail(w, _("a login needs \"request\" and \"capture\" with "
					 "\"token\""));
		if (!json_at(root, "/auth/header"))
			return fail(w, _("the key \"header\" is missing"));
	}
	if (!strcmp(type, "header") && !json_at(root, "/auth/header"))
		return fail(w, _("the key \"header\" is missing"));
	buf_reset(&w->at);
	if (!json_at(root, "/base_url") && (json_at(root, "/objects") || json_at(root, "/log")))
		return fail(w, _("the key \"base_url\" is missing"));
	if (!json_at(root, "/log/message/recent") != !json_at(root, "/log/message/made")) {
		buf_addstr(&w->at, "/log/message");
		return fail(w, _("\"recent\" and \"made\" go together"));
	}
	return check_writes(w);
}

int profile_check(const char *origin, const cJSON *root, struct err *e)
{
	CLEANUP(buf_release) struct buf at = BUF_INIT(1024);
	struct walk w = {.origin = origin, .root = root, .at = at, .e = e};
	int rc = check_node(&w, &node_root, root) || check_rules(&w) ? -1 : 0;
	at = w.at;
	return rc;
}
