/* migrate.h - brings a database file to the schema of this program. Private to src/store. */
#ifndef CRMAIL_STORE_MIGRATE_H
#define CRMAIL_STORE_MIGRATE_H

#include "schema.h"
#include "store_private.h"

/* Runs what is missing, each file in a transaction of its own with its user_version. A crmail.db
 * that holds data is copied to NAME.vN first, and no host may run meanwhile (ERR_IO). ERR_CONFLICT:
 * the file is of a newer version. */
int migrate(struct db *d, enum schema_db which, const char *path, const struct store_options *o,
	struct err *e) NODISCARD;
int migrate_latest(enum schema_db which);

#endif
