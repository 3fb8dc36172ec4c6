/*
 * today.h - the day on one screen [R40]: who waits for an answer, who did not answer, tasks,
 * meetings, and what was sent last. Rows and keys are today_view.c's, painting today_paint.c's. UI
 * thread.
 */
#ifndef CRMAIL_UI_TODAY_H
#define CRMAIL_UI_TODAY_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "crmail/store/today.h"
#include "ui/motion.h"
#include "ui/view.h"

struct ui;

#define TODAY_MOST 20 /* rows of a section */
#define TODAY_SENT 5
#define TODAY_AHEAD_DAYS 7 /* tasks due by then are shown */

enum today_section {
	TODAY_WAITING,
	TODAY_UNANSWERED,
	TODAY_TASKS,
	TODAY_MEETINGS,
	TODAY_LAST_SENT
};
struct today_row {
	enum today_section section;
	/* WAITING, UNANSWERED */
	const struct today_thread *thread;
	const struct thread_row *shown; /* NULL = gone meanwhile */
	/* TASKS, MEETINGS */
	const struct today_entry *entry;
	/* LAST_SENT */
	const struct outbox_row *sent;
};

struct today_data {
	struct arena arena;
	struct today_row *v;
	struct motion rows;
	size_t n_waiting, n_tasks;
	int64_t chosen; /* what the cursor is on, over readings */
	enum today_section chosen_section;
};

void today_paint(const struct view *v, const struct draw *d);
void today_title(const struct view *v, struct buf *left, struct buf *right);
/* Lines that a row takes on screen: a section's first has a blank one above it. */
int today_line_of(const struct today_data *d, size_t row);

#endif
