/*
 * form_view.h - what the forms about people share: a head that says whom it is about, the fields,
 * a line below them, saving and leaving. The data of such a view begins with struct form_view. UI
 * thread.
 */
#ifndef CRMAIL_UI_FORM_VIEW_H
#define CRMAIL_UI_FORM_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/record.h"

#include "ui/form.h"
#include "ui/view.h"

#define FORM_NOTE_MAX 300

struct form_view {
	struct form form;
	struct arena arena;       /* of head and choices: as long as the view */
	const char *title;        /* N_() */
	const char *head;         /* any text; NULL = none */
	char note[FORM_NOTE_MAX]; /* to be seen before saving; any text; "" = none */
	bool is_leaving;          /* said that what was typed is not saved */
	void (*save)(struct view *v);
	void (*changed)(struct view *v, size_t field); /* typed in, or left; NULL = nothing to do */
};

void form_view_init(struct view *v, const struct form_field *fields, size_t n);
void form_view_say(struct form_view *f, const char *note);
/* Saved: closes the form and says so; `write` can be taken back with z (0 = cannot). */
void form_view_done(struct view *v, int64_t write, const char *text);

/* Slots of view_ops. */
void form_view_close(struct view *v);
enum view_result form_view_key(struct view *v, const struct key *k);
enum view_result form_view_action(struct view *v, enum action act);
int form_view_recalc(struct view *v, struct err *e);
void form_view_paint(const struct view *v, const struct draw *d);
bool form_view_cursor(const struct view *v, int *row, int *col);
void form_view_title(const struct view *v, struct buf *left, struct buf *right);
extern const enum action form_view_hints[];

/* Whether the CRM takes that; else says in words why not. crm 0: there is none. */
bool form_view_may(struct ui *ui, int64_t crm, enum record_kind kind, unsigned ability);
/* "Laura Palmer · Dafaneto", of what is known; in the arena, NULL = nothing. */
const char *form_view_head(struct arena *a, const char *name, const char *more);

#endif
