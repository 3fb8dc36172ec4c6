/*
 * cache_file.h - cache.db as a file: opened, emptied when it is damaged or belongs to another
 * crmail.db, made known to crmail.db. What it holds is body.c's.
 */
#ifndef CRMAIL_STORE_CACHE_FILE_H
#define CRMAIL_STORE_CACHE_FILE_H

#include "store_private.h"

/* Opens s->cache.db; a damaged file is emptied first. Before the writers run. */
int cache_file_open(struct store *s, struct err *e) NODISCARD;
/* When cache.db is not the one that crmail.db knows (lost, damaged, from before a restored copy),
 * it starts empty: every body counts as not there and every head as not indexed. */
int cache_file_match(struct store *s, struct err *e) NODISCARD;
/* Empties it while everything runs: readers see an empty cache from one statement to the next.
 * Worker thread. */
int cache_file_renew(struct store *s, struct err *e) NODISCARD;

#endif
