/* presence.c - locked files in `open/`: see presence.h. */
#include "config.h"

#include "presence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

static const char FOLDER[] = "open";
static const char UNCLEAN[] = "unclean";

enum { SAME_PROCESS_MAX = 64 }; /* stores that one process has open */

static char *path_of(const char *dir, const char *name)
{
	return xasprintf("%s/%s/%s", dir, FOLDER, name);
}

/* -1 not there, 0 nobody holds it, 1 held */
static int is_held(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	bool is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return !is_free;
}

/* Calls for each file of a store, held or not; hidden ones are not finished yet. */
static bool look(const char *dir, bool (*fn)(const char *dir, const char *path))
{
	CLEANUP(free_str) char *folder = fsx_join(dir, FOLDER);
	bool found = false;
	DIR *d = opendir(folder);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, UNCLEAN) == 0)
			continue;
		CLEANUP(free_str) char *path = fsx_join(folder, entry->d_name);
		found = fn(dir, path) || found;
	}
	if (d)
		closedir(d);
	return found;
}

static bool take_left(const char *dir, const char *path)
{
	CLEANUP(free_str) char *unclean = path_of(dir, UNCLEAN);
	if (is_held(path) != 0 || rename(path, unclean))
		return false;
	log_line(LOG_NOTE, "store", "an earlier crmail did not close the data folder");
	return true;
}

static bool is_open(const char *dir, const char *path)
{
	(void)dir;
	return is_held(path) == 1;
}

/* Locked under a hidden name first: nobody may take the file for one that was left. */
static int make_file(struct presence *p, const char *dir)
{
	char name[48], hidden[64];
	snprintf(hidden, sizeof hidden, ".%lld", (long long)getpid());
	CLEANUP(free_str) char *beside = path_of(dir, hidden);
	p->fd = open(beside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p->fd < 0 || flock(p->fd, LOCK_EX | LOCK_NB))
		return -1;
	for (int i = 0; i < SAME_PROCESS_MAX; i++) {
		snprintf(name, sizeof name, "%lld.%d", (long long)getpid(), i);
		char *path = path_of(dir, name);
		if (link(beside, path) == 0) {
			p->path = path;
			return unlink(beside);
		}
		free(path);
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

void presence_begin(struct presence *p, const char *dir)
{
	CLEANUP(free_str) char *folder = fsx_join(dir, FOLDER);
	struct err ignored = ERR_INIT;
	*p = PRESENCE_INIT;
	if (fsx_mkdir_p(folder, &ignored))
		return;
	look(dir, take_left);
	if (make_file(p, dir)) {
		log_line(LOG_WARN, "store", "no mark of the open data folder (sys %d)", errno);
		presence_end(p);
	}
}

void presence_end(struct presence *p)
{
	if (p->path)
		IGNORE_RESULT(unlink(p->path), "then the next start checks for nothing");
	if (p->fd >= 0)
		close(p->fd);
	free(p->path);
	*p = PRESENCE_INIT;
}

bool presence_is_unclean(const char *dir)
{
	CLEANUP(free_str) char *path = path_of(dir, UNCLEAN);
	return fsx_exists(path);
}

void presence_note_unclean(const char *dir)
{
	CLEANUP(free_str) char *path = path_of(dir, UNCLEAN);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

void presence_forget_unclean(const char *dir)
{
	CLEANUP(free_str) char *path = path_of(dir, UNCLEAN);
	IGNORE_RESULT(unlink(path), "absence is what is wanted");
}

bool presence_is_open(const char *dir)
{
	return look(dir, is_open);
}
