/* account_words.h - which settings an account takes, and what they may say. Main thread. */
#ifndef CRMAIL_CLI_ACCOUNT_WORDS_H
#define CRMAIL_CLI_ACCOUNT_WORDS_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

/* ERR_USAGE with one sentence when there is no such setting (crmail-config(5)), or not with that
 * value. */
int account_word_check(const char *key, const char *value, struct err *e) NODISCARD;

#endif
