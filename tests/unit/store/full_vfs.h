/*
 * full_vfs.h - an SQLite VFS whose disk is full from the n-th write on, for the tests of src/store.
 * It stands on the system's own.
 */
#ifndef CRMAIL_TEST_STORE_FULL_VFS_H
#define CRMAIL_TEST_STORE_FULL_VFS_H

#include <stdint.h>

extern const char FULL_VFS_NAME[];

int full_vfs_register(void); /* SQLITE_OK */
/* The n-th write from now fails, and all after it; 0 = none does. Starts the count anew. */
void full_vfs_fail_at(int64_t n);
int64_t full_vfs_writes(void); /* since then */

#endif
