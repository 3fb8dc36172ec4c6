/*
 * contact_form.h - private to the files of a contact's form: contact_form.c (fields, saving),
 * contact_known.c (whom and which partner the CRM has already), contact_fill.c (filling it in from
 * a mail). UI thread.
 */
#ifndef CRMAIL_UI_CONTACT_FORM_H
#define CRMAIL_UI_CONTACT_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "form_view.h"

struct arena;
struct contact_row;
struct form_stranger;
struct job;

enum contact_field {
	C_FIRST,
	C_LAST,
	C_TITLE,
	C_EMAIL,
	C_OTHERS,
	C_PHONE,
	C_PHONES,
	C_PARTNER,
	C_SAVE,
	C_COUNT
};

struct contact_form {
	struct form_view f; /* first: see form_view.h */
	int64_t crm, account;
	int64_t contact;      /* 0 = a new one */
	int64_t partner;      /* of the name in C_PARTNER, when the CRM has it; 0 = none */
	bool is_name_allowed; /* the user was told of people of the same name */
};

/* contact_known.c */
/* The partner whose name stands in the field becomes the form's. */
void contact_form_find_partner(struct view *v);
void contact_form_set_partner(struct view *v, int64_t id);
/* By the domain of an address: the longest one that a partner has; 0 = none. */
int64_t contact_form_partner_by_domain(struct view *v, const char *domain);
void contact_form_pick_partner(struct view *v);
/* A contact other than this one that has an address; NULL = none. */
const struct contact_row *contact_form_owner(struct view *v, struct arena *a, const char *addr);
/* Contacts of that very name, as "Laura Palmer, Dafaneto <...>"; false: there is none. */
bool contact_form_add_namesakes(struct view *v, struct buf *out);
/* The line below the fields. */
void contact_form_say_known(struct view *v);

/* contact_fill.c; what was typed meanwhile stays. */
/* At once from the name and the domain; the mail's text is read by the reader thread, and comes */
void contact_form_fill(struct view *v, const struct form_stranger *s);
void contact_form_reply(struct view *v, struct job *j); /* here */

#endif
