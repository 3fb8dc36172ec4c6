/*
 * crm_settings.c - the organisation's settings brought from the CRM into the store. A CRM that has
 * no such table, or does not show it, leaves what is known as it is.
 */
#include "config.h"

#include "crm_sync.h"

#include "crmail/base/log.h"
#include "crmail/store/organization.h"

int crm_settings_pull(struct crm_sync *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct crm_config *found = NULL;
	struct err why = ERR_INIT;
	size_t n = 0;
	if (!crm_has_settings(s->crm))
		return 0;
	if (crm_read_settings(s->crm, &a, &found, &n, &why)) {
		if (why.scope == ERR_ITEM) {
			log_line(LOG_NOTE, "crm", "crm %lld: settings not shown: %s",
				(long long)s->id, err_code_name(why.code));
			return 0;
		}
		*e = why;
		return -1;
	}
	struct setting *v = arena_array(&a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct setting){found[i].key, found[i].value};
	return organization_put(s->options.store, s->id, v, n, e);
}
