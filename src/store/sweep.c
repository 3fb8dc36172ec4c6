/* sweep.c - see sweep.h. */
#include "config.h"

#include "sweep.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"

struct sweep {
	struct store *store;
	struct store_reader *reader;
	const char *sql_is_used;
	int64_t age_s;
};

static void look_at_file(struct sweep *w, const char *path)
{
	const char *name = fsx_basename(path);
	CLEANUP(free_str) char *file = xstrndup(name, strcspn(name, "."));
	struct err e = ERR_INIT;
	struct stat st;
	int64_t is_used = 0;
	if (stat(path, &st) || store_now(w->store) - (int64_t)st.st_mtime < w->age_s)
		return;
	if (db_value(reader_db(w->reader), &is_used, &e, w->sql_is_used, "t", file) || is_used)
		return;
	IGNORE_RESULT(unlink(path), "it goes the next time");
}

static void each_entry(struct sweep *w, const char *folder,
	void (*fn)(struct sweep *w, const char *path))
{
	DIR *d = opendir(folder);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		CLEANUP(free_str) char *path = fsx_join(folder, entry->d_name);
		if (entry->d_name[0] != '.')
			fn(w, path);
	}
	if (d)
		closedir(d);
}

static void look_into(struct sweep *w, const char *folder)
{
	each_entry(w, folder, look_at_file);
}

void sweep_files(struct store *s, struct store_reader *r, const char *root, const char *sql_is_used,
	int64_t age_s)
{
	CLEANUP(free_str) char *folder = store_path(s, root);
	struct sweep w = {s, r, sql_is_used, age_s};
	each_entry(&w, folder, look_into);
}
