/* fixture.c - see fixture.h. */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crmail/base/clock.h"
#include "crmail/base/rng.h"

struct store_options fixture_options(const struct fixture *f)
{
	return (struct store_options){
		.dir = f->dir, .clock = f->clock, .events = f->events, .rng = f->rng};
}

void fixture_set_clock(struct fixture *f, int64_t now)
{
	FILE *out = fopen(f->clock_file, "w");
	assert_non_null(out);
	fprintf(out, "%lld\n", (long long)now);
	assert_int_equal(fclose(out), 0);
}

void fixture_open(struct fixture *f)
{
	struct store_options o = fixture_options(f);
	assert_ok(f, store_open(&f->store, &o, &f->err));
	assert_ok(f, store_reader_open(f->store, &f->reader, &f->err));
}

void fixture_close(struct fixture *f)
{
	store_reader_close(f->reader);
	store_close(f->store);
	f->reader = NULL;
	f->store = NULL;
}

int fixture_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	if (!f)
		return -1;
	/* Hundreds of commits that wait for the disk are faster where there is none. */
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm/crmail-" : "";
	snprintf(f->dir, sizeof f->dir, "%sstore-test-XXXXXX", base);
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->clock_file, sizeof f->clock_file, "%s/clock", f->dir);
	fixture_set_clock(f, FIXTURE_NOW);
	f->clock = clock_new(f->clock_file);
	f->rng = rng_new(7);
	f->events = event_set_new();
	f->arena = ARENA_INIT;
	fixture_open(f);
	*state = f;
	return 0;
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		char name[512];
		struct stat st;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(name);
		else
			unlink(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

int fixture_down(void **state)
{
	struct fixture *f = *state;
	fixture_close(f);
	arena_release(&f->arena);
	event_set_free(f->events);
	rng_free(f->rng);
	clock_free(f->clock);
	remove_tree(f->dir);
	free(f);
	return 0;
}

int64_t fixture_sql(const struct fixture *f, const char *db_name, const char *sql)
{
	char path[128];
	sqlite3 *h = NULL;
	sqlite3_stmt *s = NULL;
	int64_t value = -1;
	snprintf(path, sizeof path, "%s/%s", f->dir, db_name);
	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(h, 5000);
	if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h));
	if (sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(h);
	return value;
}
