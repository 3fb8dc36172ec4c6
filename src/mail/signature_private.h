/* signature_private.h - what the files that read a signature share. Private to src/mail. */
#ifndef CRMAIL_MAIL_SIGNATURE_PRIVATE_H
#define CRMAIL_MAIL_SIGNATURE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/str.h"
#include "crmail/mail/signature.h"

struct arena;

#define SIGNATURE_LINES 24       /* that are looked at */
#define SIGNATURE_LINE_BYTES 240 /* longer ones are sentences */

struct reading { /* of one signature */
	struct arena *a;
	struct signature *out;
	const char *own_addr;  /* "" = unknown */
	const char *raw_name;  /* "Laura Palmer", whatever the order in From; "" = unknown */
	const char *name;      /* the same, folded */
	const char *own_label; /* of the address's domain: "dafaneto"; "" = none */
	struct span lines[SIGNATURE_LINES];
	size_t n;
	const char *maybe_title; /* what stands below the name and has no word of a job */
	const char *signed_name; /* the name as the signature has it */
	bool is_after_name;
};

/* signature.c */
const char *signature_fold(struct arena *a, struct span s);

/* signature_places.c: what a line has is taken; whether there was any. */
bool signature_take_phones(struct reading *r, struct span line);
bool signature_take_places(struct reading *r, struct span line);
void signature_add_address(struct reading *r, const char *addr);
/* With ordinary blanks in the place of others, and of dividers. */
struct span signature_plain_blanks(struct arena *a, struct span s);

#endif
