/*
 * mailact.h - what can be done to mail, the same from list, search and conversation: queued in the
 * store, shown with its undo. UI thread.
 */
#ifndef CRMAIL_UI_MAILACT_H
#define CRMAIL_UI_MAILACT_H

#include <stdbool.h>

#include "crmail/store/message.h"

#include "ui/action.h"

struct ui;

struct mailact {
	enum action action; /* ARCHIVE TRASH SPAM STAR READ UNREAD */
	struct target target;
	bool is_starred; /* state of the first, for STAR */
};
enum mailact_result {
	MAILACT_UNKNOWN, /* the action is none of these */
	MAILACT_NOTHING, /* there was nothing to change, which was said */
	MAILACT_DONE
};
enum mailact_result mailact_do(struct ui *ui, const struct mailact *m);
void mailact_move(struct ui *ui, const struct target *t, int64_t folder);
bool mailact_leaves_list(enum action a); /* the row goes away */
/* Opens the folder picker; the target is copied. */
void mailact_pick_folder(struct ui *ui, const struct target *t, int64_t account);
/* Opens the label picker; those that `message` has are marked, and taken off when chosen. */
void mailact_pick_label(struct ui *ui, const struct target *t, int64_t account, int64_t message);

#endif
