/*
 * fault_vfs.c - see fault_vfs.h. What a write covers is kept until its file is synced, so that it
 * can be put back.
 */
#include "config.h"

#include "tests/unit/store/fault_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crmail/base/mem.h"

enum { ID_LEN = 256 };

const char FAULT_VFS_NAME[] = "fault";

/* What stood there before one write that is not synced yet. */
struct covered {
	char path[ID_LEN];
	int64_t at, size; /* of the write; the file's size before it */
	int len;
	char *old; /* len bytes, or fewer at the end of the file */
	int old_len;
};

static struct disk {
	pthread_mutex_t lock; /* guards the rest */
	int64_t events, full_at, dark_at;
	uint32_t seed;
	struct covered *v;
	size_t n, cap;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The file below follows the struct. Its methods are called with itself, so that every other method
 * is reached through a copy of its table that knows nothing of us. */
struct fault_file {
	sqlite3_file base;
	sqlite3_io_methods methods; /* those below, but for the ones here */
	const sqlite3_io_methods *below;
	char path[ID_LEN];
};

static struct fault_file *own_part(sqlite3_file *f)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	return (struct fault_file *)(void *)((char *)f + ((below->szOsFile + 15) & ~15));
}

/* ---- power ----------------------------------------------------------------------------------- */

static bool is_lost(void)
{
	if (!disk.seed)
		return true;
	disk.seed = disk.seed * 1664525u + 1013904223u;
	return disk.seed >> 31;
}

static void put_back(const struct covered *c)
{
	int fd = open(c->path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	struct stat st;
	bool is_last = fstat(fd, &st) == 0 && st.st_size <= c->at + c->len;
	if (pwrite(fd, c->old, (size_t)c->old_len, c->at) != c->old_len ||
		(is_last && c->size < st.st_size && ftruncate(fd, c->size)))
		abort();
	close(fd);
}

static void lose_power(void)
{
	for (size_t i = disk.n; i-- > 0;)
		if (is_lost())
			put_back(&disk.v[i]);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void cover(struct fault_file *own, sqlite3_file *f, int n, sqlite3_int64 at)
{
	if (disk.n == disk.cap) {
		disk.cap = disk.cap ? disk.cap * 2 : 64;
		disk.v = xreallocarray(disk.v, disk.cap, sizeof *disk.v);
	}
	struct covered *c = &disk.v[disk.n++];
	sqlite3_int64 size = 0;
	own->below->xFileSize(f, &size);
	memcpy(c->path, own->path, sizeof c->path);
	c->at = at;
	c->size = size;
	c->len = n;
	c->old_len = size <= at ? 0 : size - at < n ? (int)(size - at) : n;
	c->old = xmalloc(c->old_len ? (size_t)c->old_len : 1);
	if (c->old_len)
		own->below->xRead(f, c->old, c->old_len, at);
}

/* The file's writes are on the disk, or the file is gone. */
static void forget(const char *path)
{
	size_t kept = 0;
	for (size_t i = 0; i < disk.n; i++) {
		if (strcmp(disk.v[i].path, path) == 0)
			free(disk.v[i].old);
		else
			disk.v[kept++] = disk.v[i];
	}
	disk.n = kept;
}

/* Counts one; what it meets. */
static int count_event(void)
{
	disk.events++;
	if (disk.dark_at && disk.events >= disk.dark_at)
		lose_power();
	return disk.full_at && disk.events >= disk.full_at ? SQLITE_FULL : SQLITE_OK;
}

/* ---- methods --------------------------------------------------------------------------------- */

static int fault_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct fault_file *own = own_part(f);
	pthread_mutex_lock(&disk.lock);
	int rc = count_event();
	if (rc == SQLITE_OK && disk.dark_at)
		cover(own, f, n, at);
	if (rc == SQLITE_OK)
		rc = own->below->xWrite(f, p, n, at);
	pthread_mutex_unlock(&disk.lock);
	return rc;
}

static int fault_sync(sqlite3_file *f, int flags)
{
	struct fault_file *own = own_part(f);
	pthread_mutex_lock(&disk.lock);
	if (disk.dark_at)
		count_event();
	int rc = own->below->xSync(f, flags);
	forget(own->path);
	pthread_mutex_unlock(&disk.lock);
	return rc;
}

static int fault_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *below = v->pAppData;
	int rc = below->xOpen(below, name, f, flags, out);
	if (rc != SQLITE_OK || !f->pMethods)
		return rc;
	struct fault_file *own = own_part(f);
	own->methods = *f->pMethods;
	own->below = f->pMethods;
	own->path[0] = '\0';
	if (name && strlen(name) < sizeof own->path)
		memcpy(own->path, name, strlen(name) + 1);
	own->methods.xWrite = fault_write;
	own->methods.xSync = fault_sync;
	f->pMethods = &own->methods;
	return SQLITE_OK;
}

static int fault_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	sqlite3_vfs *below = v->pAppData;
	pthread_mutex_lock(&disk.lock);
	forget(name);
	int rc = below->xDelete(below, name, sync_dir);
	pthread_mutex_unlock(&disk.lock);
	return rc;
}

int fault_vfs_register(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	vfs = *below;
	vfs.zName = FAULT_VFS_NAME;
	vfs.pNext = NULL;
	vfs.pAppData = below;
	vfs.xOpen = fault_open;
	vfs.xDelete = fault_delete;
	vfs.szOsFile = ((below->szOsFile + 15) & ~15) + (int)sizeof(struct fault_file);
	return sqlite3_vfs_register(&vfs, 0);
}

static void start(int64_t full_at, int64_t dark_at, uint32_t seed)
{
	pthread_mutex_lock(&disk.lock);
	disk.events = 0;
	disk.full_at = full_at;
	disk.dark_at = dark_at;
	disk.seed = seed;
	pthread_mutex_unlock(&disk.lock);
}

void fault_vfs_fail_at(int64_t n)
{
	start(n, 0, 0);
}

void fault_vfs_lose_power_at(int64_t n, uint32_t seed)
{
	start(0, n, seed);
}

int64_t fault_vfs_writes(void)
{
	pthread_mutex_lock(&disk.lock);
	int64_t n = disk.events;
	pthread_mutex_unlock(&disk.lock);
	return n;
}
