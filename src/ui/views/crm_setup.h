/*
 * crm_setup.h - connecting a CRM [R1, R35, R38]: which one, the form that signs in, and what of the
 * mail is logged, with matched mails as proof before anything is. UI thread.
 */
#ifndef CRMAIL_UI_CRM_SETUP_H
#define CRMAIL_UI_CRM_SETUP_H

#include <stdbool.h>
#include <stdint.h>

struct ui;
struct view_ops;

extern const struct view_ops crm_setup_view_ops, crm_logging_view_ops;

/* "Which CRM?": a list of those that can be connected. account: one that was just connected, whose
 * mail it is about; 0 = none in particular. Does nothing where there is none to offer. */
void crm_setup_start(struct ui *ui, int64_t account);
/* The form of a CRM that is connected. */
void crm_setup_edit(struct ui *ui, int64_t crm);
/* What of the mail goes into a CRM's log. */
void crm_logging_open(struct ui *ui, int64_t crm);

/* crm_setup_view.c. args of crm_setup_view_ops. */
struct crm_setup_args {
	const char *profile; /* copied */
	int64_t crm;         /* 0 = a new one */
	int64_t account;     /* 0 = all that belong to no CRM yet */
};

#endif
