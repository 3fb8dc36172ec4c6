/* line_diff.h - what differs between two texts, line by line. Pure; any thread. */
#ifndef CRMAIL_MAIL_LINE_DIFF_H
#define CRMAIL_MAIL_LINE_DIFF_H

#include <stddef.h>

struct buf;

/* Appends every line of both, each with "  " (both have it), "- " (only the first) or "+ " (only
 * the second) before it. The shortest way from one to the other as long as what differs is some
 * thousand lines; beyond that, the old lines and then the new ones. Returns how many differ. */
size_t line_diff(const char *was, const char *is, struct buf *out);

#endif
