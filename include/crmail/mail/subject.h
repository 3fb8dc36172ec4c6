/* subject.h - reply and forward prefixes in many languages, and the base subject. Pure. */
#ifndef CRMAIL_SUBJECT_H
#define CRMAIL_SUBJECT_H

#include <stdbool.h>

struct buf;

/* Appends the folded subject without reply/forward prefixes, list tags kept; *is_reply and
 * *is_forward (may be NULL) say which kinds were there. Used for threading by subject. */
void subject_base(struct buf *out, const char *subject, bool *is_reply, bool *is_forward);
/* "Re: " once before the subject stripped of reply prefixes (forward prefixes stay). */
void subject_reply(struct buf *out, const char *subject);
void subject_forward(struct buf *out, const char *subject);

#endif
