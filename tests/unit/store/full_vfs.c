/* full_vfs.c - see full_vfs.h. Only xOpen and xWrite differ from the VFS below. */
#include "config.h"

#include "tests/unit/store/full_vfs.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include <sqlite3.h>

const char FULL_VFS_NAME[] = "full";

static atomic_int_fast64_t writes, fail_at;

/* The file below follows the struct. Its methods are called with itself, so that every method but
 * xWrite is reached through a copy of its table that knows nothing of us. */
struct full_file {
	sqlite3_file base;
	sqlite3_io_methods methods; /* those below, but for xWrite */
	int (*write)(sqlite3_file *, const void *, int, sqlite3_int64);
};

static struct full_file *own_part(sqlite3_file *f)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	return (struct full_file *)(void *)((char *)f + ((below->szOsFile + 15) & ~15));
}

static int full_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int64_t limit = atomic_load(&fail_at);
	if (atomic_fetch_add(&writes, 1) + 1 >= limit && limit)
		return SQLITE_FULL;
	return own_part(f)->write(f, p, n, at);
}

static int full_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *below = v->pAppData;
	int rc = below->xOpen(below, name, f, flags, out);
	if (rc != SQLITE_OK || !f->pMethods)
		return rc;
	struct full_file *own = own_part(f);
	own->methods = *f->pMethods;
	own->write = f->pMethods->xWrite;
	own->methods.xWrite = full_write;
	f->pMethods = &own->methods;
	return SQLITE_OK;
}

int full_vfs_register(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	vfs = *below;
	vfs.zName = FULL_VFS_NAME;
	vfs.pNext = NULL;
	vfs.pAppData = below;
	vfs.xOpen = full_open;
	vfs.szOsFile = ((below->szOsFile + 15) & ~15) + (int)sizeof(struct full_file);
	return sqlite3_vfs_register(&vfs, 0);
}

void full_vfs_fail_at(int64_t n)
{
	atomic_store(&writes, 0);
	atomic_store(&fail_at, n);
}

int64_t full_vfs_writes(void)
{
	return atomic_load(&writes);
}
