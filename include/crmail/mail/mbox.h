/*
 * mbox.h - cutting an mbox file into messages (mboxrd and mboxo: a line "From " after an empty
 * line begins a message; ">From " is unquoted). Pure; any thread.
 */
#ifndef CRMAIL_MBOX_H
#define CRMAIL_MBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/str.h"

struct buf;

bool mbox_is(const char *p, size_t n); /* begins with "From " */
/* Takes the next message from *rest: raw bytes without the "From " line; false at the end. */
bool mbox_next(struct span *rest, struct span *message);
/* Appends the message with one '>' taken from every line of the form >...>From . */
void mbox_unquote(struct buf *out, struct span message);

#endif
