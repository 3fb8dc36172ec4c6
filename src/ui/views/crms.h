/*
 * crms.h - the CRMs on the accounts screen: how each stands, and what is done to one. UI thread.
 */
#ifndef CRMAIL_UI_CRMS_H
#define CRMAIL_UI_CRMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/desk.h"
#include "crmail/base/err.h"
#include "ui/view.h"

struct arena;
struct crm_row;

struct crm_line {
	const struct crm_row *row;
	int64_t queued, parked;
	size_t n_accounts;   /* that belong to it */
	const char *account; /* the first of them; NULL = none */
	bool is_insecure;    /* talked to in the clear, beyond this computer */
	bool is_locked;      /* its password is, in the file of saved passwords */
	bool in_keyring;     /* there instead */
	bool needs_keyring;  /* which is locked */
};
struct crms {
	struct crm_line *v;
	size_t n;
};

/* In the arena. */
int crms_read(struct view *v, struct arena *a, struct crms *out, struct err *e) NODISCARD;
/* Lines one takes, the blank one below it included. */
int crms_lines(const struct crm_line *c);
void crms_paint(const struct view *v, const struct crm_line *c, const struct draw *d, int row,
	bool is_current);
/* What an action does to the one under the cursor; `give` gives an order for it. */
enum view_result crms_action(struct view *v, const struct crm_line *c, enum action act,
	void (*give)(struct view *v, enum desk_kind kind, int64_t crm));
/* What is said when an order is done; "" = it is no order about a CRM. */
const char *crms_done_words(enum desk_kind kind);

#endif
