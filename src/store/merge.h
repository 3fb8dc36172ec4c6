/*
 * merge.h - keeps the full-text index in few pieces: each batch of mail adds one, a word is looked
 * for in every piece, and SQLite by itself joins them only when there are four of a size.
 */
#ifndef CRMAIL_STORE_MERGE_H
#define CRMAIL_STORE_MERGE_H

#include "stopper.h"
#include "store_private.h"

/* Joins pieces of like size, a little at a time, until there are no two. What is joined doubles
 * each time, so that a word is written anew only a few times in all. Care's thread. */
int merge_index(struct store *s, struct stopper *st, struct err *e) NODISCARD;

#endif
