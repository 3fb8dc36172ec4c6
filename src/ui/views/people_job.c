/* people_job.c - completion and recognition on the reader thread. */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/mem.h"
#include "crmail/store/contact.h"
#include "people.h"

static void run(struct job *j, struct store_reader *r)
{
	struct people_job *p = (struct people_job *)j;

	for (size_t i = 0; i < p->n_addrs; i++) {
		struct contact_row *c = NULL;

		if (contact_by_address(r, &p->arena, p->query.account, p->addrs[i], &c,
			    &p->job.err))
			return;
		p->is_known[i] = c != NULL;
	}
	if (p->query.text &&
		correspondent_find(r, &p->arena, &p->query, &p->found, &p->n_found, &p->job.err))
		p->n_found = 0;
}

static void free_job(struct job *j)
{
	struct people_job *p = (struct people_job *)j;

	for (size_t i = 0; i < p->n_addrs; i++)
		free(p->addrs[i]);
	free(p->addrs);
	free(p->is_known);
	free((char *)p->query.text);
	arena_release(&p->arena);
	free(p);
}

struct people_job *people_job_new(const struct correspondent_query *q, char **addrs, size_t n_addrs,
	int64_t generation)
{
	struct people_job *p = xcalloc(1, sizeof(*p));

	p->job = (struct job){
		.run = run, .free = free_job, .channel = JOB_COMPLETE, .generation = generation};
	p->query = *q;
	p->query.text = q->text ? xstrdup(q->text) : NULL;
	p->addrs = addrs;
	p->n_addrs = n_addrs;
	p->is_known = xcalloc(n_addrs + 1, sizeof(*p->is_known));
	p->arena = ARENA_INIT;
	return p;
}
