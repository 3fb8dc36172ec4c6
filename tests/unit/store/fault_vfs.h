/*
 * fault_vfs.h - an SQLite VFS over the system's own that breaks as disks do: full from the n-th
 * write on, or without power at the n-th. One process, any thread.
 */
#ifndef CRMAIL_TEST_STORE_FAULT_VFS_H
#define CRMAIL_TEST_STORE_FAULT_VFS_H

#include <stdint.h>

extern const char FAULT_VFS_NAME[];

int fault_vfs_register(void); /* SQLITE_OK */
/* The n-th write from now fails, and all after it; 0 = none does. Starts the count anew. */
void fault_vfs_fail_at(int64_t n);
/* At the n-th write or sync from now the power fails: the process is killed, and of what was
 * written since the last sync of each file nothing is left, or, with a seed, one write in two. */
void fault_vfs_lose_power_at(int64_t n, uint32_t seed);
int64_t fault_vfs_writes(void); /* writes and syncs since then */

#endif
