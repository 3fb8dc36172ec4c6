/*
 * items.h - what waits for the CRM or was refused by it: entries of mail, and what the user wrote
 * into records. Rows are read here for the list (items_view.c) and for showing one whole
 * (items_show.c). UI thread.
 */
#ifndef CRMAIL_UI_ITEMS_H
#define CRMAIL_UI_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/store/crm_item.h"
#include "crmail/store/record.h"
#include "ui/motion.h"

struct buf;
struct ui;
struct view_ops;

extern const struct view_ops items_view_ops, items_show_view_ops;

#define ITEMS_MOST 500 /* of each kind: who has more has another problem */

enum item_state { ITEM_CONFLICT, ITEM_REFUSED, ITEM_WAITS, ITEM_ON_ITS_WAY };
struct item { /* one of the two */
	const struct crm_entry *entry;
	const struct record_write *write;
};

enum item_state item_state(const struct item *it);
const char *item_state_name(enum item_state s);
unsigned item_state_style(enum item_state s);
/* "mail", "contact", ... and what happens to it: "new contact", "call". */
void item_add_kind(struct buf *b, const struct item *it);
void item_add_title(struct buf *b, const struct item *it);
/* Why it is still here, in a sentence. */
void item_add_reason(const struct ui *ui, struct buf *b, const struct item *it);
/* Says which one; equal for the same one after reading again. */
int64_t item_id(const struct item *it);

/* items_view.c: keys on an item, wherever it is shown; false: none of them. */
bool item_do(struct ui *ui, const struct item *it, int act);

#endif
