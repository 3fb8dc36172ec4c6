/*
 * backup.h - copies of crmail.db in `backup/`, one a day, the last few of them. A copy counts only
 * after SQLite found nothing wrong in it. Any thread, connections of its own.
 */
#ifndef CRMAIL_STORE_BACKUP_H
#define CRMAIL_STORE_BACKUP_H

#include <stdbool.h>

#include "stopper.h"
#include "store_private.h"

enum { BACKUP_DAY = 11 }; /* "2026-11-21" and its end */

/* Today as the name of a copy has it. */
void backup_today(const struct store *s, char day[BACKUP_DAY]);
bool backup_exists(const char *dir, const char *day);
char *backup_path(const char *dir, const char *day); /* free() */
/* Whether the file is a whole database; a damaged one is ERR_DB. It is opened read-only. */
int backup_verify(const char *path, struct stopper *st, struct err *e) NODISCARD;

/* Copies, verifies, and removes what is older than the last few. Readers and the writer go on
 * meanwhile. ERR_TOOBIG: the disk is nearly full, nothing was written. ERR_DB: crmail.db is
 * damaged, the older copies stay. */
int backup_make(struct store *s, struct stopper *st, struct err *e) NODISCARD;

/* A copy of today, and no other: what was purged is in none of them, nor in what upgrades kept. */
int backup_renew(struct store *s, struct err *e) NODISCARD;
/* The folder's entries are on disk. */
int backup_sync(const char *folder, struct err *e) NODISCARD;
/* Not 0: a copy took the place of crmail.db, and that is not settled yet. */
int backup_restored_mark(struct db *d, int64_t *out, struct err *e) NODISCARD;
/* In the first transaction after a copy took the place of crmail.db. */
int backup_settle_restored(struct store *s, struct err *e) NODISCARD;

#endif
