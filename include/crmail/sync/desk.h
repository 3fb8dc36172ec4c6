/*
 * desk.h - the thread that does what is ordered about accounts and CRMs (base/desk.h), and the test
 * of an account's settings by itself. It needs no host: it writes rows, and says through `changed`
 * that there are some for the host to look at.
 *
 * desk_open, desk_close: main thread. The rest: any thread, return at once, but account_try().
 */
#ifndef CRMAIL_SYNC_DESK_H
#define CRMAIL_SYNC_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/desk.h"
#include "crmail/base/entry.h"

struct arena;
struct clock_src;
struct desk;
struct event_set;
struct net_cancel;
struct secret;
struct secret_store;
struct store;
struct tls_trust;
struct transport;

struct desk_options { /* borrowed for the desk's life */
	struct store *store;
	const struct clock_src *clock;
	struct tls_trust *trust;
	struct event_set *events; /* EV_PROGRESS at each step, EV_REPLY{arg = number} at the end */
	struct secret_store *secrets;
	const char *program;    /* this binary, for password commands */
	const char *share_dir;  /* .../share/crmail: CRM profiles, providers to sign in at */
	const char *config_dir; /* the person's own */
	int deadline_ms;        /* of one network step; 0 = default */
	/* An order was carried out. From the desk's thread. */
	void (*changed)(void *ctx, enum desk_kind kind, int64_t account);
	/* The saved passwords were opened with this passphrase, borrowed for the call. */
	void (*opened)(void *ctx, const struct secret *pass);
	void *ctx;
};

int desk_open(struct desk **out, const struct desk_options *o, struct err *e) NODISCARD;
void desk_close(struct desk *d); /* cancels what runs, forgets what waits; NULL is fine */

/* The number of the order, which is copied, secrets wiped after use; 0: too many are waiting. */
int64_t desk_order(struct desk *d, const struct desk_order *o);
/* False: there is no such order (any more). The answer can be looked at until eight later ones. */
bool desk_look(struct desk *d, int64_t number, struct desk_answer *out);
/* Stops the test of settings; nothing of it is saved. What is being saved is saved. */
void desk_cancel(struct desk *d, int64_t number);
/* With DESK_BROWSING: the address that a browser elsewhere has ended at. False: nobody waits for
 * it. */
bool desk_paste(struct desk *d, int64_t number, const char *address);
enum desk_secrets desk_secrets(struct desk *d);
enum desk_keyring desk_keyring(struct desk *d); /* as last seen */
bool desk_saves_in_keyring(struct desk *d);     /* new passwords, by that */
/* The CRMs that can be connected; with a name, that one alone. Reads files of this computer;
 * results live in the arena. */
int desk_profiles(struct desk *d, const char *name, struct arena *a, struct desk_profile **out,
	size_t *n, struct err *e) NODISCARD;

#define DESK_SECRET_NAME ENTRY_MAX /* bytes of a saved password's name, with the final 0 */
/* A new name, in the keyring or the file as secret_store_saves_in_keyring() says; the keyring shows
 * whose it is: an address, the name of a CRM. */
int desk_name_secret(struct secret_store *s, const char *whose, char name[DESK_SECRET_NAME],
	struct err *e) NODISCARD;
/* Saves a password under a new name, which goes into the account's or CRM's setting "secret": what
 * none names so within an hour is ended (grant_tidy()). */
int desk_save_password(struct secret_store *s, const char *whose, const struct secret *password,
	char name[DESK_SECRET_NAME], struct err *e) NODISCARD;

/* What is tried, and with what. */
struct account_trial {
	const char *name, *email, *imap, *smtp, *user, *tls, *ca; /* NULL = not given */
	const char *kind; /* "gmail", "graph": sends by itself, without smtp; NULL = "imap" */
	const char *api;  /* its base address; NULL = the provider's own */
	const struct secret *password;
	const char *grant; /* name of a grant in secrets, instead of the password; NULL = none */
	struct secret_store *secrets;
	struct tls_trust *trust;
	const struct clock_src *clock;
	struct net_cancel *cancel;
	int deadline_ms;
	void (*step)(void *ctx, enum desk_step step); /* NULL = nobody wants to know */
	/* What transport_cancel() stops the sending part with; NULL once it is closed. */
	void (*hold)(void *ctx, struct transport *t); /* NULL = nobody will stop it */
	void *ctx;
};
/* Reading: connect, TLS, sign in, list the folders. Sending: connect, TLS, sign in, MAIL and RCPT
 * with the own address, RSET. Blocks. On failure *where says what to change. */
int account_try(const struct account_trial *t, enum desk_field *where, struct err *e) NODISCARD;

#endif
