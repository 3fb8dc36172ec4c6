/*
 * screen.h - a running screen without a terminal, for tests: keys in by name, text out. The clock
 * is a file with FAKE_NOW.
 */
#ifndef CRMAIL_TEST_SCREEN_H
#define CRMAIL_TEST_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/buf.h"
#include "fake_desk.h"
#include "fake_store.h"
#include "ui/ui_core.h"

struct screen {
	struct ui ui;
	struct store *store;
	struct clock_src *clock;
	char clock_file[512];
	char starters[512]; /* templates that crmail brings */
	struct event_set *events;
	struct rng *rng;
	struct fake_desk desk;
	bool wants_demo;
	const char *progress; /* line of long work; NULL = none */
	struct buf text;      /* of the last screen_dump */
	int kicks;            /* of the host */
	bool is_shared;       /* what is_shared() of the hooks says */
	char opened[512];     /* last thing given to the desktop */
	/* The user's editor: gets the text of the file, writes what it likes; NULL = none. */
	int (*edit)(struct screen *s, const char *path, struct err *e);
};

/* Opens the inbox at that size. The store is borrowed. */
void screen_open(struct screen *s, struct store *store, int rows, int cols);
void screen_close(struct screen *s);
/* Keys separated by blanks, by the names of key.h; "'text" types the letters of text. */
void screen_keys(struct screen *s, const char *keys);
/* The same faster than anything is answered or drawn. */
#define PAGES_5 "PgDn PgDn PgDn PgDn PgDn "
#define PAGES_20 PAGES_5 PAGES_5 PAGES_5 PAGES_5
void screen_burst(struct screen *s, const char *keys);
void screen_resize(struct screen *s, int rows, int cols);
void screen_set_now(struct screen *s, int64_t now);
const char *screen_dump(struct screen *s);
bool screen_shows(struct screen *s, const char *text); /* in one row */
int screen_row_of(struct screen *s, const char *text); /* the first line that holds it; -1 = none */

#endif
