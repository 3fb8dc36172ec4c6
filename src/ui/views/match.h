/*
 * match.h - what the match inbox and "why logged" share: asking who an address is, or whether it is
 * never logged, and saying what was decided. The data of such a view begins with a struct
 * match_asking. UI thread.
 */
#ifndef CRMAIL_UI_MATCH_H
#define CRMAIL_UI_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/store/decide.h"

struct buf;
struct ui;

#define MATCH_ADDR_MAX 400
#define MATCH_NAME_MAX 200

struct match_asking { /* what a question on the screen is about */
	int64_t crm;
	int64_t message; /* whose conversation "only here" means; 0 = none */
	char addr[MATCH_ADDR_MAX];
	enum link_kind kind;
	int64_t target;
	char name[MATCH_NAME_MAX]; /* of the target */
};
void match_set_addr(struct match_asking *a, const char *addr);
/* Says who it is, then asks: always, or in this conversation alone. */
void match_ask_who(struct ui *ui, struct match_asking *a, const struct candidate_row *c);
/* The address, or its domain? `is_never`: it is on the list, and comes off. */
void match_ask_never(struct ui *ui, struct match_asking *a, bool is_never);
/* Decides, with `text` beside the key that undoes it. */
void match_say(struct ui *ui, const struct decision_in *d, const char *text);
/* "Laura Palmer · Dafaneto" and why she may be it. */
void match_add_candidate(const struct candidate_row *c, struct buf *out);
const char *match_kind_text(enum link_kind k); /* "contact", ...; translated */

#endif
