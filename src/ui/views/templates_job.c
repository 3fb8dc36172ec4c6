/*
 * templates_job.c - the folder of templates and what they can be filled with, read, and one file
 * written; reader thread.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"
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
	t->text = arena_strdup(&t->arena, a->text);
	t->who.name = arena_strdup(&t->arena, a->who.name);
	t->who.addr = arena_strdup(&t->arena, a->who.addr);
	t->who.me_name = arena_strdup(&t->arena, a->who.me_name);
	t->who.me_addr = arena_strdup(&t->arena, a->who.me_addr);
	return t;
}

/* ---- writing ---- */

#define NAME_MOST 60
#define NUMBER_MOST 99

/* "Offer sent!" as "offer-sent". */
static void add_file_name(struct buf *out, const char *name)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(MAIL_TEMPLATE_BYTES);

	fold_plain(&folded, name, strlen(name));
	for (size_t i = 0; i < folded.len && out->len < NAME_MOST; i++) {
		if (ascii_isalnum(folded.p[i]))
			buf_addch(out, folded.p[i]);
		else if (out->len > 0 && out->p[out->len - 1] != '-')
			buf_addch(out, '-');
	}
	while (out->len > 0 && out->p[out->len - 1] == '-')
		buf_truncate(out, out->len - 1);
	if (out->len == 0)
		buf_addstr(out, "template");
}

/* Of a new one: a name that no file has. */
static int choose_path(struct template_write_job *w, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_MOST * 2);
	struct mail_template t;
	struct err broken = ERR_INIT;
	bool has_name = !mail_template_parse(&a, w->text, w->len, &t, &broken) && t.name;

	add_file_name(&name, has_name ? t.name : "");
	for (int i = 1; i <= NUMBER_MOST; i++) {
		CLEANUP(free_str)
		char *path = i == 1 ? xasprintf("%s.md", name.p) : xasprintf("%s-%d.md", name.p, i);
		CLEANUP(free_str) char *full = fsx_join(w->dir, path);

		if (fsx_exists(full))
			continue;
		w->path = xstrdup(path);
		return 0;
	}
	return err_set(e, ERR_CONFLICT, _("There are too many templates of that name."));
}

/* What the file holds now, which may be newer than what was shown. */
static int keep_present(struct template_write_job *w, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct template_file now;
	struct err none = ERR_INIT;

	if (template_file_read(w->dir, w->path, &a, &now, &none) || now.len == 0)
		return 0;
	return template_keep(w->store, w->path, now.text, now.len, e);
}

static void run_write(struct job *j, struct store_reader *r)
{
	struct template_write_job *w = (struct template_write_job *)j;
	struct err lost = ERR_INIT;

	if (!w->text) {
		IGNORE_RESULT(template_restore(w->store, r, w->dir, w->path, w->version, &j->err),
			"the error is the job's");
		return;
	}
	if ((w->path ? keep_present(w, &j->err) : choose_path(w, &j->err)) ||
		template_file_write(w->dir, w->path, w->text, w->len, &j->err))
		return;
	IGNORE_RESULT(template_keep(w->store, w->path, w->text, w->len, &lost),
		"the file is written; its version is kept when it is read again");
}

static void free_write_job(struct job *j)
{
	struct template_write_job *w = (struct template_write_job *)j;

	free(w->dir);
	free(w->path);
	free(w->text);
	free(w);
}

struct template_write_job *template_write_job_new(struct store *s, const char *path,
	int64_t generation)
{
	struct template_write_job *w = xcalloc(1, sizeof(*w));

	w->job = (struct job){.run = run_write,
		.free = free_write_job,
		.channel = JOB_KEEP,
		.generation = generation};
	w->store = s;
	w->dir = store_path(s, "templates");
	w->path = path ? xstrdup(path) : NULL;
	return w;
}
