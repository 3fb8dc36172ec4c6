/*
 * desk.h - what the screen orders to be done to accounts: test and save one, sign in again, pause,
 * remove. Done in the background of the asking process, one order after the other; the result
 * is rows and a saved password, so that it needs no answer to have happened.
 *
 * Shared by ui (struct ui_hooks: order, look, withdraw) and sync (sync/desk.h). Plain data; every
 * string is borrowed for the call, and NULL = not given.
 */
#ifndef CRMAIL_DESK_H
#define CRMAIL_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/err.h"

enum desk_kind {
	DESK_ADD,     /* try reading and sending, then save the account and its password */
	DESK_SIGN_IN, /* try with another password, then save it and connect again */
	DESK_UNLOCK,  /* the passphrase of the saved passwords */
	DESK_PAUSE,
	DESK_RESUME,
	DESK_DETACH, /* remove the account; its mail stays to be read */
	DESK_REMOVE  /* with its mail */
};

/* Fields of an order; also where the cause of a failure is. */
enum desk_field {
	DESK_EMAIL,
	DESK_REAL_NAME,
	DESK_IMAP, /* HOST:PORT */
	DESK_SMTP,
	DESK_USER,
	DESK_PASSWORD,
	DESK_COMMAND,    /* password command instead */
	DESK_PASSPHRASE, /* of the saved passwords; NULL when they are open */
	DESK_TLS,        /* "implicit", "starttls", "insecure-none"; NULL = by port */
	DESK_CA,
	DESK_HISTORY, /* days, or "all" */
	DESK_NAME,    /* label of the account */
	DESK_FIELD_COUNT,
	DESK_NO_FIELD = DESK_FIELD_COUNT
};

struct desk_order {
	enum desk_kind kind;
	int64_t account; /* row id; 0 with DESK_ADD and DESK_UNLOCK */
	const char *v[DESK_FIELD_COUNT];
};

enum desk_step { DESK_WAITING, DESK_READING, DESK_SENDING, DESK_SAVING, DESK_DONE };

struct desk_answer {
	enum desk_step step;   /* the rest holds once it is DESK_DONE */
	enum desk_field field; /* what to change; DESK_NO_FIELD = none of them */
	struct err error;      /* ERR_NONE = it was done */
	int64_t account;       /* that it was done to */
};

#define DESK_PASSPHRASE_LEAST 8 /* bytes of a new one */

enum desk_secrets { /* the file of saved passwords */
	DESK_SECRETS_NONE,
	DESK_SECRETS_LOCKED,
	DESK_SECRETS_OPEN
};

#endif
