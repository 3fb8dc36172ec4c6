/*
 * organization.c - what the CRM has for the organisation as a whole: its settings, and the endpoint
 * that wants to be told of events.
 */
#include "config.h"

#include "engine.h"

#include "crmail/base/i18n.h"

static const char *const names[] = {"email_sync_history_days", "email_body_size_limit_kb",
	"email_sync_interval_minutes", "email_tracking_enabled", "email_custom_tracking_domain"};

bool crm_has_settings(const struct crm *c)
{
	return c->profile->settings != NULL;
}

bool crm_takes_events(const struct crm *c)
{
	return c->profile->events != NULL;
}

static const char *setting_text(struct arena *a, const cJSON *value)
{
	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value) ? "true" : "false";
	return record_text(a, value);
}

int crm_read_settings(struct crm *c, struct arena *a, const struct crm_config **out, size_t *n,
	struct err *e)
{
	const struct crm_profile *p = c->profile;
	CLEANUP(json_free) cJSON *j = NULL;
	*n = 0;
	*out = NULL;
	if (!p->settings)
		return 0;
	if (crm_call(c, p->settings, NULL, &j, e))
		return -1;
	const cJSON *record = j ? json_at(j, p->settings_record) : NULL;
	struct crm_config *v = arena_array(a, ARRAY_SIZE(names), sizeof(*v));
	for (size_t i = 0; record && i < ARRAY_SIZE(names); i++) {
		const cJSON *place = cJSON_GetObjectItemCaseSensitive(p->settings_map, names[i]);
		const char *text =
			place ? setting_text(a, json_at(record, place->valuestring)) : NULL;
		if (text)
			v[(*n)++] = (struct crm_config){names[i], text};
	}
	*out = v;
	return 0;
}

int crm_tell(struct crm *c, const struct crm_event *x, struct err *e)
{
	const struct var v[] = {
		{.name = "key", .type = VAR_TEXT, .text = x->key},
		{.name = "event.type", .type = VAR_TEXT, .text = x->type},
		{.name = "event.direction",
			.type = VAR_TEXT,
			.text = x->is_out ? "outbound" : "inbound"},
		{.name = "event.at", .type = VAR_INT, .number = x->at},
		{.name = "contact.id", .type = VAR_TEXT, .text = x->contact_id},
		{.name = "partner.id", .type = VAR_TEXT, .text = x->partner_id},
	};
	const struct var_scope scope = {.v = v, .n = ARRAY_SIZE(v)};
	CLEANUP(json_free) cJSON *j = NULL;
	if (!c->profile->events)
		return err_set(e, ERR_UNSUPPORTED, _("This CRM's profile takes no events."));
	return crm_call(c, c->profile->events, &scope, &j, e);
}
