/*
 * welcome.h - what the screen that connects an account (welcome_view.c) shares with its fields
 * (welcome_form.c) and with looking for the servers of the address (welcome_find.c). UI thread.
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
	W_CLIENT, /* as which program, where the provider asks for that */
	W_CLIENT_SECRET,
	W_TENANT,
	W_ADD,
	W_MORE,
	W_DEMO,
	W_COUNT
};

#define WELCOME_PLACES 4

struct welcome_data {
	struct form form;
	struct order order;
	struct order find;      /* for the servers of `asked` */
	char asked[OFFER_USER]; /* the address; "" = none was asked about */
	char news[1024];        /* what came of it; "" = nothing to be said */
	struct arena arena;     /* of values made for an order */
	char problem[1024];     /* "" = none */
	bool is_first;
	bool wants_all;      /* all fields are shown: the person said so, */
	bool needs_servers;  /* or nothing was found that goes without */
	bool takes_password; /* the servers in the form take one, beside signing in */
	bool lacks_client;   /* what was found takes a client id that nobody has given yet */
	char seen[WELCOME_PLACES][512]; /* where it leads, as it stood on the screen */
};

/* ---- welcome_form.c -------------------------------------------------------------------------- */

void welcome_form_init(struct form *f);
/* Which fields there are, by what they hold. */
void welcome_form_hide(struct view *v);
bool welcome_is_whole(const struct welcome_data *d);  /* all fields are shown */
const char *welcome_add_label(const struct form *f);  /* N_(): of the button that does it */
const char *welcome_form_title(const struct form *f); /* N_(): of the screen behind it */
/* Called when the form is painted next, with so many lines of it: nothing goes to a place that did
 * not stand there, unless the person typed it. */
void welcome_form_saw(struct welcome_data *d, int lines);
/* Whether all is there; else says what is not, and goes there. */
bool welcome_form_check(struct welcome_data *d);
void welcome_form_refuse(struct welcome_data *d, enum field field, const char *why);
/* Strings: the form's. */
void welcome_form_order(const struct form *f, struct desk_order *out);
void welcome_form_go(struct form *f, enum desk_field where); /* to the field of an answer */
/* About the provider's pages; NULL = nothing. */
const char *welcome_form_note(const struct form *f);

/* ---- welcome_find.c -------------------------------------------------------------------------- */

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
