/* why_job.c - reading what there is to say about the logging of a mail, and cutting it into
 * rows. */
#include "config.h"

#include "why.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"

static int read_more(struct why_job *j, struct store_reader *r)
{
	struct err *e = &j->job.err;
	struct arena *a = &j->arena;

	if (suggestions_of(r, a, j->why->crm, j->message, WHY_SUGGESTIONS_MAX, &j->suggestions,
		    &j->n_suggestions, e))
		return -1;
	if (j->wants_choices &&
		link_choices(r, a, j->why->crm, WHY_CHOICES_MAX, &j->choices, &j->n_choices, e))
		return -1;
	j->person.crm = j->why->crm;
	return j->person.addr ? stranger_candidates(r, a, &j->person, 9, &j->candidates,
					&j->n_candidates, e)
			      : 0;
}

static void run(struct job *job, struct store_reader *r)
{
	struct why_job *j = (struct why_job *)job;

	if (!j->explain || j->explain(r, &j->arena, j->message, &j->why, &job->err) || !j->why)
		return;
	if (read_more(j, r))
		j->why = NULL; /* the job's error says it */
}

static void free_job(struct job *job)
{
	struct why_job *j = (struct why_job *)job;

	arena_release(&j->arena);
	free(j);
}

struct why_job *why_job_new(const struct view *v, int64_t message, bool wants_choices,
	const char *addr, enum stranger_kind kind)
{
	struct why_job *j = xcalloc(1, sizeof(*j));

	j->job = (struct job){.run = run, .free = free_job, .channel = JOB_KEEP};
	j->arena = ARENA_INIT;
	j->explain = v->ui->o.hooks.explain;
	j->message = message;
	j->wants_choices = wants_choices;
	j->person = (struct stranger_row){
		.addr = addr ? arena_strdup(&j->arena, addr) : NULL, .name = "", .kind = kind};
	return j;
}

static void add_all(struct why_row *v, size_t *n, const char *heading, enum why_kind kind,
	size_t count)
{
	if (count > 0)
		v[(*n)++] = (struct why_row){.kind = WHY_HEADING, .text = heading};
	for (size_t i = 0; i < count; i++)
		v[(*n)++] = (struct why_row){.kind = kind, .index = i};
}

size_t why_rows(struct why_job *j, struct why_row **out)
{
	const struct why *w = j->why;
	size_t n = 0;

	*out = NULL;
	if (!w)
		return 0;
	*out = arena_array(&j->arena,
		w->n_people + w->n_entries + w->n_links + j->n_suggestions + 4, sizeof(**out));
	add_all(*out, &n, _("People"), WHY_PERSON, w->n_people);
	add_all(*out, &n, _("Logged to"), WHY_ENTRY, w->n_entries);
	add_all(*out, &n, _("By hand"), WHY_BY_HAND, w->n_links);
	add_all(*out, &n, _("It may be about (Enter links)"), WHY_SUGGESTION, j->n_suggestions);
	return n;
}
