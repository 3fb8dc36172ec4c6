/*
 * fsx.h - files: whole reads with a ceiling, atomic writes, private folders, safe names.
 * Modes are 0600 for files and 0700 for folders [R44]. Every descriptor is O_CLOEXEC. Any thread.
 */
#ifndef CRMAIL_FSX_H
#define CRMAIL_FSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct buf;

int fsx_read_file(const char *path, struct buf *out, struct err *e) NODISCARD; /* ERR_TOOBIG */
/* Writes beside and renames over; durable (fsync of file and folder) when sync is true. */
int fsx_write_file(const char *path, const void *p, size_t n, bool sync, struct err *e) NODISCARD;
/* All of it, however often the system takes a part; 0, or -1 with errno. */
int fsx_write_all(int fd, const void *p, size_t n) NODISCARD;
/* What was renamed or made in the folder of `path` is on the disk. */
int fsx_sync_folder_of(const char *path, struct err *e) NODISCARD;
int fsx_mkdir_p(const char *path, struct err *e) NODISCARD; /* 0700 */
bool fsx_exists(const char *path);
bool fsx_is_dir(const char *path);
int64_t fsx_size(const char *path);                          /* -1 when absent */
char *fsx_join(const char *dir, const char *name) NODISCARD; /* caller frees with free() */
const char *fsx_basename(const char *path);                  /* borrowed */

/* A name that is safe to create in a folder: no "/" or control characters, no leading ".", 1 to
 * 200 bytes cut at a cluster, extension kept. `fallback` is used when nothing is left. */
char *fsx_safe_name(const char *foreign, const char *fallback) NODISCARD; /* caller frees */
/* Opens a new file named `name`, or "name (2).ext" ... in dir, never overwriting; *path_out is
 * the path made, caller frees with free(). Returns the descriptor or -1. */
int fsx_create_new(const char *dir, const char *name, char **path_out, struct err *e) NODISCARD;

#endif
