/*
 * attach.h - private to the files of attachments: attach_view.c (the list of one message),
 * attach_show.c (one of them read on the screen), attach_text.c (its text, on the reader thread).
 */
#ifndef CRMAIL_UI_ATTACH_H
#define CRMAIL_UI_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/str.h"

#include "body.h"

struct ui;
struct view;

struct attach_text {
	bool is_shown;    /* a kind that can be read on the screen */
	bool is_cut;      /* more than fits */
	struct span text; /* sanitised, tabs as blanks */
};
/* Any thread. `now`: for the times of messages. */
void attach_text_make(struct arena *a, const struct message_attachment *m, int64_t now,
	struct attach_text *out);

/* Answers a view gets with job kind JOB_KIND_SHOW; job.free() frees. */
struct show_job {
	struct job job;
	int64_t message, now;
	size_t index;
	struct arena arena; /* of name, type and text; taken by the view */
	const char *name, *type;
	size_t size;
	struct attach_text text;
};
struct show_job *show_job_new(int64_t message, size_t index, int64_t now);

/* One attachment read on the screen. */
struct show_args {
	int64_t message;
	size_t index;
};

/* Saves (index -1: all) to the folder for downloads, or hands a copy to the desktop's program. The
 * view passes the answer, of kind JOB_KIND_SAVE, to attach_tell_saved(). */
void attach_save(struct view *v, int64_t message, int index, bool open_after);
void attach_tell_saved(struct ui *ui, const struct save_job *s);

#endif
