/* mimetest.h - a parsed message as short text, for the tests of the MIME reader. */
#ifndef CRMAIL_TEST_MIMETEST_H
#define CRMAIL_TEST_MIMETEST_H

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/message.h"

/* The tree as `multipart/mixed(text/plain image/png)`. */
void mimetest_tree(const struct message *m, struct buf *out);
/* The names of the warnings, joined by blanks, in the order of the enum. */
void mimetest_warnings(unsigned warnings, struct buf *out);

#endif
