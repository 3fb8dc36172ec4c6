/* desk_private.h - what orders about accounts (desk.c) and CRMs (desk_crm.c) share. Desk's
 * thread. */
#ifndef CRMAIL_DESK_PRIVATE_H
#define CRMAIL_DESK_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/net/secret.h"
#include "crmail/sync/desk.h"

struct buf;
struct net_cancel;
struct oauth_prompt;
struct transport;

#define DESK_ORDERS 8 /* waiting or looked at */

struct order {
	int64_t number; /* 0 = free */
	enum desk_kind kind;
	int64_t account, crm;
	struct secret v[DESK_FIELD_COUNT];      /* all of them: a password is among them */
	struct secret words[DESK_WORDS_MAX][2]; /* likewise: keys of a CRM may be */
	size_t n_words;
	bool is_cancelled;
	struct desk_answer answer;
};

struct desk {
	struct desk_options o;
	pthread_t thread;
	bool is_running;
	struct net_cancel *cancel;
	pthread_mutex_t lock; /* guards the members below */
	pthread_cond_t wake;
	struct order orders[DESK_ORDERS];
	int64_t next, running; /* numbers; running 0 = none */
	struct transport *transport;
	struct desk_answer prompt; /* of the running order: url, code */
	int paste_fd;              /* where pasted addresses go; -1 = nobody waits for one */
	bool is_stopping;
};

/* What was given for a field; NULL = nothing. */
const char *order_field(const struct order *o, enum desk_field f);
void desk_set_step(void *desk, enum desk_step step);
/* Says which field the cause is in. */
int order_fail_at(struct order *o, enum desk_field f, struct err *e, const char *why);
/* Typed, or what the command prints. */
int desk_find_password(struct desk *d, struct order *o, struct secret *out,
	struct err *e) NODISCARD;
/* Where the entry lies (NULL = a new one): the file with the passphrase of the order where it is
 * needed, the keyring only when it is open. */
int desk_open_secrets(struct desk *d, struct order *o, const char *entry, struct err *e) NODISCARD;
/* Where to save what had that entry: NULL = a new one, because the keyring it lay in is gone. */
const char *desk_place(struct desk *d, const char *entry);
/* A passphrase that is wrong is said before a server is asked; a file that is not there is made
 * only after it agreed. */
int desk_check_secrets(struct desk *d, struct order *o, const char *entry, struct err *e) NODISCARD;
/* A cancel that came after the last step of a test: nothing is saved. */
int desk_check_cancel(const struct desk *d, struct err *e) NODISCARD;

/* Tries reading and sending; on failure the answer's field says where. */
void desk_prepare_trial(struct desk *d, struct account_trial *t);

/* desk_grant.c: signs in at the provider and tries the servers, which are the provider's where the
 * order (DESK_ADD) names none. api: gets the base address of the service, where t->kind is one;
 * NULL = that of the trial counts. */
int desk_obtain_grant(struct desk *d, struct order *o, const char *provider,
	const struct account_trial *t, struct buf *api, char entry[DESK_SECRET_NAME],
	struct err *e) NODISCARD;
/* Takes it back at the provider; what fails is logged. */
bool desk_revoke_grant(struct desk *d, int64_t account, const char *entry);
/* The same with what is to be said of it; noted before (grant_note()). NULL = there is none. */
enum desk_left desk_end_secret(struct desk *d, int64_t account, const char *entry, bool is_grant);

/* Shows the person's part to whoever looks at the order; ctx: the desk. */
void desk_prompt(void *desk, const struct oauth_prompt *p);
/* Runs what may take a pasted address: paste_fd is where one comes, -1 = nowhere. */
int desk_with_paste(struct desk *d, int (*run)(void *ctx, int paste_fd, struct err *e), void *ctx,
	struct err *e) NODISCARD;

/* desk_relay.c: an order about a relay. */
int desk_do_relay(struct desk *d, struct order *o, struct err *e) NODISCARD;
/* Erases the saved key of a relay; false: it stays, and that is logged. NULL = there is none. */
bool desk_forget_key(struct desk *d, int64_t account, const char *entry);

/* desk_crm.c: an order about a CRM. */
int desk_do_crm(struct desk *d, struct order *o, struct err *e) NODISCARD;

/* desk_contacts.c */
int desk_import_contacts(struct desk *d, struct order *o, struct err *e) NODISCARD;

#endif
