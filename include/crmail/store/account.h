/*
 * account.h - connected mailboxes, their settings, identities and folders (tables account,
 * account_setting, folder). Strings of results live in the caller's arena.
 */
#ifndef CRMAIL_STORE_ACCOUNT_H
#define CRMAIL_STORE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/op.h"

struct arena;
struct store;
struct store_reader;

enum account_status {
	ACCOUNT_OFFLINE,
	ACCOUNT_CONNECTED,
	ACCOUNT_SYNCING,
	ACCOUNT_SIGN_IN,
	ACCOUNT_ERROR,
	ACCOUNT_PAUSED,
	ACCOUNT_WAITING /* the server asked for patience; `error` says until when */
};

struct account_row {
	int64_t id;            /* 0 when adding */
	const char *name;      /* unique label of the user's choosing */
	const char *kind;      /* "imap", "maildir", "import" */
	const char *email;     /* own address */
	const char *real_name; /* display name in From; NULL = none */
	int64_t crm;           /* bound CRM, 0 = none */
	enum account_status status;
	const char *error;    /* one sentence; NULL = none */
	int64_t last_sync_at; /* seconds UTC, 0 = never */
	int64_t added_at;     /* day of connecting: nothing older is logged */
};

/* Settings are words of crmail-config(5) ("imap", "smtp", "user", "tls", "ca", "password_command",
 * "maildir", "sendmail", "history", "own_addresses" ...), values are text. No secrets. */
struct setting {
	const char *key, *value;
};

int account_add(struct store *s, const struct account_row *a, const struct setting *v, size_t n,
	int64_t *id, struct err *e) NODISCARD; /* worker call; ERR_CONFLICT: name taken */
/* value NULL = drop it. Worker call. */
int account_set(struct store *s, int64_t id, const char *key, const char *value,
	struct err *e) NODISCARD;
/* Its setting "secret", if that is `from` yet. ERR_CONFLICT: it is another one by now. */
int account_move_secret(struct store *s, int64_t id, const char *from, const char *to,
	struct err *e) NODISCARD;
/* With all its mail. Like account_detach(), ERR_CONFLICT while it has mail that was not sent. */
int account_remove(struct store *s, int64_t id, struct err *e) NODISCARD;
/* Its mail stays, as that of an account of kind "import"; settings and changes that wait go. */
int account_detach(struct store *s, int64_t id, struct err *e) NODISCARD;
/* Lasts until it is called again: account_set_status() changes nothing of a paused account but
 * its error. */
int account_pause(struct store *s, int64_t id, bool is_paused, struct err *e) NODISCARD;
int account_set_status(struct store *s, int64_t id, enum account_status st, const char *error,
	int64_t last_sync_at, struct err *e) NODISCARD;
int account_bind_crm(struct store *s, int64_t id, int64_t crm, struct err *e) NODISCARD;
int account_list(struct store_reader *r, struct arena *a, struct account_row **out, size_t *n,
	struct err *e) NODISCARD; /* by id */
int account_find(struct store_reader *r, struct arena *a, const char *name,
	struct account_row **out, struct err *e) NODISCARD; /* NULL when absent */
/* NULL when not set. */
const char *account_setting(struct store_reader *r, struct arena *a, int64_t id, const char *key);
int account_settings(struct store_reader *r, struct arena *a, int64_t id, struct setting **out,
	size_t *n, struct err *e) NODISCARD; /* by key */
/* The account's own addresses (email and own_addresses), normalised without "+tag"; NULL-ended.
 * id 0 = those of all accounts. */
int account_own_addresses(struct store_reader *r, struct arena *a, int64_t id,
	const char *const **out, size_t *n, struct err *e) NODISCARD;

struct folder_row {
	int64_t id;
	int64_t account;
	const char *name; /* server name, decoded UTF-8, "/" as separator as the server has it */
	const char *server_name; /* as the provider names it */
	enum folder_role role;
	int64_t total, unread; /* conversations' counters are thread_list's; these are messages */
	int64_t threads, unread_threads;
	bool is_synced;
	const char *cursor; /* provider's opaque text; NULL = start anew */
};
struct folder_in {
	const char *name, *server_name;
	enum folder_role role;
};

/* Makes the account's folders equal to the listing; a vanished one loses its placements. */
int folder_put_list(struct store *s, int64_t account, const struct folder_in *v, size_t n,
	struct err *e) NODISCARD;
/* The same of a listing that is not whole: no folder vanishes. */
int folder_add_list(struct store *s, int64_t account, const struct folder_in *v, size_t n,
	struct err *e) NODISCARD;
int folder_list(struct store_reader *r, struct arena *a, int64_t account /* 0 = all */,
	struct folder_row **out, size_t *n, struct err *e) NODISCARD;
int folder_by_role(struct store_reader *r, struct arena *a, int64_t account, enum folder_role role,
	struct folder_row **out, struct err *e) NODISCARD; /* NULL when absent */
int folder_get(struct store_reader *r, struct arena *a, int64_t id, struct folder_row **out,
	struct err *e) NODISCARD;

#endif
