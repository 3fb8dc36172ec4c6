/*
 * signature.h - who wrote a mail, as its From field and its signature say: what a form for a new
 * contact is filled in with. Guesses, for a person to look over; what is not found is NULL.
 * Linear in the text, of which it reads a bounded part; never fails. Pure; any thread.
 *
 * Read are the blocks marked as signature, and before them the lines that follow a closing phrase
 * ("Best regards") or the writer's name alone, at the end of the writer's own words.
 *
 * Order of names: "Palmer, Laura" and "DUPONT Marie" are turned; the last word is the last name,
 * with "von", "de" and the like in front of it. Nguyễn and other Vietnamese family names are the
 * last name wherever they stand: "Nguyễn Văn An" is first name "Văn An". Chinese, Japanese and
 * Korean names in their own writing begin with the family name: the first of two words, else one
 * character (two of the well-known double names, two of four). Where that cannot be told (kana
 * without a blank) all of it is the last name.
 */
#ifndef CRMAIL_MAIL_SIGNATURE_H
#define CRMAIL_MAIL_SIGNATURE_H

#include <stddef.h>

#include "crmail/mail/addr.h"
#include "crmail/mail/render.h"

struct arena;

#define SIGNATURE_PHONES 4
#define SIGNATURE_ADDRS 4

struct signature_in {
	struct addr from;                  /* addr NULL = unknown */
	struct addr reply_to;              /* addr NULL = none */
	const struct render_block *blocks; /* of the body (render_doc) */
	size_t n_blocks;
};

struct signature { /* valid UTF-8, one line each, unsanitised only where From and Reply-To are */
	const char *first_name, *last_name;
	const char *title, *company;
	/* As written, but for blanks that are no use; faxes are left out. */
	const char *phones[SIGNATURE_PHONES];
	size_t n_phones;
	const char *addrs[SIGNATURE_ADDRS]; /* other than From's */
	size_t n_addrs;
	const char *host; /* of the web site, lower case, without "www." */
};

/* Strings in the arena. */
void signature_read(struct arena *a, const struct signature_in *in, struct signature *out);
/* A name into its two parts; either may come out NULL. */
void signature_split_name(struct arena *a, const char *name, const char **first, const char **last);

#endif
