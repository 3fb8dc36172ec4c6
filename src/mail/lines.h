/*
 * lines.h - walks over the lines of foreign bytes. LF, CRLF and a lone CR end a line. The positions
 * of the next LF and CR are remembered, so that a walk is linear whatever the line ends are.
 * Private to src/mail. Any thread.
 */
#ifndef CRMAIL_MAIL_LINES_H
#define CRMAIL_MAIL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/str.h"

struct line_scan {
	const char *p;       /* where the next line begins */
	const char *end;     /* of the input */
	const char *lf, *cr; /* next LF and CR not before p, `end` = none; NULL = not looked yet */
};

struct line_scan line_scan_of(const char *p, size_t n);
/* Takes one line; *line is without its end, s->p stands behind the end. False at the end. */
bool line_next(struct line_scan *s, struct span *line);

#endif
