/*
 * mail_template.h - templates of mails: text with "{{contact.first_name}}" in it, and the Markdown
 * file with front matter that holds one. (The profiles of CRMs have a language of their own, in
 * src/crm/template.h, that knows types and places; this one knows sentences.) Pure; any thread.
 *
 * The language:
 *	{{NAME}}  {{NAME|FILTER|FILTER:ARGUMENT}}
 *	{{date}}  {{date+3d}}                     today, N days (d), working days (b), weeks (w),
 *	                                          months (m) from today
 *	{{if NAME}} {{if not NAME}} {{if NAME = TEXT}} {{if NAME != TEXT}}
 *	{{else}} {{else if ...}} {{end}}          on a line of their own they take the line away
 * A NAME of the groups contact, partner, deal, me and thread is one of
 * mail_template_known(); any other is a question to the writer. Nothing else is there: no loop, no
 * file, no command, and what is filled in is never read as a template again. One pass over the
 * text, bounded by the sizes below, whatever the text says.
 *
 * A variable without a value and without `default` leaves a gap: it stays in the text as it was
 * written, and is named. Who sends looks for what is left (mail_template_find_gap()).
 */
#ifndef CRMAIL_MAIL_TEMPLATE_H
#define CRMAIL_MAIL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/str.h"

struct arena;
struct buf;

#define MAIL_TEMPLATE_BYTES ((size_t)64 << 10) /* of a file */
#define MAIL_TEMPLATE_FILLED ((size_t)1 << 20) /* of a filled text */
#define MAIL_TEMPLATE_NAME 64                  /* of a variable, its end included */
#define MAIL_TEMPLATE_DEPTH 8                  /* of conditions */
#define MAIL_TEMPLATE_FILTERS 4                /* of one variable */
#define MAIL_TEMPLATE_VALUE ((size_t)4000)     /* bytes of a value; the rest is cut off */
#define MAIL_TEMPLATE_GAPS 24                  /* variables that are asked for */

enum mail_template_kind {
	MAIL_TEMPLATE_TEXT,
	MAIL_TEMPLATE_DATE, /* text: YYYY-MM-DD */
	MAIL_TEMPLATE_MONEY /* text: "12000.50 EUR", the currency may be missing */
};
struct mail_template_value {
	const char *name;
	const char *text; /* foreign is fine: made one harmless line; NULL and "" = no value */
	enum mail_template_kind kind;
};
struct mail_template_values { /* the first of a name counts */
	const struct mail_template_value *v;
	size_t n;
	int64_t now;        /* seconds UTC */
	int utc_offset_min; /* of the day that `date` is */
	const char *lang;   /* "en", "de", "vi": how dates and numbers are written; NULL, other:
			     * as in 2026-11-22 and 12000.50 */
};

/* ---- the language -----------------------------------------------------------------------------*/

struct mail_template_gap {
	char name[MAIL_TEMPLATE_NAME];
	size_t line; /* of the text, from 1 */
};
struct mail_template_gaps { /* each variable once, in the order of the text */
	struct mail_template_gap v[MAIL_TEMPLATE_GAPS];
	size_t n;
};

/* Whether it is a template: ERR_PARSE, the sentence begins with the line, counted from
 * `first_line`. All branches are looked at. */
int mail_template_check(const char *text, size_t first_line, struct err *e) NODISCARD;
/* Appends the filled text. Gaps are added to those that are there. ERR_PARSE; ERR_TOOBIG. */
int mail_template_fill(const char *text, const struct mail_template_values *values, struct buf *out,
	struct mail_template_gaps *gaps, struct err *e) NODISCARD;

/* Every variable that needs no asking, ending with NULL: "contact.first_name" ... */
const char *const *mail_template_known(void);
/* A name as variables have it. */
bool mail_template_is_name(struct span name);

/* The first "{{...}}" of a text to be sent, outside what is quoted with ">" or forwarded. *line
 * counts from 1. False: there is none. */
bool mail_template_find_gap(const char *text, struct span *gap, size_t *line);

/* ---- the file ---------------------------------------------------------------------------------*/

struct mail_template_question {
	const char *name, *label; /* variable, and what the writer is asked */
};
struct mail_template { /* strings in the arena; NULL = not given */
	const char *name;
	const char *about;   /* one line: what it is for */
	const char *subject; /* template text */
	const char *lang;
	const char *crm;  /* only for accounts of the CRM of that name */
	const char *body; /* template text, LF line ends, one at the end unless empty */
	size_t body_line;
	const struct mail_template_question *questions;
	size_t n_questions;
};

/*
 * Reads a file:
 *	---
 *	name: Offer sent            what it is called; else the file's name
 *	about: ...                  a line for the list
 *	subject: Offer {{offer}}    of a mail that has none yet
 *	lang: de
 *	crm: sales
 *	ask.offer: Which offer?     the label of a question
 *	---
 *	Hello {{contact.first_name|default:there}},
 * A file without front matter is all body. ERR_PARSE, the sentence begins with the line;
 * ERR_TOOBIG.
 */
int mail_template_parse(struct arena *a, const char *p, size_t n, struct mail_template *out,
	struct err *e) NODISCARD;
/* What the writer is asked for a variable: the label given, else the name in words ("offer
 * number"). Valid as long as the template; appended to out. */
void mail_template_add_label(const struct mail_template *t, const char *name, struct buf *out);

#endif
