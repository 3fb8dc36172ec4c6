/*
 * log.c - writing one entry to the CRM, once. A repeated write is harmless where the CRM takes our
 * id; where it does not, and after any doubt, `find` looks before writing. What was written is
 * believed only when the CRM shows it: an answer without the row may also mean that somebody
 * else's row has the id and is hidden from us.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/i18n.h"

#define MAX_CAPTURED 16

struct run {
	struct crm *c;
	const struct profile_log *log;
	struct arena *a;
	const struct crm_log_state *st;
	struct var v[16 + MAX_CAPTURED];
	size_t n;
	size_t n_item; /* v[n_item...n) are captured */
	size_t step;   /* next step */
	const char *crm_id;
};

static void add_text(struct run *r, const char *name, const char *text)
{
	if (r->n < ARRAY_SIZE(r->v))
		r->v[r->n++] = (struct var){.name = name, .type = VAR_TEXT, .text = text};
}

static void run_init(struct run *r, const struct crm_log_item *it)
{
	add_text(r, "key", it->key);
	add_text(r, "email.subject", it->subject);
	add_text(r, "email.body", it->body);
	add_text(r, "email.direction", it->is_out ? "out" : "in");
	add_text(r, "email.message_id", it->message_id);
	add_text(r, "contact.id", it->contact_id);
	add_text(r, "partner.id", it->partner_id);
	add_text(r, "lead.id", it->lead_id);
	r->v[r->n++] = (struct var){.name = "email.date", .type = VAR_INT, .number = it->at};
	r->n_item = r->n;
}

/* {"step":N,"vars":{...}} of an earlier attempt. */
static void run_resume(struct run *r, const char *journal)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err bad = ERR_INIT;
	int64_t step = 0;
	if (!journal || json_parse(journal, strlen(journal), &j, &bad) ||
		!json_i64(j, "/step", &step) || step < 0 ||
		step > cJSON_GetArraySize(r->log->steps))
		return;
	r->step = (size_t)step;
	const cJSON *one;
	cJSON_ArrayForEach(one, json_at(j, "/vars"))
	{
		const char *text = record_text(r->a, one);
		add_text(r, arena_strdup(r->a, one->string), text);
		if (!strcmp(one->string, "crm_id"))
			r->crm_id = text;
	}
}

static int run_save(struct run *r, struct err *e)
{
	if (!r->st->save)
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
	return r->st->save(r->st->ctx, text.p, e);
}

static void run_capture(struct run *r, const cJSON *capture, const cJSON *answer)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, capture)
	{
		const cJSON *value = answer ? json_at(answer, one->valuestring) : NULL;
		const char *text = record_text(r->a, value);
		if (!text)
			continue;
		add_text(r, one->string, text);
		if (!strcmp(one->string, "crm_id"))
			r->crm_id = text;
	}
}

static struct var_scope run_scope(const struct run *r)
{
	return (struct var_scope){.v = r->v, .n = r->n};
}

static int run_step(struct run *r, const cJSON *step, struct err *e)
{
	struct var_scope scope = run_scope(r);
	CLEANUP(json_free) cJSON *answer = NULL;
	if (crm_call(r->c, json_at(step, "/request"), &scope, &answer, e))
		return -1;
	run_capture(r, json_at(step, "/capture"), answer);
	r->step++;
	return json_at(r->log->steps, "/1") ? run_save(r, e) : 0;
}

static int run_find(struct run *r, struct err *e)
{
	struct var_scope scope = run_scope(r);
	CLEANUP(json_free) cJSON *answer = NULL;
	if (crm_call(r->c, r->log->find, &scope, &answer, e))
		return -1;
	const cJSON *found = answer ? json_at(answer, r->log->found) : NULL;
	r->crm_id = record_text(r->a, found);
	return 0;
}

static int run_steps(struct run *r, struct err *e)
{
	size_t i = 0;
	const cJSON *step;
	cJSON_ArrayForEach(step, r->log->steps)
	{
		if (i++ < r->step)
			continue;
		if (!run_step(r, step, e))
			continue;
		/* A conflict may be our own row of an earlier attempt: find decides. */
		if (e->code == ERR_CONFLICT && e->scope == ERR_ITEM) {
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

static int not_shown(struct err *e)
{
	err_set(e, ERR_CONFLICT, _("The CRM has this entry but does not show it to you."));
	e->scope = ERR_ITEM;
	e->retry = RETRY_NEVER;
	return -1;
}

int crm_log(struct crm *c, struct arena *a, const struct crm_log_item *it,
	const struct crm_log_state *st, const char **crm_id, struct err *e)
{
	const struct profile_log *log = &c->profile->log[it->as_message];
	if (!log->steps)
		return err_set(e, ERR_UNSUPPORTED, _("This CRM's profile cannot log mail."));
	struct run r = {.c = c, .log = log, .a = a, .st = st};
	run_init(&r, it);
	run_resume(&r, st->journal);
	if (st->is_doubtful && !r.step && run_find(&r, e))
		return -1;
	if (!r.crm_id && run_steps(&r, e))
		return -1;
	if (!r.crm_id && run_find(&r, e))
		return -1;
	if (!r.crm_id)
		return not_shown(e);
	*crm_id = r.crm_id;
	return 0;
}
