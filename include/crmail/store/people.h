/*
 * people.h (store) - contacts imported from files (mail/people.h), or from an account's address
 * book, into a CRM without a remote, and the last such import taken back.
 *
 * A person is found again by any of its addresses, one without an address by its name. The file
 * wins where it says something, addresses and phone numbers are added to what is there; so a file
 * that is imported again changes nothing. Written in batches, each a commit of its own: one that
 * is stopped keeps what it did. Blocks; any thread but the screen's.
 */
#ifndef CRMAIL_STORE_PEOPLE_H
#define CRMAIL_STORE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/mail/people.h"

struct arena;
struct people_importer;
struct store;
struct store_reader;

enum people_outcome {
	PEOPLE_NEW,
	PEOPLE_UPDATED,
	PEOPLE_SAME,
	PEOPLE_REPEATED, /* stood in the files before; fills gaps there */
	PEOPLE_SKIPPED,
	PEOPLE_OUTCOME_COUNT
};
const char *people_outcome_name(enum people_outcome o); /* "new", ...; valid for ever */

struct people_import_options { /* borrowed for the importer's life */
	int64_t crm;           /* where to; 0 with only_look: there is none yet */
	bool only_look;        /* counts what it would do and writes nothing */
	const char *charset;   /* NULL = found out for each file */
	char separator;        /* 0 = found out */
	const struct people_column *map;
	size_t n_map;
	bool (*is_freemail)(const char *domain); /* such a domain is nobody's company */
	/* All of them may be NULL. */
	void (*file)(void *ctx, const struct people_format *format);
	void (*columns)(void *ctx, const struct people_column *v, size_t n);
	void (*person)(void *ctx, const struct person *p); /* each as it was read */
	void (*skipped)(void *ctx, int64_t line, const char *why);
	/* Between batches: bytes read and all of the file. Not 0 stops: ERR_CANCELLED. */
	int (*progress)(void *ctx, int64_t done, int64_t total);
	void *ctx;
};
struct people_counts {
	int64_t n[PEOPLE_OUTCOME_COUNT];
	int64_t partners; /* new ones */
	bool has_written; /* there is something to undo */
};

int people_importer_open(struct people_importer **out, struct store *s,
	const struct people_import_options *o, struct err *e) NODISCARD;
/* ERR_IO, ERR_USAGE (charset, columns), ERR_CANCELLED. What was done before stays done. */
int people_importer_file(struct people_importer *im, const char *path, struct err *e) NODISCARD;
/* People who come from elsewhere, one by one (borrowed for the call), and the end of them. */
int people_importer_add(struct people_importer *im, const struct person *p,
	struct err *e) NODISCARD;
int people_importer_end(struct people_importer *im, struct err *e) NODISCARD;
const struct people_counts *people_importer_counts(const struct people_importer *im);
void people_importer_close(struct people_importer *im); /* NULL is fine */

struct people_undone {
	int64_t removed, restored;
	int64_t kept; /* edited or used since */
};
/* Takes the last import back, batch by batch. ERR_NOTFOUND: there is none. */
int people_undo(struct store *s, struct people_undone *out, struct err *e) NODISCARD;

/* The CRM without a remote to import into: the one of that name, or the only one; 0 = there is
 * none (name NULL), ERR_NOTFOUND, or ERR_USAGE when it has a remote or there are several. */
int people_find_crm(struct store_reader *r, const char *name, int64_t *crm,
	struct err *e) NODISCARD;
/* Makes it, with the profile "local" that no server belongs to. */
int people_make_crm(struct store *s, const char *name, int64_t *crm, struct err *e) NODISCARD;

/* A page of contacts as people_write_*() take them: those of a CRM (0 = of all) behind row *last,
 * which moves on; n == 0 at the end. `note` is the contact's first. In the arena; any thread with
 * its own reader. */
int people_page(struct store_reader *r, struct arena *a, int64_t crm, size_t limit, int64_t *last,
	struct person **out, size_t *n, struct err *e) NODISCARD;

#endif
