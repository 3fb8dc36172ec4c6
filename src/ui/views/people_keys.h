/*
 * people_keys.h - what the keys about people (log, new contact, edit contact, edit deal) do, the
 * same wherever people are shown. UI thread.
 */
#ifndef CRMAIL_UI_PEOPLE_KEYS_H
#define CRMAIL_UI_PEOPLE_KEYS_H

#include "ui/view.h"
#include "views.h"

/* VIEW_IGNORED: none of those keys. stranger->addr NULL = nobody unknown is there. */
enum view_result people_key(struct ui *ui, enum action act, const struct form_context *c,
	const struct form_stranger *stranger);
/* The people of one message of a conversation: its peer first, then the others'. */
void people_of_message(const struct message_row *m, struct form_context *c,
	struct form_stranger *stranger);
/* Of a mail that no contact and no partner is known of: the lead that it is linked to, or 0. */
int64_t people_lead_of(struct ui *ui, int64_t message);

#endif
