/*
 * views.h - the views and how to open each. One file per view; what several share is beside them
 * (card.h, mailact.h, rowpaint.h, sidebar.h). UI thread.
 */
#ifndef CRMAIL_UI_VIEWS_H
#define CRMAIL_UI_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/desk.h"
#include "crmail/store/message.h"
#include "crmail/store/record.h"

#include "ui/action.h"
#include "ui/view.h"

struct ui;

extern const struct view_ops list_view_ops, thread_view_ops, search_view_ops, attach_view_ops,
	attach_show_view_ops, compose_view_ops, outbox_view_ops, drafts_view_ops, help_view_ops,
	palette_view_ops, picker_view_ops, accounts_view_ops, welcome_view_ops, secret_view_ops,
	keyring_view_ops, sign_in_view_ops, log_view_ops, match_view_ops, why_view_ops,
	notices_view_ops, today_view_ops, relay_view_ops; /* relay: args int64_t, an account */

/* book_view.c: contacts, partners or deals. args: enum book.
 * timeline_view.c: one of them, or what the user did. args: struct dossier; see dossier.h. */
extern const struct view_ops book_view_ops, timeline_view_ops;

/* list_view.c: the base view. args: struct list_args. */
struct list_args {
	struct list_spec spec;
	const char *title; /* copied */
};
void list_show(struct ui *ui, const struct list_args *a); /* goes to the base and shows it */

/* A list that the thread view was opened from: moves its cursor and tells the conversation. */
struct thread_source {
	struct view *list; /* NULL = none */
	const struct thread_row *(*step)(struct view *list, int by);
};
struct thread_args {
	int64_t thread;
	int64_t message; /* to begin at; 0 = first unread, else the last */
	struct thread_source source;
	struct list_spec list; /* where actions act */
};

enum compose_kind { COMPOSE_NEW, COMPOSE_REPLY, COMPOSE_REPLY_ALL, COMPOSE_FORWARD, COMPOSE_DRAFT };
struct compose_args {
	enum compose_kind kind;
	int64_t message;   /* answered or forwarded, or the server's draft; 0 = none */
	int64_t account;   /* 0 = the first */
	int64_t draft;     /* outbox row, COMPOSE_DRAFT; 0 = `message` is */
	const char *to;    /* COMPOSE_NEW: recipients; NULL = none */
	bool has_template; /* begins with the choice of one */
};
void compose_open(struct ui *ui, const struct compose_args *a);
void compose_open_draft(struct ui *ui, int64_t outbox);
/* A message of the server's Drafts: ours where it is the copy of one of ours. */
void compose_open_message(struct ui *ui, int64_t message, int64_t account);

void quit_ask(struct ui *ui); /* quit_view.c: leaves, or asks while mail waits to be sent */

/* Attachments of one message. */
struct attach_args {
	int64_t message;
};

/* welcome_view.c: the form that connects an account. args: bool, true as the first screen. */
void welcome_start(struct ui *ui); /* shows it when there is no account */

/* secret_view.c: asks for a new password of an account or a CRM; both 0: for the passphrase. */
struct secret_args {
	int64_t account, crm;
	const char *title; /* copied */
};
void secret_ask_passphrase(struct ui *ui);
/* Some account's password lies in the file of saved passwords, and that is locked. */
bool secret_is_wanted(struct ui *ui);

/* keyring_view.c: lets the desktop ask for the password of its keyring. */
void keyring_unlock(struct ui *ui);
enum desk_keyring keyring_state(const struct ui *ui); /* as last seen */
/* How the place of a saved secret stands, NULL = of a new one: what lies in the keyring needs
 * nothing typed, and counts as open. */
enum desk_secrets keyring_or_file(const struct ui *ui, const char *entry);

/* sign_in_view.c: signs in at a provider. */
struct sign_in_args {
	struct desk_order
		order;     /* DESK_ADD or DESK_SIGN_IN; strings of the view beneath, which stays,
			    * but for a passphrase, which is used at once */
	const char *title; /* copied */
	const char *note;  /* of _(): a line about the provider's pages; NULL = none */
};

/* A list of names to choose from, narrowed by typing. */
struct picker_item {
	char *label; /* owned by the picker once opened */
	int64_t id;
};
struct picker_args {
	const char *title;         /* copied */
	struct picker_item *items; /* taken over */
	size_t n;
	/* Called after the picker closed. */
	void (*chosen)(struct ui *ui, int64_t id, void *ctx);
	void *ctx; /* freed with free() when the picker closes */
};

/* Forms about people: what the CRM does not take is not offered, and said. */
#define FORM_OTHERS_MOST 12
/* What a form is opened about; 0 = not known. */
struct form_context {
	int64_t crm, account; /* crm 0: that of the rest */
	int64_t contact, partner, deal, lead;
	int64_t others[FORM_OTHERS_MOST]; /* further contacts to choose from */
	size_t n_others;
};
void form_log_open(struct ui *ui, const struct form_context *c); /* call, meeting, note, task */
/* Somebody whom the CRM does not know: filled in from name, domain and the mail's signature. */
struct form_stranger {
	int64_t account;         /* 0 = nobody's mail: an empty form */
	int64_t message;         /* 0 = none */
	const char *name, *addr; /* NULL = not known */
};
void form_contact_new_open(struct ui *ui, const struct form_stranger *s);
void form_contact_edit_open(struct ui *ui, int64_t contact);
void form_deal_edit_open(struct ui *ui, int64_t deal);
/* Both versions of a record that was changed here and there; 0: the first that waits for it. */
void conflict_open(struct ui *ui, int64_t write);
/* The same of a record; false: it is in no conflict. It is to be decided before it is changed. */
bool conflict_open_of(struct ui *ui, enum record_kind kind, int64_t row);

/* match_view.c: people who wait for a decision. why_view.c: why a mail is or is not logged. */
struct why_args {
	int64_t message;
	const char *subject; /* copied; NULL = none */
};

/* import_view.c: asks for a file of contacts, shows what is in it, imports it. */
void import_contacts_open(struct ui *ui);

/* go.c: actions that lead to another screen. */
enum view_result go_action(struct ui *ui, enum action a);
/* The folders of all accounts as picker items; *n may be 0. */
struct picker_item *go_folder_items(struct ui *ui, int64_t account, size_t *n);

#endif
