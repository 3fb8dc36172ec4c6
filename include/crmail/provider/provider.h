/*
 * provider.h - one mail service behind one interface; sync knows no protocol [R7].
 *
 * Calls block, on the account's worker thread; only cancel() may come from elsewhere. A provider
 * knows neither SQLite nor curses. pull() fills ONE page in the caller's arena (at most 200
 * messages or 250 ms) and returns; the caller commits page and cursor together, does waiting
 * work, and calls again while `more`. Cursor: opaque text the provider makes and reads;
 * ERR_CONFLICT = the server no longer takes it, start with NULL. A cut-short listing never yields
 * `gone`: silence is not deletion.
 *
 * With PROV_ACCOUNT_CURSOR only the inbox is pulled, and what its pages say is so for all folders:
 * each message and each changed one comes with all folders it lies in, `gone` is gone from all, and
 * ids are those of the account. ERR_CONFLICT then means one listing of everything anew, in which
 * ids that the store has (known() with server_name NULL) come again as flags with their folders;
 * what has not come by its end (unseen()) the provider asks for by its id, and says which of it is
 * gone.
 */
#ifndef CRMAIL_PROVIDER_H
#define CRMAIL_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/op.h"

struct arena;
struct buf;
struct clock_src;
struct net_cancel;
struct prov_contacts_page;
struct prov_contacts_sink;
struct prov_flag;
struct provider;
struct tls_trust;

enum provider_caps {
	PROV_LABELS = 1 << 0, /* a message may be in several folders */
	PROV_PUSH = 1 << 1,   /* wait() returns when the inbox changed */
	PROV_SEARCH = 1 << 2,
	PROV_THREAD_ID = 1 << 3,
	PROV_ACCOUNT_CURSOR = 1 << 4, /* one cursor for all folders */
	PROV_FILES_SENT = 1 << 5,     /* the service files its own copy in Sent */
	PROV_BODY_CHEAP = 1 << 6,     /* pull() may give whole messages at no cost (Maildir) */
	PROV_LOOK = 1 << 7,           /* look() tells of all folders in one round trip */
};

enum tls_mode { TLS_IMPLICIT, TLS_STARTTLS, TLS_INSECURE_NONE };

/* How to reach an account; strings borrowed for the provider's life. */
struct account_conf {
	int64_t account;  /* row id, for the log; 0 = none */
	const char *name; /* label, for messages to the user */
	const char *kind; /* "imap", "maildir", "gmail", "graph" */
	const char *email;
	const char *host;
	int port;
	const char *api; /* services on the web: base address; NULL = the provider's own */
	enum tls_mode tls;
	const char *ca_file; /* private CA added to the system's; NULL = none */
	const char *user;
	/* Asks the auth helper for the password; fills `out` and returns 0. Called per connect. */
	int (*password)(void *ctx, struct buf *out, struct err *e);
	void *password_ctx;
	/* The same for an access token, which then takes the password's place: XOAUTH2 or
	 * OAUTHBEARER, as the server offers. refused: the one it did not take, asked for once more
	 * with it; NULL at first. NULL = there is a password. */
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	const char *maildir; /* "maildir": folder */
	/* What the store has of a folder: server ids with their remote flags, in the arena; all of
	 * them (ids NULL: for services that cannot tell what changed), or those of n_ids ids.
	 * server_name NULL: those of n_ids ids, in any folder. */
	int (*known)(void *ctx, const char *server_name, const char *const *ids, size_t n_ids,
		struct arena *a, const struct prov_flag **out, size_t *n, struct err *e);
	/* With PROV_ACCOUNT_CURSOR: ids that a listing anew has not brought yet, in their order
	 * behind `after` (NULL = the first), some hundred at a time; n 0 = that was all. */
	int (*unseen)(void *ctx, const char *after, struct arena *a, const char *const **ids,
		size_t *n, struct err *e);
	void *known_ctx;
	struct net_cancel *cancel; /* the owner's; NULL = the provider makes its own */
	int64_t history_since;     /* messages received before are not pulled; 0 = all */
	int deadline_ms;           /* network timeouts; 0 = default 30000 */
	int idle_ms; /* how long a service that pushes is left alone (IDLE, NOOP); 0 = default */
	const struct clock_src *clock;
	struct tls_trust *trust; /* shared trust store; NULL = loads its own (tests) */
};

struct prov_folder {
	const char *name;        /* for people: decoded UTF-8 */
	const char *server_name; /* for the provider */
	enum folder_role role;
	bool no_select;
};
struct folder_list {
	struct prov_folder *v;
	size_t n;
	bool is_cut; /* there are more than are taken: what is not among them is not gone */
};

struct prov_look {
	const char *folder, *cursor; /* server name; of the last page, NULL = none */
	bool is_same;                /* out: pull() would find nothing */
};

struct prov_msg {                   /* borrowed from the arena */
	const char *id;             /* UID, Gmail id, Graph immutable id, Maildir base name */
	const char *const *folders; /* NULL-ended labels with PROV_LABELS, else NULL */
	const char *thread_id;      /* NULL without PROV_THREAD_ID */
	uint32_t flags;             /* enum msg_flag */
	int64_t received;           /* seconds UTC */
	uint64_t size;
	const char *headers; /* raw RFC 5322, may be 8-bit */
	size_t headers_len;
	bool is_whole;      /* headers holds the whole message */
	bool is_unreadable; /* the service cannot give it: headers are in its place */
};
struct prov_flag {
	const char *id;
	uint32_t flags;
	const char *const *folders; /* as of prov_msg; NULL = not said */
};
struct prov_page {
	struct prov_msg *msgs;
	size_t n;
	struct prov_flag *flags;
	size_t n_flags;
	const char **gone;
	size_t n_gone;
	const char *cursor; /* commit together with the page */
	bool more;
	int64_t total;        /* messages to come in this folder when known, else -1 */
	bool is_short;        /* the listing is not to be trusted: what did not come may be there */
	uint32_t told;        /* flags that the service keeps; the others are ours alone; 0 = all */
	bool folders_changed; /* an empty page: folders() is wanted before the next one */
};
/* Receives bytes of a body as they come; returning -1 ends the fetch with ERR_CANCELLED. */
struct sink {
	int (*write)(void *ctx, const char *p, size_t n);
	void *ctx;
};
struct found {
	const char *folder, *id;
	bool is_draft;
}; /* folder NULL = not found */
/* A search in one folder: the caller asks folder by folder. */
struct query {
	const char *text;   /* the query language of the search field */
	const char *folder; /* server name */
	const char *as_of;  /* the folder's pull cursor: what numbering it knows; NULL = any */
	const char *cursor; /* of the last page; NULL = first */
	size_t max;         /* messages a page; 0 = 200, which is also the most */
};

#define PROV_APPLY_MOST 20 /* unless the provider says otherwise */
struct prov_applied {      /* of one of several changes */
	bool is_done;
	const char *new_id; /* as apply() gives it */
	struct err error;   /* why not */
};

struct provider_ops {
	const char *name;
	int (*open)(struct provider **out, const struct account_conf *c, struct err *e);
	void (*close)(struct provider *p);
	uint32_t (*caps)(const struct provider *p);
	int (*folders)(struct provider *p, struct arena *a, struct folder_list *out, struct err *e);
	/* With PROV_LOOK: which of these folders need no pull(). What the service does not tell of
	 * is not the same. NULL without. */
	int (*look)(struct provider *p, struct prov_look *v, size_t n, struct err *e);
	int (*pull)(struct provider *p, const char *folder, const char *cursor, struct arena *a,
		struct prov_page *out, struct err *e);
	/* Up to max_bytes of each message, in any order; one round trip for many ids. cursor: the
	 * folder's, which says what numbering the ids are of (NULL = any); ERR_CONFLICT when it
	 * is not the server's any more. */
	int (*fetch)(struct provider *p, const char *folder, const char *cursor,
		const char *const *ids, size_t n, uint64_t max_bytes,
		int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
		void *ctx, struct err *e);
	/* Each kind documents: idempotent, or looks first (op.h). new_id: server id in the
	 * destination when known, in the arena, else NULL. */
	int (*apply)(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
		struct err *e);
	/* Up to apply_most changes of kinds OP_FLAGS and OP_MOVE, each of another message, in few
	 * round trips; what became of each is in out[i]. -1 and *e: of none is it known. NULL where
	 * they go one by one. */
	size_t apply_most; /* 0 = PROV_APPLY_MOST */
	int (*apply_many)(struct provider *p, const struct op *ops, size_t n, struct arena *a,
		struct prov_applied *out, struct err *e);
	int (*find)(struct provider *p, const char *folder, const char *message_id, struct arena *a,
		struct found *out, struct err *e);
	/* With PROV_SEARCH: headers of what matches, newest first; out->cursor and out->more for
	 * the next page, out->total = still to come. Terms that only the store knows are left out,
	 * and a query of nothing else finds nothing. ERR_CONFLICT as in fetch(). */
	int (*search)(struct provider *p, const struct query *q, struct arena *a,
		struct prov_page *out, struct err *e);
	/* With PROV_PUSH: sleeps until something happened in the inbox (*has_news), wake_fd became
	 * readable (it is not read), or timeout_ms (-1 = for ever, 0 = only look). Brings the
	 * connections that it needs up and keeps them; where the service cannot tell, it asks. */
	int (*wait)(struct provider *p, int wake_fd, int timeout_ms, bool *has_news, struct err *e);
	/* A page of the account's address book (contacts.h); NULL = the service has none. */
	int (*contacts)(struct provider *p, const char *cursor, struct arena *a,
		const struct prov_contacts_sink *to, struct prov_contacts_page *out, struct err *e);
	void (*cancel)(struct provider *p); /* any thread */
};

/* First member of every provider's struct. */
struct provider {
	const struct provider_ops *ops;
};

/* Table lookup by account kind; NULL = unknown kind. */
const struct provider_ops *provider_by_kind(const char *kind);

#endif
