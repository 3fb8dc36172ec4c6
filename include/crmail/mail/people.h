/*
 * people.h - people as other programs write them into files: CSV (RFC 4180 and what the world makes
 * of it) and vCard 2.1, 3.0 (RFC 2426), 4.0 (RFC 6350).
 *
 * A file is read twice: people_probe_*() looks at its bytes and says what it is, people_reader_*()
 * gives one person after the other. Both take the bytes in pieces of any size, keep no more than a
 * row or a card (PEOPLE_MAX_*), are linear in the input and never fail on bad input: what cannot be
 * read is told with its line and passed over. Pure; any thread; a reader belongs to one thread.
 */
#ifndef CRMAIL_MAIL_PEOPLE_H
#define CRMAIL_MAIL_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#define PEOPLE_MAX_FIELD ((size_t)64 << 10) /* bytes of a cell, or of a line of a card */
#define PEOPLE_MAX_ROW ((size_t)1 << 20)    /* of a row, or of what is kept of a card */
#define PEOPLE_MAX_COLUMNS 512
#define PEOPLE_MAX_VALUES 50 /* addresses, phones, domains of one person */

enum people_field {
	PEOPLE_NONE, /* a column that is not taken over */
	PEOPLE_NAME,
	PEOPLE_FIRST,
	PEOPLE_MIDDLE,
	PEOPLE_LAST,
	PEOPLE_EMAIL,
	PEOPLE_PHONE,
	PEOPLE_COMPANY,
	PEOPLE_DOMAIN, /* or web page of the company */
	PEOPLE_TITLE,
	PEOPLE_NOTE,
	PEOPLE_OWNER,
	PEOPLE_FIELD_COUNT
};
/* "name", "first_name", ... as --map takes them; "-" for PEOPLE_NONE. Valid for ever. */
const char *people_field_name(enum people_field f);
bool people_field_of(const char *name, enum people_field *out);

struct people_list {
	const char *const *v;
	size_t n;
};
/* Valid UTF-8 without control characters, trimmed; NULL or n == 0: not there. Borrowed for the
 * call. */
struct person {
	int64_t line; /* in the file, from 1 */
	const char *name, *first_name, *last_name, *title, *company, *note, *owner;
	struct people_list emails;  /* "local@domain" each, preferred one first, each once */
	struct people_list phones;  /* as written */
	struct people_list domains; /* hosts in lower case without "www." */
	bool is_group;              /* a card for a list of people */
	bool has_bad_address;       /* something under "email" is none */
};

enum people_kind { PEOPLE_CSV, PEOPLE_VCARD };
struct people_format {
	enum people_kind kind;
	const char *charset; /* a name that charset_decode() knows; valid for ever */
};

/* ---- looking ---------------------------------------------------------------------------------*/

struct people_probe {
	unsigned char head[512];
	size_t n_head;
	uint64_t n, zero_even, zero_odd; /* NUL bytes at even and odd places */
	uint64_t good, bad;              /* sequences that are, or cannot be, UTF-8 */
	uint64_t marks, stray_marks,
		viet;  /* as Windows-1258: tone marks, wrong ones, its letters */
	unsigned need; /* continuation bytes still to come */
	unsigned char before;
};
#define PEOPLE_PROBE_INIT ((struct people_probe){.n = 0})
void people_probe_add(struct people_probe *p, const char *bytes, size_t n);
void people_probe_end(const struct people_probe *p, struct people_format *out);

/* ---- reading ---------------------------------------------------------------------------------*/

/* How the columns were understood; told before the first person. Cards have none. */
struct people_column {
	const char *title; /* as the file has it; "" = none */
	enum people_field field;
};
struct people_handler {
	/* Not 0 ends the reading: people_reader_add() gives -1 with *e as the handler set it. */
	int (*person)(void *ctx, const struct person *p, struct err *e);
	/* Something that was passed over: from which line, and a translated sentence. */
	void (*passed)(void *ctx, int64_t line, const char *why);
	void (*columns)(void *ctx, const struct people_column *v,
		size_t n); /* NULL = no interest */
	void *ctx;
};
struct people_options {
	struct people_format format;
	char separator; /* of CSV: , ; | or tab; 0 = found out */
	/* Columns by title (case folded) or number from 1, over what crmail finds itself. */
	const struct people_column *map;
	size_t n_map;
};

struct people_reader;
/* ERR_USAGE: an unknown charset. The options' strings are borrowed for the reader's life. */
int people_reader_open(struct people_reader **out, const struct people_options *o,
	const struct people_handler *h, struct err *e) NODISCARD;
int people_reader_add(struct people_reader *r, const char *bytes, size_t n,
	struct err *e) NODISCARD;
/* ERR_USAGE when no column can be told to be an address, a name or a phone number. */
int people_reader_end(struct people_reader *r, struct err *e) NODISCARD;
void people_reader_close(struct people_reader *r); /* NULL is fine */

/* Rows and cards of crmail's own, which it reads back as they were. */
struct buf;
void people_write_csv_head(struct buf *out);
void people_write_csv(struct buf *out, const struct person *p);
void people_write_vcard(struct buf *out, const struct person *p); /* 4.0 */

#endif
