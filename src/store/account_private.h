/* account_private.h - what other files of src/store ask of accounts and folders. */
#ifndef CRMAIL_STORE_ACCOUNT_PRIVATE_H
#define CRMAIL_STORE_ACCOUNT_PRIVATE_H

#include "crmail/store/account.h"

#include "store_private.h"

struct own_addresses {
	const char **v; /* normalised without "+tag"; NULL-ended */
	size_t n, cap;
};

/* account 0 = those of all accounts. */
int account_own_read(struct db *d, struct arena *a, int64_t account, struct own_addresses *own,
	struct err *e) NODISCARD;
bool account_own_has(const struct own_addresses *own, const char *norm);

/* Takes every message out of the folders and brings conversations and counters up to date. */
int account_drop_placements(struct write *w, int64_t account, struct err *e) NODISCARD;
int folder_drop_placements(struct write *w, int64_t folder, struct err *e) NODISCARD;

#endif
