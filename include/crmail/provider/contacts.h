/*
 * contacts.h - the address book that a service keeps beside the mail: Google's contacts (People
 * API), Microsoft's (Graph) [R9].
 *
 * provider_ops.contacts reads ONE page of it. Each person is told as people of files are
 * (mail/people.h, made with mail/person.h), so that one importer takes both; `line` counts from 1
 * on each page. Blocks, on whatever one thread owns the provider; cancel() ends it.
 *
 * Cursor: opaque text the provider makes and reads. NULL = everyone there is; with that of the last
 * page of an earlier listing, who was added or changed since. Whoever keeps it does so once the
 * people are stored; a listing that breaks begins again where the last whole one ended, which
 * doubles nobody. Nobody is deleted by it: who was removed there stays here, and is counted.
 *
 * Errors: ERR_CONFLICT = the service no longer takes the cursor, begin with NULL; ERR_AUTH with
 * e->sys 403 = the sign-in does not cover contacts, ERR_AUTH else = it is none any more; ERR_PROTO
 * = what came is no page, or the listing does not end; and those of the mail.
 */
#ifndef CRMAIL_PROVIDER_CONTACTS_H
#define CRMAIL_PROVIDER_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/mail/people.h"

struct prov_contacts_sink {
	/* Not 0 ends the page, with *e as it was set. The person is borrowed for the call. */
	int (*one)(void *ctx, const struct person *p, struct err *e);
	void *ctx;
};
struct prov_contacts_page {
	size_t n_gone;      /* removed there since the cursor */
	const char *cursor; /* for the next page or, after the last, for later; in the arena */
	bool more;
};

#endif
