/*
 * param.h - fields of the form `value; name=value; ...` (RFC 2045, 2183) with the continuations
 * and charsets of RFC 2231. Private to src/mail. Any thread.
 */
#ifndef CRMAIL_MAIL_PARAM_H
#define CRMAIL_MAIL_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/str.h"

struct arena;

#define PARAM_MAX 1000 /* of one field; later ones are dropped */

struct param {
	struct span name;  /* without "*0*" */
	struct span value; /* unquoted, still encoded */
	unsigned section;  /* N of "name*N", else 0 */
	bool extended;     /* "name*", "name*N*": percent escapes, charset in front of the first */
	bool continued;    /* "name*N", "name*N*" */
};

struct param_list {
	struct span value; /* in front of the first ';', trimmed */
	const struct param *v;
	size_t n;
};

/* Everything lives in the arena, the field's value may go. */
void param_parse(struct arena *a, struct span field, struct param_list *out);
/* Decoded (RFC 2231, RFC 2047, raw 8-bit), valid UTF-8; NULL = no such parameter. The extended
 * form wins over the plain one, the first over later ones. */
const char *param_text(struct arena *a, const struct param_list *l, const char *name);

#endif
