/* peopletest.h - files of people read in pieces, and what came of it as one text to compare. */
#ifndef CRMAIL_TEST_PEOPLETEST_H
#define CRMAIL_TEST_PEOPLETEST_H

#include <stddef.h>

#include "crmail/base/buf.h"
#include "crmail/mail/people.h"

/* For every person a line: the line it began at, and what is there of name, <first>, <last>,
 * addresses, phones, company, domains, title, owner, note as "key=value" between blanks; what was
 * passed over as "LINE passed"; the failure as "error". Read in pieces of `piece` bytes. */
void people_told(struct buf *out, const char *bytes, size_t n, size_t piece, const char *charset,
	char separator);
/* The text of all piece sizes that matter, which must be one; the probe chooses the charset. */
void assert_people(const char *bytes, size_t n, const char *expected);

#endif
