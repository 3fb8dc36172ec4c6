/*
 * desk.h - what the screen orders to be done to accounts and CRMs: test and save one, sign in
 * again, pause, remove. Done in the background of the asking process, one order after the other;
 * the result is rows and a saved password, so that it needs no answer to have happened.
 *
 * Shared by ui (struct ui_hooks: order, look, withdraw, profiles) and sync (sync/desk.h). Plain
 * data; every string is borrowed for the call, and NULL = not given.
 */
#ifndef CRMAIL_DESK_H
#define CRMAIL_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/err.h"
#include "crmail/base/offer.h"

enum desk_kind {
	DESK_ADD,            /* try reading and sending, then save the account and its password */
	DESK_SIGN_IN,        /* try with another password, then save it and connect again */
	DESK_UNLOCK,         /* the passphrase of the saved passwords */
	DESK_UNLOCK_KEYRING, /* the desktop asks for its password, in a window of its own */
	DESK_FIND,           /* how the mailbox of an address can be connected; changes nothing */
	DESK_PAUSE,
	DESK_RESUME,
	DESK_DETACH, /* remove the account; its mail stays to be read */
	DESK_REMOVE, /* with its mail */
	/* The people of its address book into the CRM kept on this computer, which is made where
	 * there is none. What is not allowed yet the next sign-in asks for: error.sys is 403
	 * then. */
	DESK_CONTACTS,
	/* Let a relay into the mailbox (DESK_URL, DESK_USER, its key as DESK_PASSWORD or
	 * DESK_COMMAND), then save it and send through it; or send as before. */
	DESK_RELAY_PUT,
	DESK_RELAY_OFF,
	/* Sign in and read a page of each object, then save the CRM and which accounts belong to
	 * it. A new one logs nothing until DESK_CRM_LOG. With `crm` an existing one is changed. */
	DESK_CRM_PUT,
	DESK_CRM_LOG,     /* what of the mail is logged from now on */
	DESK_CRM_SIGN_IN, /* try with another password, then save it */
	DESK_CRM_PAUSE,
	DESK_CRM_RESUME,
	DESK_CRM_REMOVE /* what was pulled and what waits go; mail, and what the CRM has, stay */
};

/* Fields of an order; also where the cause of a failure is. */
enum desk_field {
	DESK_EMAIL,
	DESK_REAL_NAME,
	DESK_IMAP, /* HOST:PORT */
	DESK_SMTP,
	DESK_USER,
	DESK_PASSWORD,
	DESK_COMMAND, /* password command instead */
	DESK_OAUTH,   /* or: the provider to sign in at; servers not given are its own */
	DESK_KIND,    /* with it: "gmail" or "graph", without IMAP; NULL = IMAP and SMTP */
	DESK_CLIENT,  /* as which program: an id, or a path (net/oauth.h); NULL = as it is kept */
	DESK_CLIENT_SECRET,
	DESK_TENANT,
	DESK_DEVICE,     /* "yes": there with a code on another device */
	DESK_PASSPHRASE, /* of the saved passwords; NULL when they are open */
	DESK_TLS,        /* "implicit", "starttls", "insecure-none"; NULL = by port */
	DESK_CA,
	DESK_HISTORY,   /* days, or "all" */
	DESK_NAME,      /* label of the account or CRM */
	DESK_PROFILE,   /* name or path of the CRM's profile */
	DESK_URL,       /* where the CRM, or the relay, answers */
	DESK_CLEAR,     /* "yes": its http:// may be used though it is not encrypted */
	DESK_ACCOUNTS,  /* ids of the accounts that belong to the CRM, blanks between; "" = none */
	DESK_LOG_SIDE,  /* "activity", "message", "off" */
	DESK_LOG_MODE,  /* "known", "replies", "everything", "off" */
	DESK_LOG_LEVEL, /* "headers", "snippet", "full" */
	DESK_LOG_SINCE, /* seconds UTC in decimal; "0" = all */
	DESK_FIELD_COUNT,
	DESK_NO_FIELD = DESK_FIELD_COUNT
};

#define DESK_WORDS_MAX 24
struct desk_word { /* of the profile's `config` */
	const char *key, *value;
};

struct desk_order {
	enum desk_kind kind;
	int64_t account; /* row id; 0 with DESK_ADD, DESK_UNLOCK, DESK_FIND and for CRMs */
	int64_t crm;     /* row id; 0 = a new one, or about accounts */
	const char *v[DESK_FIELD_COUNT];
	struct desk_word words[DESK_WORDS_MAX];
	size_t n_words;
};

enum desk_step {
	DESK_WAITING,
	DESK_READING,
	DESK_SENDING,
	DESK_JOINING,    /* the relay is asked whose mailbox it may send from */
	DESK_BROWSING,   /* the person's turn, in the browser or with a code: both are there */
	DESK_SIGNING_IN, /* to a CRM */
	DESK_PULLING,    /* a page of each of its objects */
	DESK_SAVING,
	DESK_DONE
};

/* What a removed account has left behind. */
enum desk_left {
	DESK_LEFT_NOTHING,
	DESK_LEFT_UNTIL_UNLOCKED, /* its sign-in, until the file or the keyring is opened next */
	DESK_LEFT_PASSWORD,       /* a saved password, as long */
	DESK_LEFT_AT_PROVIDER,    /* its sign-in, which the provider was not told to end */
	DESK_LEFT_KEY             /* the saved key of its relay: where that lies is locked */
};

struct desk_people { /* of an address book */
	int64_t n_new, n_updated, n_same, n_repeated, n_skipped;
	bool is_unused; /* no account uses the CRM that was made for them */
};

struct desk_answer {
	enum desk_step step;       /* what stands behind url and code holds once it is DESK_DONE */
	char url[2048];            /* DESK_BROWSING: to open; "" = too long to be shown */
	char code[64];             /* to type there; "" = the browser comes back by itself */
	bool is_opened;            /* a browser was started with it */
	enum desk_field field;     /* what to change; DESK_NO_FIELD = none of them */
	struct err error;          /* ERR_NONE = it was done */
	int64_t account;           /* that it was done to */
	int64_t crm;               /* likewise */
	enum desk_left left;       /* after DESK_DETACH, DESK_REMOVE, DESK_RELAY_OFF */
	struct offers offers;      /* DESK_FIND: what was found */
	struct desk_people people; /* DESK_CONTACTS: what was stored, after a failure too */
};

/* What a CRM's profile asks for and can do. */
struct desk_profile_key {
	const char *name, *label; /* label NULL = none */
	bool is_required, is_secret;
};
struct desk_profile {
	const char *name; /* for DESK_PROFILE */
	const char *title;
	bool is_remote;                      /* false: nothing to sign in to */
	bool logs_messages;                  /* DESK_LOG_SIDE "message" is possible */
	const char *secret;                  /* name of the one secret; NULL = none */
	const struct desk_profile_key *keys; /* config first */
	size_t n_keys;
};

#define DESK_PASSPHRASE_LEAST 8 /* bytes of a new one */

enum desk_secrets { /* the file of saved passwords */
	DESK_SECRETS_NONE,
	DESK_SECRETS_LOCKED,
	DESK_SECRETS_OPEN
};

enum desk_keyring { /* of the desktop */
	DESK_KEYRING_NONE,
	DESK_KEYRING_LOCKED,
	DESK_KEYRING_SLOW, /* it does not answer */
	DESK_KEYRING_OPEN
};

#endif
