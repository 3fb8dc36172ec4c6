/*
 * ask.h - what the screen asks of a worker that needs to outlive nobody: no row is written for it.
 * It is numbered; the answer comes once, EV_REPLY with that number points to it; cancelled, or
 * asked in a process that ends, it is forgotten. Durable work is a row and a kick instead.
 *
 * Shared by ui (struct ui_hooks: ask, answer, cancel) and sync (seat.h). Plain data.
 */
#ifndef CRMAIL_ASK_H
#define CRMAIL_ASK_H

#include <stdint.h>

enum ask_kind {
	ASK_SYNC_NOW, /* look at every folder; answered when all of them were */
	ASK_SIGN_IN,  /* connect again, with settings and password read afresh */
	ASK_SEARCH,   /* `text` is a query: what the server finds is stored (search_found()) */
	ASK_KIND_COUNT
};

struct ask {
	enum ask_kind kind;
	int64_t account;  /* row id */
	const char *text; /* borrowed for the call; NULL = none */
};

#endif
