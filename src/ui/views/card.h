/*
 * card.h - who somebody is: contact, partner, open deals and last activities, read from the store
 * for the line above the hints and for the panel beside a conversation. UI thread.
 */
#ifndef CRMAIL_UI_CARD_H
#define CRMAIL_UI_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/contact.h"

#include "ui/draw.h"

struct book_row;
struct buf;
struct store_reader;

struct card {
	struct arena arena;
	int64_t contact_id, partner_id; /* what is loaded; 0 = nothing */
	struct contact_row *contact;    /* NULL = unknown */
	struct partner_row *partner;
	struct book_row *lead; /* of a mail whose people are no contacts; NULL = none */
	struct deal_row *deals;
	size_t n_deals;
	struct timeline_entry *entries;
	size_t n_entries;
	bool is_waiting, is_in_conflict; /* what the user changed of the contact or its deals */
};

void card_init(struct card *c);
void card_release(struct card *c);
/* Reads anew. Both ids 0 empties the card. With a timeline of at most `entries`. */
int card_load(struct card *c, struct store_reader *r, int64_t contact, int64_t partner,
	size_t entries, struct err *e) NODISCARD;
/* Of a mail that knows no contact and no partner: the lead it has to do with, if any. */
int card_load_lead(struct card *c, struct store_reader *r, int64_t message,
	struct err *e) NODISCARD;
bool card_is_empty(const struct card *c);
/* "Laura Palmer · Head of Procurement, Dafaneto · deal ..." */
void card_add_line(const struct card *c, int64_t now, struct buf *out);
/* "12000" as "12,000"; what is no plain number stays as the CRM has it. */
void card_add_amount(const char *amount, struct buf *out);
/* What stands for a kind of entry: one or two cells. */
const char *card_kind_symbol(const struct draw *d, enum entry_kind k);
/* The panel: paints into the whole of d; `sel` is the entry under the cursor. */
#define CARD_NO_ENTRY SIZE_MAX
void card_paint(const struct card *c, const struct draw *d, int64_t now, bool has_crm, size_t sel);

#endif
