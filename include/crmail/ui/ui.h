/*
 * ui.h - the full-screen program: one call that runs until the user quits. UI thread (main's).
 * It reads the store, queues user writes, and asks for everything else through `hooks`, which
 * main wires to the host; ui and sync never include each other.
 */
#ifndef CRMAIL_UI_H
#define CRMAIL_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/desk.h"
#include "crmail/base/err.h"

struct arena;
struct ask;
struct buf;
struct clock_src;
struct event_set;
struct rng;
struct store;
struct store_reader;
struct why;

/* All of them return at once; NULL = not available. ctx is passed back. */
struct ui_hooks {
	void *ctx;
	void (*kick)(void *ctx, int64_t account);      /* durable work is waiting; 0 = all */
	void (*sync_now)(void *ctx, int64_t account);  /* Ctrl-R */
	void (*want_body)(void *ctx, int64_t message); /* the user waits for this body */
	/* Other processes go on sending when this one ends; NULL = none do. */
	bool (*is_shared)(void *ctx);
	/* Progress line of long work; false = nothing running. */
	bool (*progress)(void *ctx, char *out, size_t size);
	/* The whole process is about to stand still (Ctrl-Z), or goes on. May wait a moment. */
	void (*pause)(void *ctx, bool is_paused);
	/* Asks for something that no row is written for; its number, or 0 when it cannot be asked.
	 * EV_REPLY{arg = number} comes when the answer is there. */
	int64_t (*ask)(void *ctx, const struct ask *what);
	/* The answer, once: true = it is there, and *e tells why it failed (ERR_NONE: it did
	 * not). */
	bool (*answer)(void *ctx, int64_t number, struct err *e);
	void (*cancel)(void *ctx, int64_t number); /* nobody waits for that answer any more */
	/* Appends the http(s) address of a record's page in the CRM, `kind` as enum link_kind;
	 * nothing: it has none. */
	int (*web)(void *web_ctx, int kind, int64_t row, struct buf *out, struct err *e);
	void *web_ctx;
	/* What is to be done to accounts (desk.h): its number, or 0 when too much is waiting;
	 * EV_PROGRESS when it got further, EV_REPLY{arg = number} when it is done. */
	int64_t (*order)(void *desk, const struct desk_order *o);
	bool (*look)(void *desk, int64_t number, struct desk_answer *out);
	void (*withdraw)(void *desk, int64_t number);
	/* To an order that waits for a browser (DESK_BROWSING): the address that one elsewhere
	 * ended at. False: nobody waits for it. */
	bool (*paste)(void *desk, int64_t number, const char *address);
	enum desk_secrets (*secrets)(void *desk);
	enum desk_keyring (*keyring)(void *desk); /* NULL = there is none */
	bool (*saves_in_keyring)(void *desk);     /* new passwords; NULL = no */
	/* The CRMs that can be connected; with a name, that one alone. In the arena. */
	int (*profiles)(void *desk, const char *name, struct arena *a, struct desk_profile **out,
		size_t *n, struct err *e);
	void *desk; /* passed to these eight */
	/* Why a mail is or is not logged (store/why.h); *out NULL: no CRM has to do with it. Reader
	 * thread, with its reader; NULL = not available. */
	int (*explain)(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
		struct err *e);
	/* Whether the domain is a free-mail one: nobody's company. Any thread. */
	bool (*is_freemail)(const char *domain);
};

struct ui_options {
	struct store *store;
	struct event_set *events;
	const struct clock_src *clock;
	struct rng *rng;
	struct ui_hooks hooks;
	const char *download_dir; /* where S saves; NULL = ~/Downloads, else the home folder */
	const char *starters;     /* folder of crmail's own templates; NULL = there are none */
	const char *keymap;       /* "gmail" (default) or "mutt" */
	const char *hyperlinks;   /* "auto" (default), "on" or "off": OSC 8 */
	bool is_demo;
	bool *wants_demo;     /* set when the user leaves to look at the demo; NULL = not offered */
	bool is_newest_first; /* conversations: newest message on top */
	int undo_window_s;    /* 0-60, default 10 */
	int no_answer_days;   /* own mail is waited for that long; 0 = 4 */
	bool starts_with_today;
	const char *ring;  /* what new notifications do: "off" (default), "bell", "osc9" */
	const char *quiet; /* "HH:MM-HH:MM" in which they do nothing; NULL or "" = never */
};

int ui_run(const struct ui_options *o, struct err *e) NODISCARD;

#endif
