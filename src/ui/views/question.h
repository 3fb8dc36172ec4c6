/*
 * question.h - a question over the screen, answered by one key. UI thread.
 */
#ifndef CRMAIL_UI_QUESTION_H
#define CRMAIL_UI_QUESTION_H

#include <stddef.h>
#include <stdint.h>

struct draw;
struct ui;

#define QUESTION_MOST 5

struct question_choice {
	char key;          /* what is typed, and shown in front */
	const char *label; /* what it does */
	int64_t id;        /* for the opener */
};

struct question_args {
	const char *question;                          /* copied; foreign text is fine */
	const char *detail;                            /* below it; copied; NULL = none */
	struct question_choice choices[QUESTION_MOST]; /* labels are constants */
	size_t n;
	/* Called after the question closed; Esc answers nothing. */
	void (*chosen)(struct ui *ui, int64_t id, int64_t about);
	int64_t about; /* passed back */
};

/* question_view.c */
void question_ask(struct ui *ui, const struct question_args *a);
/* The lines above the hints, for views that ask by themselves. Esc is named last, with what it
 * does. */
void question_paint(const struct draw *d, const char *question, const char *detail,
	const struct question_choice *v, size_t n, const char *esc);

#endif
