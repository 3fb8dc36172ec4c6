/*
 * flow.h - a screen over the fake store and a fake CRM, for tests of what keys do; and scenes:
 * screens that are compared with their goldens at every size.
 */
#ifndef CRMAIL_TEST_FLOW_H
#define CRMAIL_TEST_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/event.h"
#include "fake_crm.h"
#include "screen.h"
#include "tests/unit/unit.h"

struct flow {
	struct store store;
	struct fake_crm crm; /* known to the store when `fill` says so: store.crm = &crm */
	struct screen s;
};

/* The store as fake_store_fill() leaves it and then `fill` (NULL = as it is), the inbox, the
 * keys. */
void flow_open(struct flow *f, void (*fill)(struct flow *f), int rows, int cols, const char *keys);
void flow_close(struct flow *f);
void flow_shows(struct flow *f, const char *text);
void flow_turn(struct flow *f);                  /* what was changed behind its back is looked at */
void flow_tell(struct flow *f, struct event ev); /* an event comes */
void flow_fill_many(struct flow *f, size_t n_mail); /* in `fill`: so many mails and nothing else */

/* cmocka set-up and tear-down: the demo at 40 lines by 120 cells; *state is a struct flow *. */
int flow_up(void **state);
int flow_down(void **state);

struct scene {
	const char *name, *keys;
	void (*play)(struct flow *f); /* after the keys; NULL = they are all */
	void (*fill)(struct flow *f); /* after the set's, before anything is shown; NULL */
	const char *says[8];          /* at every size; ends with NULL */
};
struct scene_flow { /* starts with an open flow of 24 lines by 80 cells */
	const char *name;
	void (*test)(struct flow *f);
};
#define FLOW(f)                                                                                    \
	{                                                                                          \
		.name = #f, .test = f                                                              \
	}

struct scene_set {
	const char *name;
	void (*fill)(struct flow *f);
	void (*opened)(struct flow *f);  /* NULL = nothing more */
	void (*closing)(struct flow *f); /* NULL = nothing left behind */
	const struct scene *scenes;
	size_t n_scenes;
	const struct scene_flow *flows;
	size_t n_flows;
};
/* All of them as one group of tests; for main(). */
int scene_run(const struct scene_set *set);

/* In UTC and UTF-8, as goldens are. */
void flow_set_locale(void);

#endif
