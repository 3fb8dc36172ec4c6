/*
 * write.c - records made, edited, taken away and looked at through the profile. What may be
 * written is profile data; which edit wins is the caller's business.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/crm/write.h"

static int refuse(struct err *e, enum err_code code, enum err_retry retry, const char *sentence)
{
	err_set(e, code, "%s", sentence);
	e->scope = ERR_ITEM;
	e->retry = retry;
	return -1;
}

static bool is_link(const char *field)
{
	size_t n = strlen(field);
	return n > 3 && !strcmp(field + n - 3, "_id");
}

static const struct crm_field *given(const struct crm_write *w, const char *name)
{
	for (size_t i = 0; i < w->n_fields; i++)
		if (!strcmp(w->fields[i].name, name))
			return &w->fields[i];
	return NULL;
}

static int check_fields(const struct crm_profile *p, const struct crm_write *w, enum crm_verb v,
	struct err *e)
{
	for (size_t i = 0; i < w->n_fields; i++) {
		const char *name = w->fields[i].name;
		if (is_link(name) || crm_profile_can_write(p, w->object, v, name))
			continue;
		err_set(e, ERR_UNSUPPORTED, _("This CRM's profile has no place for \"%s\"."), name);
		e->scope = ERR_ITEM;
		return -1;
	}
	return 0;
}

/* Every field of the object is known to the templates: with a value, emptied, or not written. */
static void add_fields(struct run *r, const struct crm_write *w)
{
	const struct profile_field *f;
	for (size_t i = 0; (f = profile_field_at(i)); i++) {
		if (f->object != w->object)
			continue;
		const struct crm_field *in = given(w, f->name);
		run_add(r, f->value, in && in->value && *in->value ? in->value : NULL);
		if (!in)
			r->v[r->n - 1].type = VAR_UNSET;
	}
}

static int perform(struct crm *c, struct arena *a, const struct crm_write *w, enum crm_verb v,
	const struct crm_attempt *st, const char **crm_id, struct err *e)
{
	if (!crm_profile_is_remote(c->profile) || !crm_profile_can(c->profile, w->object, v))
		return refuse(e, ERR_UNSUPPORTED, RETRY_NEVER,
			_("This CRM's profile cannot write that."));
	if (check_fields(c->profile, w, v, e))
		return -1;
	struct run r = {
		.c = c, .what = &c->profile->object[w->object].verb[v], .a = a, .attempt = st};
	run_add(&r, "key", w->key);
	run_add(&r, "id", w->id);
	run_add(&r, "updated", w->updated);
	add_fields(&r, w);
	return run_perform(&r, crm_id, e);
}

int crm_create(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, const char **crm_id, struct err *e)
{
	const char *id = NULL;
	if (perform(c, a, w, CRM_CREATE, st, &id, e))
		return -1;
	if (!id)
		return run_not_shown(e);
	*crm_id = id;
	return 0;
}

/* Nothing was written: gone, or not as it was? */
static int why_unchanged(struct crm *c, struct arena *a, const struct crm_write *w, struct err *e)
{
	const struct crm_record *now = NULL;
	if (crm_read_one(c, w->object, w->id, a, &now, e))
		return -1;
	if (!now)
		return refuse(e, ERR_NOTFOUND, RETRY_NEVER,
			_("This record is not in the CRM any more."));
	bool has_moved = w->updated && now->updated && strcmp(w->updated, now->updated) != 0;
	if (has_moved)
		return refuse(e, ERR_CONFLICT, RETRY_NOW,
			_("The record was changed in the CRM meanwhile."));
	return refuse(e, ERR_AUTH, RETRY_NEVER, _("The CRM does not let you change this record."));
}

int crm_update(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, struct err *e)
{
	const char *id = NULL;
	if (perform(c, a, w, CRM_UPDATE, st, &id, e))
		return -1;
	return id ? 0 : why_unchanged(c, a, w, e);
}

int crm_delete(struct crm *c, struct arena *a, const struct crm_write *w,
	const struct crm_attempt *st, struct err *e)
{
	const char *id = NULL;
	struct err failed = ERR_INIT;
	if (perform(c, a, w, CRM_DELETE, st, &id, &failed)) {
		if (failed.code == ERR_NOTFOUND && failed.scope == ERR_ITEM)
			return 0;
		*e = failed;
		return -1;
	}
	const struct crm_record *now = NULL;
	if (id || !c->profile->object[w->object].read)
		return 0;
	if (crm_read_one(c, w->object, w->id, a, &now, e))
		return -1;
	if (!now)
		return 0;
	return refuse(e, ERR_AUTH, RETRY_NEVER, _("The CRM does not let you delete this record."));
}

int crm_read_one(struct crm *c, enum crm_object o, const char *id, struct arena *a,
	const struct crm_record **out, struct err *e)
{
	const struct profile_object *po = &c->profile->object[o];
	if (!po->read)
		return refuse(e, ERR_UNSUPPORTED, RETRY_NEVER,
			_("This CRM's profile cannot read one record."));
	struct var v = {.name = "id", .type = VAR_TEXT, .text = id};
	struct var_scope scope = {.v = &v, .n = 1};
	CLEANUP(json_free) cJSON *j = NULL;
	struct err failed = ERR_INIT;
	*out = NULL;
	if (crm_call(c, po->read, &scope, &j, &failed)) {
		if (failed.code == ERR_NOTFOUND && failed.scope == ERR_ITEM)
			return 0;
		*e = failed;
		return -1;
	}
	const cJSON *found = j ? json_at(j, po->read_record) : NULL;
	struct crm_record *r = arena_array(a, 1, sizeof(*r));
	if (found && record_read(po, found, a, r))
		*out = r;
	return 0;
}
