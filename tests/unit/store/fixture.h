/* fixture.h - a store in a fresh folder with a fixed clock and seed, for the tests of src/store. */
#ifndef CRMAIL_TEST_STORE_FIXTURE_H
#define CRMAIL_TEST_STORE_FIXTURE_H

#include "crmail/base/arena.h"
#include "crmail/base/event.h"
#include "crmail/store/store.h"
#include "tests/unit/unit.h"

enum { FIXTURE_NOW = 1795255200 }; /* 2026-11-21 10:00 UTC */

struct fixture {
	char dir[64];
	char clock_file[96];
	struct clock_src *clock;
	struct rng *rng;
	struct event_set *events;
	struct store *store;
	struct store_reader *reader;
	struct arena arena;
	struct err err;
};

/* cmocka set-up and tear-down; *state is a struct fixture *. */
int fixture_up(void **state);
int fixture_down(void **state);
struct store_options fixture_options(const struct fixture *f);
void fixture_close(struct fixture *f);
void fixture_open(struct fixture *f);
void fixture_set_clock(struct fixture *f, int64_t now);
/* First column of the first row, from a connection of its own; -1 without a row. */
int64_t fixture_sql(const struct fixture *f, const char *db_name, const char *sql);

/* Fails with the error's sentence. */
#define assert_ok(f, call)                                                                         \
	do {                                                                                       \
		if (call)                                                                          \
			fail_msg("%s: %s", #call, (f)->err.msg);                                   \
	} while (0)

#endif
