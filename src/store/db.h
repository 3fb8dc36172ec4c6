/*
 * db.h - one SQLite connection with its prepared statements. Private to src/store.
 *
 * SQL is given as named constants; a statement is prepared once per connection and found again by
 * the constant's address. A struct db belongs to one thread, but db_interrupt() may come from any.
 *
 * Bound text and blobs are borrowed until the statement is reset: db_run() and db_value() reset
 * before they return; a caller of db_query() steps to the end or calls sqlite3_reset().
 */
#ifndef CRMAIL_STORE_DB_H
#define CRMAIL_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct setting;

#define DB_STATEMENTS 1024 /* slots; more constants than this is a bug */

struct db_slot {
	const char *sql; /* NULL = free */
	sqlite3_stmt *stmt;
};

struct db {
	sqlite3 *h;
	/* Called, in the thread that uses the connection, when a file turns out to be damaged; NULL
	 * = nobody wants to know. */
	void (*on_damage)(void *ctx);
	void *damage_ctx;
	struct db_slot slots[DB_STATEMENTS];
};

enum db_flags { DB_READONLY = 1 << 0, DB_CREATE = 1 << 1 };

/* vfs NULL = the system's. A file that is made, and one that is there, is 0600. ERR_DB, ERR_IO. */
int db_open(struct db *d, const char *path, unsigned flags, const char *vfs,
	struct err *e) NODISCARD;
void db_close(struct db *d);
/* None of them may be running; they are prepared again when they are needed. */
void db_forget_statements(struct db *d);

/* What a file of ours is from its beginning: a WAL, pages that can be given back. One that is so
 * already is not written. */
int db_make_ours(struct db *d, struct err *e) NODISCARD;

/* Runs a script of ours without data in it. */
int db_script(struct db *d, const char *sql, struct err *e) NODISCARD;

/* The statement of `sql`, reset, with the values bound by `fmt`: i int64_t, t const char * (NULL
 * allowed), b const void * + size_t (NULL allowed), z null. */
int db_query(struct db *d, sqlite3_stmt **out, struct err *e, const char *sql, const char *fmt,
	...) NODISCARD;
/* 1 a row, 0 the end (the statement is reset), -1 failed (reset too). */
int db_step(struct db *d, sqlite3_stmt *s, struct err *e) NODISCARD;
/* Runs a statement that gives no rows. */
int db_run(struct db *d, struct err *e, const char *sql, const char *fmt, ...) NODISCARD;
/* First column of the first row into *out; without a row *out keeps its value. */
int db_value(struct db *d, int64_t *out, struct err *e, const char *sql, const char *fmt,
	...) NODISCARD;

int64_t db_changes(const struct db *d);
/* Text of a column in the arena; NULL for NULL. */
char *db_text(struct arena *a, sqlite3_stmt *s, int column);
/* The text that `sql` gives for an id and a word: settings. NULL when there is none, or it cannot
 * be read. In the arena. */
const char *db_setting(struct db *d, struct arena *a, const char *sql, int64_t id, const char *key);
/* All settings that `sql` gives for an id: names and values. In the arena. */
int db_settings(struct db *d, struct arena *a, const char *sql, int64_t id, struct setting **out,
	size_t *n, struct err *e) NODISCARD;
/* The text that `sql` gives for an id; *out stays as it is when there is no row. In the arena. */
int db_text_of(struct db *d, struct arena *a, const char *sql, int64_t id, const char **out,
	struct err *e) NODISCARD;
/* Translates the connection's last result. Returns -1. */
int db_fail(struct db *d, int rc, struct err *e);

#endif
