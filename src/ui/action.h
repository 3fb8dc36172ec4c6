/*
 * action.h - the registry of actions (actions.def) and the key tables made from it. Pure; UI
 * thread.
 */
#ifndef CRMAIL_UI_ACTION_H
#define CRMAIL_UI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "key.h"

struct buf;

enum where { /* the kinds of screen an action belongs to */
	WHERE_LIST = 1 << 0,
	WHERE_THREAD = 1 << 1,
	WHERE_MAIL = WHERE_LIST | WHERE_THREAD,
	WHERE_OUTBOX = 1 << 2,
	WHERE_ATTACH = 1 << 3,
	WHERE_COMPOSE = 1 << 4,
	WHERE_PROMPT = 1 << 5, /* a line of input has the keyboard: palette, search, pickers */
	WHERE_HELP = 1 << 6,
	WHERE_ACCOUNTS = 1 << 7,
	WHERE_LOG = 1 << 8,
	WHERE_ITEMS = 1 << 10,     /* what waits for the CRM */
	WHERE_TODAY = 1 << 11,     /* what the day brings */
	WHERE_NOTICES = 1 << 12,   /* what happened */
	WHERE_MATCH = 1 << 13,     /* people who wait for a decision */
	WHERE_WHY = 1 << 16,       /* why a mail is or is not logged */
	WHERE_RECORDS = 1 << 14,   /* lists of contacts, partners, deals */
	WHERE_TIMELINE = 1 << 15,  /* one of them */
	WHERE_TEMPLATES = 1 << 17, /* choosing one: a line of input has the keyboard */
	WHERE_VERSIONS = 1 << 18,  /* of one template */
	WHERE_PEOPLE = WHERE_RECORDS | WHERE_TIMELINE,
	WHERE_DESK = WHERE_PEOPLE | WHERE_ACCOUNTS | WHERE_LOG | WHERE_ITEMS | WHERE_TODAY |
		     WHERE_NOTICES | WHERE_MATCH | WHERE_WHY,
	WHERE_ANY = ((1 << 9) - 1) | WHERE_DESK,
	WHERE_FORM = 1 << 9, /* fields to fill in have the keyboard: no key of the others holds */
};

enum action {
	ACTION_NONE,
#define ACTION(id, name, where, gmail, mutt, label, help) ACTION_##id,
#include "actions.def"
#undef ACTION
	ACTION_COUNT
};

struct action_info {
	const char *name;
	unsigned where;
	const char *keys[2];      /* by enum keymap_style */
	const char *label, *help; /* not yet translated */
};
extern const struct action_info action_table[ACTION_COUNT];

enum keymap_style { KEYMAP_GMAIL, KEYMAP_MUTT };

struct binding {
	enum action action;
	unsigned where;
	struct key first, second; /* second.code UKEY_NONE: one key */
};

struct keymap {
	enum keymap_style style;
	struct binding *v;
	size_t n;
};

/* Names of keymaps: "gmail", "mutt"; NULL or unknown = gmail. */
void keymap_init(struct keymap *m, const char *name);
void keymap_release(struct keymap *m);

/* The action of a key on a screen of kind `where`; with a prefix key, of the two. ACTION_NONE when
 * there is none. */
enum action keymap_find(const struct keymap *m, unsigned where, const struct key *prefix,
	const struct key *k);
bool keymap_is_prefix(const struct keymap *m, unsigned where, const struct key *k);
/* Appends the first key (or all, separated by blanks) of an action. */
void keymap_add_key(const struct keymap *m, enum action a, bool all, struct buf *out);

#endif
