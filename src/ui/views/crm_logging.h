/*
 * crm_logging.h - the parts of the screen that says what of the mail goes into a CRM's log: what is
 * chosen (crm_logging_view.c) and how it is shown (crm_logging_paint.c). UI thread.
 */
#ifndef CRMAIL_UI_CRM_LOGGING_H
#define CRMAIL_UI_CRM_LOGGING_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "ui/form.h"
#include "ui/view.h"
#include "order.h"

#define LOGGING_PROOFS 3

enum logging_field { L_SIDE, L_MODE, L_LEVEL, L_RANGE, L_DAY, L_CONFIRM, L_LATER, L_COUNT };

struct logging_data {
	int64_t crm;
	struct form form;
	struct form_choice sides[4], ranges[8];
	struct order order;
	struct arena arena; /* of what is read; reset by each recalc */
	const struct crm_row *row;
	struct crm_totals totals;
	struct proof_row *proofs;
	size_t n_proofs;
	int64_t entries, entries_here; /* email entries that the CRM had */
	bool is_remote, is_logging;    /* at the start */
	int64_t since;                 /* as the fields say; -1 = that is no day */
	int64_t count;                 /* mails since then; -1 = not known yet */
	int64_t generation;            /* of counts asked for */
};

int logging_form_row(const struct view *v);
void logging_paint(const struct view *v, const struct draw *d);

#endif
