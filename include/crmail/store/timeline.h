/*
 * timeline.h (store) - timelines as the screen shows them: of a contact, a partner with its people
 * and its domain, a lead, a deal, or of what the user did and got. Newest first, mail by
 * conversation, narrowed by filters, a page at a time in both directions: a page of 50,000 entries
 * costs what a page of 50 does. Message by message they are in contact.h (timeline_page), for the
 * command line. Reader calls, bounded; strings live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_TIMELINE_H
#define CRMAIL_STORE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/contact.h"

struct arena;
struct store;
struct store_reader;

enum timeline_of { /* stored as link.kind: never renumber */
	TIMELINE_CONTACT = 1,
	TIMELINE_PARTNER = 2,
	TIMELINE_LEAD = 3,
	TIMELINE_DEAL = 4,
	TIMELINE_ME = 5 /* mail of the user's own accounts, and the user's own activities */
};

/* Everybody whose name or address holds a text; made once for many pages. */
struct timeline_people {
	const char *parties, *contacts; /* JSON lists of row ids */
};
int timeline_find_people(struct store_reader *r, struct arena *a, const char *text,
	struct timeline_people *out, struct err *e) NODISCARD;

struct timeline_filter {                      /* zeroes let everything through */
	unsigned kinds;                       /* bits 1u << enum entry_kind */
	int64_t from, to;                     /* seconds UTC; `to` exclusive */
	int64_t account;                      /* mail of that account alone, nothing else */
	const char *user;                     /* CRM's id of who did it; NULL = anybody */
	bool user_is_me;                      /* the user's own mail counts as done by `user` */
	const struct timeline_people *people; /* they take part */
	bool is_hidden;                       /* the mail that was hidden, and nothing else */
};
struct timeline_spec {
	enum timeline_of of;
	int64_t target; /* row; of TIMELINE_ME nothing */
	struct timeline_filter filter;
};

struct timeline_key { /* position; newest first means descending */
	int64_t at, id;
};
struct timeline_item {
	struct timeline_key key; /* names the entry too: a conversation keeps its id */
	enum entry_kind kind;
	int64_t thread,
		message;  /* a conversation and the newest of it that belongs here; 0 = none */
	int64_t activity; /* else that row */
	uint32_t count;   /* messages that belong here */
	bool has_direction, is_out;
	bool is_parked;      /* the CRM refused the entry of its newest mail, or this entry */
	const char *subject; /* NULL = none */
	const char *text;    /* snippet, or the beginning of the body */
	const char *people;  /* of a conversation, as thread_row.people */
	const char *by;      /* name of the CRM's user who did it; NULL = not known, or a mail */
	int64_t duration_min, due_at; /* of an activity; 0 = none */
	bool is_open;                 /* planned, not done yet */
	bool is_mine;                 /* that is the user */
	int64_t contact, partner;     /* rows of the peer or the activity's; 0 = none */
	const char *contact_name, *partner_name;
};
struct timeline_items {
	struct timeline_item *v; /* newest first, whichever direction was asked for */
	size_t n;
	struct timeline_key reached; /* how far was looked: the next page starts there */
	bool is_end;
};
/* At most `limit` entries older than *from (newer: newer than it); from NULL = from that end. With
 * filters at most some hundred rows are looked at: a page may be short, or empty, without being the
 * end. */
int timeline_read(struct store_reader *r, struct arena *a, const struct timeline_spec *spec,
	const struct timeline_key *from, bool newer, size_t limit, struct timeline_items *out,
	struct err *e) NODISCARD;

/* One activity with its whole text; NULL when absent. */
struct timeline_text {
	struct timeline_item item;
	const char *body;
	enum log_state state;
	const char *reason; /* of a parked one */
	const char *crm_id;
};
int timeline_text_get(struct store_reader *r, struct arena *a, int64_t activity,
	struct timeline_text **out, struct err *e) NODISCARD;

/* ---- the user's: hide from timeline [R13] -----------------------------------------------------
 * Folders and provider know nothing of it. User calls: tickets. */

/* All messages that the conversation has now; later ones show themselves. *group is for undo. */
int64_t timeline_hide(struct store *s, int64_t thread, int64_t *group);
int64_t timeline_unhide(struct store *s, int64_t thread);
int64_t timeline_hide_undo(struct store *s, int64_t group);

#endif
