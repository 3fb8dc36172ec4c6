/* import_job.c - the thread that looks at a file of contacts, imports it, or takes it back. */
#include "config.h"

#include "import_job.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "crmail/base/arena.h"
#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"

#include "ui/draw.h"

#define FIRST_PEOPLE 3
#define SKIPPED_MOST 200

struct import_job {
	struct import_order o;
	char *path;
	pthread_t thread;
	struct buf text; /* the thread's until it is done */
	int n_people, n_skipped;
	pthread_mutex_t lock; /* guards what follows */
	struct import_state state;
	bool must_stop;
};

/* ---- what is told, on the thread --------------------------------------------------------------*/

static void on_file(void *ctx, const struct people_format *f)
{
	struct import_job *j = ctx;
	buf_addf(&j->text, "%s, %s\n", f->kind == PEOPLE_CSV ? "CSV" : "vCard", f->charset);
}

static void on_columns(void *ctx, const struct people_column *v, size_t n)
{
	struct import_job *j = ctx;
	buf_addf(&j->text, "\n#%s\n", _("Columns"));
	for (size_t i = 0; i < n; i++) {
		buf_addstr(&j->text, "  ");
		for (const char *p = v[i].title; *p; p++)
			buf_addch(&j->text, *p == '\n' ? ' ' : *p);
		buf_addf(&j->text, "  =  %s\n",
			v[i].field == PEOPLE_NONE ? _("left out") : people_field_name(v[i].field));
	}
}

static void add_word(struct buf *b, const char *word, bool *is_first)
{
	if (!word)
		return;
	buf_addf(b, "%s%s", *is_first ? "  " : ", ", word);
	*is_first = false;
}

static void on_person(void *ctx, const struct person *p)
{
	struct import_job *j = ctx;
	bool is_first = true;
	if (j->n_people++ >= FIRST_PEOPLE)
		return;
	if (j->n_people == 1)
		buf_addf(&j->text, "\n#%s\n", _("First people"));
	add_word(&j->text, p->name ? p->name : p->first_name, &is_first);
	if (!p->name && p->last_name) {
		buf_addf(&j->text, "%s%s", is_first ? "  " : " ", p->last_name);
		is_first = false;
	}
	for (size_t i = 0; i < p->emails.n; i++)
		add_word(&j->text, p->emails.v[i], &is_first);
	for (size_t i = 0; i < p->phones.n; i++)
		add_word(&j->text, p->phones.v[i], &is_first);
	add_word(&j->text, p->company, &is_first);
	add_word(&j->text, p->title, &is_first);
	buf_addch(&j->text, '\n');
}

static void on_skipped(void *ctx, int64_t line, const char *why)
{
	struct import_job *j = ctx;
	if (j->n_skipped++ >= SKIPPED_MOST)
		return;
	if (j->n_skipped == 1)
		buf_addf(&j->text, "\n#%s\n", _("Skipped"));
	buf_addf(&j->text, _("  line %lld: %s"), (long long)line, why);
	buf_addch(&j->text, '\n');
}

static void tell(const struct import_job *j)
{
	event_post(j->o.events, &(struct event){.type = EV_PROGRESS, .count = 1});
}

static int on_progress(void *ctx, int64_t done, int64_t total)
{
	struct import_job *j = ctx;
	pthread_mutex_lock(&j->lock);
	j->state.percent = total ? (int)(done * 100 / total) : 100;
	bool must_stop = j->must_stop;
	pthread_mutex_unlock(&j->lock);
	tell(j);
	return must_stop;
}

/* ---- the work, on the thread
 * -------------------------------------------------------------------*/

/* The only account there is uses the CRM made for it. */
static int bind_account(struct import_job *j, struct store_reader *r, int64_t crm, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct account_row *v = NULL;
	size_t n = 0;
	if (account_list(r, &a, &v, &n, e))
		return -1;
	bool is_one = n == 1 && !v[0].crm;
	pthread_mutex_lock(&j->lock);
	j->state.is_unused = !is_one;
	pthread_mutex_unlock(&j->lock);
	return is_one ? account_bind_crm(j->o.store, v[0].id, crm, e) : 0;
}

static int find_crm(struct import_job *j, int64_t *crm, struct err *e)
{
	struct store_reader *r = NULL;
	if (store_reader_open(j->o.store, &r, e))
		return -1;
	int rc = people_find_crm(r, NULL, crm, e);
	if (!rc && !*crm && j->o.kind == IMPORT_WRITE)
		rc = people_make_crm(j->o.store, NULL, crm, e) || bind_account(j, r, *crm, e);
	store_reader_close(r);
	return rc ? -1 : 0;
}

static int import_people(struct import_job *j, struct people_counts *counts, struct err *e)
{
	struct people_importer *im = NULL;
	struct people_import_options o = {.only_look = j->o.kind == IMPORT_LOOK,
		.is_freemail = j->o.is_freemail,
		.file = on_file,
		.columns = on_columns,
		.person = on_person,
		.skipped = on_skipped,
		.progress = on_progress,
		.ctx = j};
	if (find_crm(j, &o.crm, e) || people_importer_open(&im, j->o.store, &o, e))
		return -1;
	int rc = people_importer_file(im, j->path, e);
	*counts = *people_importer_counts(im);
	people_importer_close(im);
	return rc;
}

static void *run(void *job)
{
	struct import_job *j = job;
	struct people_counts counts = {.partners = 0};
	struct people_undone undone = {.removed = 0};
	struct err e = ERR_INIT;
	int rc = j->o.kind == IMPORT_UNDO ? people_undo(j->o.store, &undone, &e)
					  : import_people(j, &counts, &e);
	pthread_mutex_lock(&j->lock);
	j->state.counts = counts;
	j->state.undone = undone;
	j->state.err = rc ? e : ERR_INIT;
	j->state.is_done = true;
	pthread_mutex_unlock(&j->lock);
	tell(j);
	return NULL;
}

/* ---- UI thread
 * ---------------------------------------------------------------------------------*/

static bool never(const char *domain)
{
	(void)domain;
	return false;
}

int import_job_start(struct import_job **out, const struct import_order *o, struct err *e)
{
	struct import_job *j = xcalloc(1, sizeof(*j));
	sigset_t all, before;
	j->o = *o;
	j->path = xstrdup(o->path);
	j->text = BUF_INIT(1 << 20);
	if (!j->o.is_freemail)
		j->o.is_freemail = never;
	pthread_mutex_init(&j->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&j->thread, NULL, run, j);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		pthread_mutex_destroy(&j->lock);
		free(j->path);
		free(j);
		return err_sys(e, ERR_IO, rc, "%s", _("Cannot start the import"));
	}
	*out = j;
	return 0;
}

void import_job_look(struct import_job *j, struct import_state *out)
{
	pthread_mutex_lock(&j->lock);
	*out = j->state;
	pthread_mutex_unlock(&j->lock);
}

const char *import_job_text(const struct import_job *j)
{
	return j->text.p;
}

void import_job_ask_stop(struct import_job *j)
{
	pthread_mutex_lock(&j->lock);
	j->must_stop = true;
	pthread_mutex_unlock(&j->lock);
}

void import_job_end(struct import_job *j)
{
	if (!j)
		return;
	import_job_ask_stop(j);
	pthread_join(j->thread, NULL);
	pthread_mutex_destroy(&j->lock);
	buf_release(&j->text);
	free(j->path);
	free(j);
}
