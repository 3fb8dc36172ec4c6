/*
 * welcome.h - what the form that connects an account (welcome_view.c) shares with looking for the
 * servers of the address (welcome_find.c). UI thread.
 */
#ifndef CRMAIL_UI_WELCOME_H
#define CRMAIL_UI_WELCOME_H

#include <stdbool.h>

#include "crmail/base/arena.h"
#include "crmail/base/offer.h"

#include "ui/form.h"
#include "order.h"

struct event;
struct view;

enum field {
	W_EMAIL,
	W_REAL_NAME,
	W_HOW,
	W_IMAP,
	W_SMTP,
	W_TLS,
	W_USER,
	W_PASSWORD,
	W_COMMAND,
	W_PASSPHRASE,
	W_REPEAT,
	W_HISTORY,
	W_NAME,
	W_ADD,
	W_DEMO,
	W_COUNT
};

struct welcome_data {
	struct form form;
	struct order order;
	struct order find;      /* for the servers of `asked` */
	char asked[OFFER_USER]; /* the address; "" = none was asked about */
	char news[512];         /* what came of it; "" = nothing to be said */
	struct arena arena;     /* of values made for an order */
	char problem[512];      /* "" = none */
	bool is_first;
};

/* The address was typed in: guesses from it, and what was found for another one is forgotten. */
void welcome_find_typed(struct view *v);
/* The address was left: looks for its servers, unless that was done. */
void welcome_find_left(struct view *v);
/* What was found goes into the fields that nobody typed into. */
void welcome_find_event(struct view *v, const struct event *ev);
/* Whether testing has to wait for what is being looked for: nobody has said how to connect. */
bool welcome_find_is_awaited(struct view *v);
/* What is to be said about it in the field that has the focus; NULL = nothing. */
const char *welcome_find_says(const struct welcome_data *d);

#endif
