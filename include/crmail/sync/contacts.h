/*
 * contacts.h - the address book that an account's service keeps, into a CRM without a remote
 * (store/people.h) [R9]: everyone the first time, then who changed. Found and merged as people of
 * files are, and taken back like the import of a file (people_undo), after which the next one reads
 * everyone again. Nobody is removed here because he was removed there.
 */
#ifndef CRMAIL_SYNC_CONTACTS_H
#define CRMAIL_SYNC_CONTACTS_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/people.h"

struct clock_src;
struct net_cancel;
struct secret_store;
struct tls_trust;

struct contacts_order { /* borrowed for the call */
	struct store *store;
	int64_t account;
	/* Where to, whether it is only looked, and who is told; what is about files is not used. */
	struct people_import_options import;
	struct secret_store *secrets; /* where the account's sign-in lies must be open */
	struct tls_trust *trust;
	const struct clock_src *clock;
	struct net_cancel *cancel; /* NULL = nobody will stop it */
	int deadline_ms;           /* of one network step; 0 = default */
};
struct contacts_result {
	struct people_counts counts;
	int64_t n_gone;  /* removed there since the last import */
	bool is_changes; /* only who changed since then was asked for */
};

/* Blocks for as long as the service takes; any thread. What was stored before a failure stays, and
 * comes again with the next import, which doubles nobody. ERR_UNSUPPORTED: the account's service
 * has no address book; ERR_AUTH: what to do is in the sentence; ERR_NOTFOUND: no such account. */
int contacts_import(const struct contacts_order *o, struct contacts_result *out,
	struct err *e) NODISCARD;

#endif
