/*
 * templates.h - templates of mails on the screen: the picker (templates_view.c, templates_paint.c)
 * over what was read on the reader thread (templates_job.c), the form that asks for what only the
 * writer knows (template_form.c), the file as text, and its versions. UI thread but for the jobs.
 */
#ifndef CRMAIL_UI_TEMPLATES_H
#define CRMAIL_UI_TEMPLATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/mail_template.h"
#include "crmail/store/template.h"

#include "ui/editor.h"
#include "ui/jobs.h"
#include "ui/view.h"
#include "prompt.h"

/* What is known of the mail, filled in; nothing is left open. Valid for the call. */
struct template_chosen {
	const char *subject; /* one line; "" = the template has none */
	const char *text;
};

struct templates_args { /* strings are copied */
	struct template_about who;
	int64_t crm;        /* of the account; templates of others are not shown; 0 = none */
	bool keeps_subject; /* the mail has one */
	const char *text;   /* written already: a new template begins with it; NULL = none */
	/* Called after the picker closed. */
	void (*chosen)(struct ui *ui, const struct template_chosen *t);
};
void templates_open(struct ui *ui, const struct templates_args *a);

/* ---- private ----------------------------------------------------------------------------------*/

struct templates_job {
	struct job job;
	struct store *store;
	int64_t now;
	char *dir;
	/* Before reading: crmail's own templates of a language are installed. */
	char *starters; /* where they lie; NULL = nothing to install */
	char lang[12];
	struct template_installed installed;
	struct template_about who; /* strings in the arena */
	int64_t crm;
	const char *text; /* written already; in the arena */
	struct arena arena;
	struct template_list list;
	struct mail_template_values values; /* without now, zone and language */
};
struct templates_job *templates_job_new(struct store *s, const char *dir,
	const struct templates_args *a, int64_t generation);

struct templates_data {
	struct prompt prompt;
	struct templates_args args; /* without strings once the job has them */
	int64_t generation;
	struct templates_job *shown; /* NULL = no answer yet */
	struct arena arena;          /* of the rows */
	struct prompt_row *rows;
	/* The one under the cursor, filled in. */
	const struct template_file *filled; /* NULL = none */
	struct buf subject;
	struct buf text;
	struct mail_template_gaps gaps;
	struct editor preview;
};

static inline struct templates_data *templates_data_of(const struct view *v)
{
	return v->data;
}

const struct template_file *templates_current(const struct templates_data *d); /* NULL = none */
/* Fills the current one with the answers to its questions on top of what is known. False: the
 * message line says why. */
bool templates_fill(struct view *v, const struct mail_template_value *answers, size_t n);

/* ---- one file: written, or brought back; reader thread (templates_job.c) ---- */
struct template_write_job {
	struct job job;
	struct store *store;
	char *dir, *path; /* path NULL: a new file named after the template; then set */
	char *text;       /* NULL: `version` is brought back */
	size_t len;
	int64_t version;
};
struct template_write_job *template_write_job_new(struct store *s, const char *path,
	int64_t generation);

/* template_edit_view.c: the file as text. Strings are copied. */
struct template_edit_args {
	const char *path; /* NULL = a new one */
	const char *text;
};
extern const struct view_ops template_edit_view_ops;

/* template_versions_view.c: what it was before, and what has changed since. */
struct template_versions_args {  /* copied */
	const char *path, *text; /* as the file is now */
};
extern const struct view_ops template_versions_view_ops;

/* templates_paint.c */
#define TEMPLATES_LIST_COLS 40 /* where the preview stands beside the list */
#define TEMPLATES_BESIDE 100   /* from that width on */
struct templates_layout {
	int list_row, list_rows, list_cols;
	int preview_row, preview_col, preview_rows, preview_cols;
	bool is_beside;
};
struct templates_layout templates_layout_of(const struct view *v);
void templates_paint(const struct view *v, const struct draw *d);
bool templates_cursor(const struct view *v, int *row, int *col);

/* template_form.c: asks for the gaps, over the picker; `answered` comes after the form closed. */
struct template_form_args {
	const struct mail_template *t; /* of the picker beneath, which stays */
	const char *name;
	const struct mail_template_gaps *gaps;
	void (*answered)(struct ui *ui, const struct mail_template_value *v, size_t n);
};
void template_form_open(struct ui *ui, const struct template_form_args *a);

#endif
