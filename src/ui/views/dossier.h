/*
 * dossier.h - a contact, partner, deal or lead as a screen of its own: card on top, timeline below;
 * and what can be done about one from anywhere. Private to views. UI thread.
 */
#ifndef CRMAIL_UI_DOSSIER_H
#define CRMAIL_UI_DOSSIER_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/store/message.h"
#include "crmail/store/timeline.h"

#include "ui/action.h"

struct ui;

struct dossier {
	enum timeline_of of;
	int64_t id; /* of TIMELINE_ME nothing */
};

/* dossier.c; each says in words why it cannot. */
void dossier_show(struct ui *ui, struct dossier about);
/* The contact or the partner of a contact, deal or partner. */
void dossier_show_related(struct ui *ui, struct dossier about, enum timeline_of which);
/* ACTION_TO_CONTACT and ACTION_TO_PARTNER on a conversation; false: another action. */
bool dossier_of_thread(struct ui *ui, enum action act, const struct thread_row *t);
/* The forms about people (log, edit contact, edit deal); false: another action. */
bool dossier_form(struct ui *ui, enum action act, struct dossier about);
/* A new message to the contact or lead, or to the deal's contact. */
void dossier_write(struct ui *ui, struct dossier about);
/* The record's page in the CRM, in the browser; without one its address is copied. */
void dossier_open_web(struct ui *ui, struct dossier about);

#endif
