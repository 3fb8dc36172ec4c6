/*
 * accounts.h - what the parts of the accounts screen share: what is read (accounts_read.c), what is
 * done (accounts_do.c), painting (accounts_paint.c), and the view itself (accounts_view.c). UI
 * thread.
 */
#ifndef CRMAIL_UI_ACCOUNTS_H
#define CRMAIL_UI_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/desk.h"
#include "crmail/base/err.h"
#include "ui/action.h"
#include "ui/view.h"
#include "crms.h"
#include "order.h"

struct account_row;
struct draw;

struct counts {
	int64_t messages, unread, ops, outbox, unsent;
	const char *secret; /* entry of its saved password or sign-in; NULL = none */
	bool is_locked;     /* that is, in the file of saved passwords */
	bool in_keyring;    /* there instead */
	bool needs_keyring; /* which is locked */
	bool is_insecure;
	const char *relay; /* its mail goes out through that; NULL = none */
	bool is_grant;     /* signed in to at a provider, without a password */
};

struct accounts_data {
	struct arena arena;
	struct account_row *v;
	struct counts *counts; /* of each */
	size_t n, sel;         /* sel: past the accounts are the CRMs */
	struct crms crms;
	int top; /* first line shown */
	struct order order;
	enum desk_kind kind; /* of that order */
};

/* ---- accounts_read.c ------------------------------------------------------------------------- */

int accounts_read(struct view *v, struct err *e) NODISCARD;
/* NULL = an account is under the cursor, or nothing. */
const struct crm_line *accounts_crm(const struct accounts_data *d);
bool accounts_has_problem(const struct accounts_data *d, size_t i);
/* Lines of an account, the blank one below it included; the line that a row begins at. */
int accounts_lines(const struct accounts_data *d, size_t i);
int accounts_line_of(const struct accounts_data *d, size_t sel);

/* ---- accounts_do.c --------------------------------------------------------------------------- */

/* To the account or CRM under the cursor. */
enum view_result accounts_do(struct view *v, enum action act);
void accounts_unlock(struct view *v); /* where the password of that one lies */
/* What is said when the order that was given is done. */
const char *accounts_done_words(const struct accounts_data *d, const struct desk_answer *a);

/* ---- accounts_paint.c ------------------------------------------------------------------------ */

void accounts_paint(const struct view *v, const struct draw *d);

#endif
