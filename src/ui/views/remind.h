/*
 * remind.h - "remind me if nobody answers" [R27], the same from lists, conversations and the day:
 * asked for, put off and ended, each with its undo. UI thread.
 */
#ifndef CRMAIL_UI_REMIND_H
#define CRMAIL_UI_REMIND_H

#include <stdint.h>

struct buf;
struct thread_row;
struct ui;

/* Asks for when, or whether one that is there is to end. A draft has nobody to answer: said so. */
void remind_ask(struct ui *ui, const struct thread_row *t);
void remind_end(struct ui *ui, int64_t thread);
/* By days from the day when it is due, or from today when that is over. */
void remind_put_off(struct ui *ui, const struct thread_row *t, int days);
/* "reminder was today", "reminder in 3 days". */
void remind_add_words(struct buf *b, int64_t due_at, int64_t now);

#endif
