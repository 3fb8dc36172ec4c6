/*
 * notice.h (store) - what happened that somebody may want to know [R34]: new mail by rule,
 * reminders that have become due, and alerts (sign-in needed, the CRM refused something, passes
 * keep failing, the disk is nearly full). Rows of table notice, never more than NOTICE_KEPT.
 * Strings of results live in the arena, unsanitised.
 */
#ifndef CRMAIL_STORE_NOTICE_H
#define CRMAIL_STORE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct store;
struct store_reader;

enum notice_kind { /* stored: never renumber */
	NOTICE_MAIL = 1,
	NOTICE_SIGN_IN = 2,
	NOTICE_REFUSED = 3,
	NOTICE_FAILING = 4,
	NOTICE_DISK = 5,
	NOTICE_REMINDER = 6, /* nobody answered, and somebody wanted to be reminded */
	NOTICE_BOUNCED = 7   /* such a mail could not be delivered */
};
struct notice_row {
	int64_t id, at;
	enum notice_kind kind;
	bool is_seen;
	int64_t count;           /* how often, until it was seen */
	int64_t message, thread; /* of a mail or a reminder */
	int64_t account, crm;    /* that it is about; 0 = none */
	const char *name;        /* of that account or CRM; NULL = none, or gone */
	/* Of a mail or a reminder: the contact's name, else the sender's, of own mail the first
	 * recipient's; else NULL */
	const char *peer;
	const char *text; /* of them the mail's subject, else a sentence; NULL = none */
};

#define NOTICE_KEPT 2000        /* older ones go */
#define NOTICE_UNSEEN_MOST 1000 /* counted up to this many */
/* New mail is noted within this time of its arrival: later it is no news, and a first download
 * never is. */
#define NOTICE_FRESH_S 3600

/* Worker call: notes mail that came, by the rule of the store's options ("known", "replies", "all",
 * "none"); mail that was read meanwhile, reminders that are due, and a disk that is nearly
 * full. */
int notice_collect(struct store *s, struct err *e) NODISCARD;
/* Newest first, older ones than the row `from` (back: the nearest newer ones, newest first, too);
 * NULL = from that end. */
int notice_page(struct store_reader *r, struct arena *a, const int64_t *from, bool back,
	size_t limit, struct notice_row **out, size_t *n, struct err *e) NODISCARD;
int notice_unseen(struct store_reader *r, int64_t *out, struct err *e) NODISCARD;
/* User calls: tickets. */
int64_t notice_see(struct store *s, int64_t id);
int64_t notice_see_all(struct store *s);

#endif
