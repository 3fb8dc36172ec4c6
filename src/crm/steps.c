/*
 * steps.c - a write of the profile as journalled steps: each is made once, what its answer gave is
 * kept for the next, and an attempt that was cut goes on where it stopped. A repeated write is
 * harmless where the CRM takes our id; where it does not, and after any doubt, `find` looks before
 * writing. What was written is believed only when the CRM shows it.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/i18n.h"

void run_add(struct run *r, const char *name, const char *text)
{
	if (r->n < ARRAY_SIZE(r->v))
		r->v[r->n++] = (struct var){.name = name, .type = VAR_TEXT, .text = text};
}

/* A name that is captured again has its new value only: a journal does not grow. */
static void run_keep(struct run *r, const char *name, const char *text)
{
	if (!strcmp(name, "crm_id"))
		r->crm_id = text;
	for (size_t i = r->n_item; i < r->n; i++) {
		if (strcmp(r->v[i].name, name) != 0)
			continue;
		r->v[i].text = text;
		return;
	}
	run_add(r, name, text);
}

/* {"step":N,"vars":{...}} of an earlier attempt. */
static void run_resume(struct run *r, const char *journal)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err bad = ERR_INIT;
	int64_t step = 0;
	if (!journal || json_parse(journal, strlen(journal), &j, &bad) ||
		!json_i64(j, "/step", &step) || step < 0 ||
		step > cJSON_GetArraySize(r->what->steps))
		return;
	r->step = (size_t)step;
	const cJSON *one;
	cJSON_ArrayForEach(one, json_at(j, "/vars"))
	{
		const char *text = record_text(r->a, one);
		if (text)
			run_keep(r, arena_strdup(r->a, one->string), text);
	}
}

static int run_save(struct run *r, struct err *e)
{
	if (!r->attempt->save)
		return 0;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	buf_addf(&text, "{\"step\":%zu,\"vars\":{", r->step);
	for (size_t i = r->n_item; i < r->n; i++) {
		const struct var *v = &r->v[i];
		if (i > r->n_item)
			buf_addch(&text, ',');
		template_json_string(&text, v->name, strlen(v->name));
		buf_addch(&text, ':');
		template_json_string(&text, v->text, strlen(v->text));
	}
	buf_addstr(&text, "}}");
	return r->attempt->save(r->attempt->ctx, text.p, e);
}

static void run_capture(struct run *r, const cJSON *capture, const cJSON *answer)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, capture)
	{
		const cJSON *value = answer ? json_at(answer, one->valuestring) : NULL;
		const char *text = record_text(r->a, value);
		if (text)
			run_keep(r, one->string, text);
	}
}

static void run_learn(struct run *r, bool may_be_there)
{
	if (r->attempt->may_be_there)
		*r->attempt->may_be_there = may_be_there;
}

static int run_step(struct run *r, const cJSON *step, struct err *e)
{
	struct var_scope scope = {.v = r->v, .n = r->n};
	CLEANUP(json_free) cJSON *answer = NULL;
	if (crm_call(r->c, json_at(step, "/request"), &scope, &answer, e))
		return -1;
	run_learn(r, true);
	run_capture(r, json_at(step, "/capture"), answer);
	r->step++;
	return json_at(r->what->steps, "/1") ? run_save(r, e) : 0;
}

static int run_find(struct run *r, struct err *e)
{
	struct var_scope scope = {.v = r->v, .n = r->n};
	CLEANUP(json_free) cJSON *answer = NULL;
	if (crm_call(r->c, r->what->find, &scope, &answer, e))
		return -1;
	const cJSON *found = answer ? json_at(answer, r->what->found) : NULL;
	r->crm_id = record_text(r->a, found);
	return 0;
}

static int run_steps(struct run *r, struct err *e)
{
	size_t i = 0;
	const cJSON *step;
	cJSON_ArrayForEach(step, r->what->steps)
	{
		if (i++ < r->step)
			continue;
		if (!run_step(r, step, e))
			continue;
		/* A conflict may be our own row of an earlier attempt: find decides. */
		if (r->what->find && e->code == ERR_CONFLICT && e->scope == ERR_ITEM) {
			struct err first = *e;
			if (run_find(r, e))
				return -1;
			if (r->crm_id)
				return 0;
			*e = first;
		}
		return -1;
	}
	return 0;
}

int run_perform(struct run *r, const char **crm_id, struct err *e)
{
	r->n_item = r->n;
	run_resume(r, r->attempt->journal);
	const cJSON *find = r->what->find;
	*crm_id = NULL;
	if (find && r->attempt->is_doubtful && !r->step) {
		if (run_find(r, e))
			return -1;
		run_learn(r, r->crm_id != NULL);
	}
	if (!r->crm_id && run_steps(r, e))
		return -1;
	if (find && !r->crm_id && run_find(r, e))
		return -1;
	*crm_id = r->crm_id;
	return 0;
}

int run_not_shown(struct err *e)
{
	err_set(e, ERR_CONFLICT, _("The CRM has this entry but does not show it to you."));
	e->scope = ERR_ITEM;
	e->retry = RETRY_NEVER;
	return -1;
}
