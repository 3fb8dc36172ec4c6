/*
 * people.h - the address fields of a message being written: a list of people in one line of text,
 * taken apart into tokens, with completion from correspondents, and a picker. The text stays what
 * counts: it is edited, saved and undone like any other.
 */
#ifndef CRMAIL_UI_PEOPLE_H
#define CRMAIL_UI_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/addr.h"
#include "crmail/store/correspondent.h"

#include "ui/jobs.h"
#include "ui/view.h"

#define PEOPLE_TOKENS_MAX 200 /* of one field are marked; the rest is plain text */

enum token_state {
	TOKEN_OPEN, /* nothing ends it yet: being typed */
	TOKEN_GOOD,
	TOKEN_KNOWN, /* a contact */
	TOKEN_BAD,   /* no address */
};
struct people_token {
	size_t start, len; /* of the text, without blanks around it and without what ends it */
	enum token_state state;
};

/* ---- pure: people_text.c ---- */
/* Tokens of a list: separated by "," or ";" outside quotes, brackets and comments. The last one is
 * TOKEN_OPEN when nothing ends it. Returns how many, at most `max`. */
size_t people_split(const char *text, size_t n, struct people_token *out, size_t max);
bool people_is_address(const char *addr);
/* The one address of a token; false: none, several, or no address. Strings in the arena. */
bool people_parse(struct arena *a, const char *p, size_t n, struct addr *out);
/* Name <addr>, quoted where needed, for people to read and addr_parse to take. */
void people_add_addr(struct buf *out, const struct addr *a);
/* Text that was pasted: line ends and tabs separate too. */
void people_add_pasted(struct buf *out, const char *p, size_t n);

/* ---- who matches, and who is known: people_job.c; reader thread ---- */
struct people_job {
	struct job job;
	struct correspondent_query query; /* text NULL: nobody is looked for */
	char **addrs;                     /* to be told whether they are contacts */
	bool *is_known;
	size_t n_addrs;
	struct arena arena; /* of what was found */
	struct correspondent_row *found;
	size_t n_found;
};
/* Copies the text; addrs are taken over. */
struct people_job *people_job_new(const struct correspondent_query *q, char **addrs, size_t n_addrs,
	int64_t generation);

/* ---- the picker: people_view.c ---- */
extern const struct view_ops people_view_ops;
struct people_args {
	int64_t account;
	/* Called after the picker closed. */
	void (*chosen)(struct ui *ui, const struct addr *who);
};

#endif
