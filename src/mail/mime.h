/*
 * mime.h - what the files of the MIME splitter share. Private to src/mail. Any thread.
 */
#ifndef CRMAIL_MAIL_MIME_H
#define CRMAIL_MAIL_MIME_H

#include "crmail/mail/message.h"

/* Fills type, charset, filename, disposition, encoding, ... of a part from its fields. `type` is
 * the default where none is written. *boundary gets the boundary of a multipart, else NULL.
 * Results live in the arena; `scratch` may be reset afterwards. */
void mime_read_fields(struct arena *a, struct arena *scratch, const struct header_block *h,
	const char *type, struct mime_part *part, const char **boundary);

/* Splits [p, p + n), a whole message, into the tree below *root; the fields of its own header are
 * `headers`. Returns warnings. */
unsigned mime_split(struct arena *a, const char *p, size_t n, const struct header_block *headers,
	struct mime_part **root);

/* The part behind `p` in document order below `root`, NULL at the end. Messages are not entered
 * (formats.md: an attachment as a whole). */
const struct mime_part *mime_next_leaf(const struct mime_part *root, const struct mime_part *p);

bool mime_is_multipart(const struct mime_part *p);
bool mime_is_message(const struct mime_part *p); /* message/rfc822 and its UTF-8 twin */

/* RFC 3676: appends text with LF line ends, soft line ends joined, stuffing removed. */
void flowed_join(struct buf *out, const char *p, size_t n, bool delsp);
/* The other way: LF text to flowed text with LF line ends, lines of at most 78 columns where they
 * are not quoted. */
void flowed_split(struct buf *out, const char *p, size_t n);

#endif
