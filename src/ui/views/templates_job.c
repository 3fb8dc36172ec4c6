/* templates_job.c - the folder of templates and what they can be filled with; reader thread. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "templates.h"

/* Templates of another CRM are none of this mail's (R5). */
static int keep_ours(struct templates_job *t, struct store_reader *r, struct err *e)
{
	struct crm_row *crm = NULL;
	size_t n = 0;

	if (t->crm && crm_get(r, &t->arena, t->crm, &crm, e))
		return -1;
	for (size_t i = 0; i < t->list.n; i++) {
		const struct mail_template *m = t->list.v[i].t;

		if (!m || !m->crm || (crm && strcmp(m->crm, crm->name) == 0))
			t->list.v[n++] = t->list.v[i];
	}
	t->list.n = n;
	return 0;
}

static void run(struct job *j, struct store_reader *r)
{
	struct templates_job *t = (struct templates_job *)j;
	struct err lost = ERR_INIT;

	if (t->starters && template_install(t->dir, t->starters, t->lang, &t->installed, &j->err))
		return;
	if (template_folder_read(t->dir, &t->arena, &t->list, &j->err))
		return;
	IGNORE_RESULT(template_keep_all(t->store, r, &t->list, &lost),
		"a disk that is full keeps nobody from choosing");
	if (keep_ours(t, r, &j->err) || template_uses_read(r, &t->list, t->now, &j->err))
		return;
	IGNORE_RESULT(template_values_read(r, &t->arena, &t->who, &t->values, &j->err),
		"the error is the job's");
}

static void free_job(struct job *j)
{
	struct templates_job *t = (struct templates_job *)j;

	arena_release(&t->arena);
	free(t->dir);
	free(t->starters);
	free(t);
}

struct templates_job *templates_job_new(struct store *s, const char *dir,
	const struct templates_args *a, int64_t generation)
{
	struct templates_job *t = xcalloc(1, sizeof(*t));

	t->job = (struct job){
		.run = run, .free = free_job, .channel = JOB_KEEP, .generation = generation};
	t->store = s;
	t->dir = xstrdup(dir);
	t->arena = ARENA_INIT;
	t->crm = a->crm;
	t->who = a->who;
	t->who.name = arena_strdup(&t->arena, a->who.name);
	t->who.addr = arena_strdup(&t->arena, a->who.addr);
	t->who.me_name = arena_strdup(&t->arena, a->who.me_name);
	t->who.me_addr = arena_strdup(&t->arena, a->who.me_addr);
	return t;
}
