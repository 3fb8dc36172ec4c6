/*
 * blocks_words.h - the phrases of many languages by which quotes, forwards and signatures are
 * known. Data and matching, no structure (blocks.c). Private to src/mail. Pure; any thread.
 *
 * Matching folds ASCII case and, in Latin, Greek and Cyrillic words, nothing else: the tables hold
 * the spellings that programs write.
 */
#ifndef CRMAIL_BLOCKS_WORDS_H
#define CRMAIL_BLOCKS_WORDS_H

#include <stdbool.h>

#include "crmail/base/str.h"

enum header_label { LABEL_NONE, LABEL_FROM, LABEL_DATE, LABEL_TO, LABEL_CC, LABEL_SUBJECT };

/* "wrote", "schrieb", ...: the verb of an attribution line stands in s as a word. */
bool words_have_verb(struct span s);
/* The line begins as attribution lines begin ("On ", "Am ", a weekday, a digit). */
bool words_are_lead(struct span s);
/* The line begins with a word such as "On" that nothing but an attribution's style explains. */
bool words_are_phrase_lead(struct span s);
/* Words by which a sentence of one's own is known: pronouns, conjunctions. */
bool words_have_own(struct span s);
/* "Original Message" and its like, without the dashes around. */
bool words_are_original(struct span s);
/* "Forwarded message", "Begin forwarded message:" and their like, without dashes. *bare says that
 * the phrase is known to stand without dashes too. */
bool words_are_forward(struct span s, bool *bare);
/* "From: ...": which label the line begins with (bold marks "*From:*" allowed). */
enum header_label words_label(struct span s);
/* "Sent from my iPhone", "Get Outlook for iOS". */
bool words_are_device(struct span s);

#endif
