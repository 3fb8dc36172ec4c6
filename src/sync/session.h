/*
 * session.h - one account at work: its provider, its read handle, and the steps a worker takes.
 * Worker thread only; the struct belongs to one worker.
 */
#ifndef CRMAIL_SESSION_H
#define CRMAIL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/net/secret.h"
#include "crmail/provider/provider.h"
#include "crmail/sync/host.h"

#include "backoff.h"

struct account_row;
struct ingest_page;
struct ingest_writing;
struct prov_page;
struct folder_row;
struct transport;
struct worker;

struct session_folder {
	int64_t id;
	const char *name, *server_name;
	enum folder_role role;
	int64_t next_pull_at;    /* ms, monotonic: 0 = now */
	bool is_midway;          /* its listing goes on with the next step */
	bool is_asked_midway;    /* what came since that began is wanted too */
	uint32_t failures;       /* in a row */
	int64_t n_listed;        /* messages of the listing so far */
	bool is_listing;         /* a full listing runs: its end says what is gone */
	bool has_missing_bodies; /* worth asking the store, */
	int64_t bodies_below;    /* from that message down */
	bool has_changed;        /* by a look at all folders: it is pulled */
};

enum { FOLDER_TRIES = 3 }; /* broken connections in a row before a folder is to blame */

/* What the store still writes while the next page or batch is fetched. */
struct session_flight {
	struct ingest_writing *writing; /* NULL = nothing */
	struct arena a;                 /* what it reads from */
	const int64_t *ids;             /* bodies of the backfill, not marked as there yet */
	size_t n;
};

struct session {
	const struct host_options *host;
	int64_t account;
	struct arena keep; /* configuration, read anew with each connection */
	struct arena list; /* folders, read anew with each listing */
	struct account_conf conf;
	const char *password_command;
	const char *oauth;    /* provider signed in at: `secret` names a grant; NULL = a password */
	const char *tls_word; /* --tls; NULL = by port */
	const char *smtp;     /* HOST:PORT, NULL = none */
	const char *sendmail; /* command, NULL = none */
	/* Address of a relay, before all others; NULL = none. Who we are there, and what prints its
	 * key. */
	const char *relay, *relay_user, *relay_key_command;
	uint64_t body_limit; /* bytes: larger messages come in part until they are opened */
	int64_t interval_ms; /* between two looks at every folder */
	const struct provider_ops *ops;
	struct provider *provider; /* NULL = not connected */
	struct store_reader *reader;
	struct transport *transport; /* NULL until the first mail is sent */
	const char *sent_copy;       /* setting: "server" or "crmail" files it; NULL = not known */
	int64_t connected_at;        /* seconds UTC, of the provider */
	int64_t watched;             /* mail whose copy in Sent is waited for, until: */
	int64_t watch_until_ms;      /* monotonic */
	int64_t copy_at_ms;          /* monotonic: when Sent is looked at again; 0 = at once */
	struct secret_helper helper;
	struct session_folder *folders;
	size_t n_folders;
	bool folders_known;
	bool is_account_wide;    /* PROV_ACCOUNT_CURSOR: the inbox stands for all folders */
	unsigned first_batches;  /* of bodies that come before the next page of headers */
	bool is_missing_known;   /* the folders' has_missing_bodies hold, */
	int64_t missing_at;      /* ms, monotonic: and without any are looked at again then */
	bool has_missing_copies; /* worth asking the store when no folder has any */
	unsigned look_failures;  /* in a row */
	int64_t next_due;        /* seconds UTC of the earliest op or mail not yet due, 0 = none */
	int64_t asks_at;         /* the same of a mail whose fate is asked about */
	uint32_t send_failures; /* attempts that came to nothing but a later try, since the start */
	uint32_t send_most;     /* of them, after which no more is sent; 0 = no limit */
	struct err send_error;  /* why the last of them failed */
	int64_t done, total;    /* bodies of the running backfill, for the progress line */
	size_t body_batch;      /* bodies asked for at once; 1 while one of them is bad */
	int64_t suspect;        /* message whose body could not be read when asked for alone, */
	uint32_t suspect_tries; /* and how often it broke the connection */
	bool has_gone;          /* a message left a folder: it may have come in another */
	uint64_t progress;      /* grows with work that need not be done again after a reconnect */
	int64_t bodies_at;      /* ms, monotonic: bodies are not asked for before; 0 = now */
	uint32_t body_failures; /* in a row */
	int64_t suspect_op;     /* change that broke the connection, */
	uint32_t suspect_op_tries; /* and how often in a row */
	struct retry sending;      /* held up by what needs the user: credentials, a certificate */
	int64_t sends_at;          /* seconds UTC: the service sent nothing; no mail goes before */
	int64_t asks_held_until;   /* likewise: the service could not be asked what became of one */
	struct err sending_error;
	struct err bodies_error; /* why they are left alone */
	struct err folder_error; /* of a folder that cannot be read while others can */
	int64_t troubled_folder; /* that folder; 0 = none */
	bool was_left_alone;     /* the failure that was just returned costs nothing else */
	struct session_flight flight;
	struct worker *worker; /* whose thread this is */
	struct account_report report;
};

int session_init(struct session *s, struct worker *w, struct err *e) NODISCARD;
void session_release(struct session *s);
int session_connect(struct session *s, struct err *e) NODISCARD; /* no-op when connected */
void session_disconnect(struct session *s);
void session_drop(struct session *s); /* the same without a goodbye: the line is broken or stalls */
void session_close_transport(struct session *s);
void session_refresh_way(struct session *s); /* closes the transport if settings have changed */
/* send.c: no-op when it is open. */
int session_open_transport(struct session *s, struct err *e) NODISCARD;
/* send.c: by what the account sends, as struct outbox_row has it; NULL = it cannot. */
const char *session_sending_way(const struct session *s, struct arena *a);
/* send.c: a try came to nothing but a later one. A pass counts these, so that it does not wait for
 * ever for a server that is away. */
void session_note_unsent(struct session *s, const struct err *why);

/* Steps: each at most 250 ms or one round trip of work. *did says whether there was any. */
int session_list_folders(struct session *s, struct err *e) NODISCARD;
/* Where the provider tells of all folders in one round trip: those that are as they were need no
 * look of their own. */
int session_look_step(struct session *s, int64_t now_ms, bool *did, struct err *e) NODISCARD;
int session_pull_step(struct session *s, int64_t now_ms, bool *did, struct err *e) NODISCARD;
/* One body that somebody waits for (table body_request); before everything else. */
int session_wanted_step(struct session *s, bool *did, struct err *e) NODISCARD;
int session_bodies_step(struct session *s, bool *did, struct err *e) NODISCARD;
/* The bodies of what a long listing brought first, which is what the user looks at. */
int session_first_bodies_step(struct session *s, bool *did, struct err *e) NODISCARD;
int session_fetch_body(struct session *s, int64_t message, struct err *e) NODISCARD;
/* far_search.c: asks the server for what matches a query of the search field, folder by folder, and
 * stores what it finds (search_found()). ERR_UNSUPPORTED: the service cannot search. */
int session_search(struct session *s, const char *text, struct err *e) NODISCARD;
/* Waits until what is in flight is written. What comes then is a failure of the store. */
int session_land(struct session *s, struct err *e) NODISCARD;
/* pull.c: what the provider gave as the store takes it; in the arena. */
void session_fill_page(struct session *s, struct arena *a, const struct prov_page *in,
	struct ingest_page *out);
int session_ops_step(struct session *s, bool *did, struct err *e) NODISCARD;
int session_send_step(struct session *s, bool *did, struct err *e) NODISCARD;
int session_drafts_step(struct session *s, bool *did, struct err *e) NODISCARD;
bool session_gave_up_sending(const struct session *s); /* send_most failures were reached */

/* Sleeps until new mail comes, a request is made, or until_ms (monotonic; in the past: only looks).
 * New mail makes the inbox due. */
int session_wait(struct session *s, int64_t until_ms, struct err *e) NODISCARD;

/* What was left alone for a while so that the rest could go on; NULL = nothing. */
const struct err *session_trouble(const struct session *s);
/* Somebody asked: everything is due now, and tried again as if nothing had failed. */
void session_hurry(struct session *s);
/* Bodies that were here are not any more. */
void session_lost_bodies(struct session *s);
/* The session's folder of that role; NULL = none. */
const struct session_folder *session_folder_of(const struct session *s, enum folder_role role);
/* Makes the folder where the server has none of that role. */
int session_need_role(struct session *s, enum folder_role role, struct err *e) NODISCARD;
/* Every folder (or those of the role, or the one of that name) is due now. */
void session_pull_all(struct session *s);
void session_pull_named(struct session *s, const char *server_name);
void session_pull_role(struct session *s, enum folder_role role);
/* Next moment something is due by itself, ms monotonic; INT64_MAX = never. */
int64_t session_next_wake(const struct session *s, int64_t now_ms);
/* "host:port"; IPv6 literals stand in brackets. ERR_USAGE. */
int session_split_host(struct arena *a, const char *text, const char **host, int *port,
	struct err *e) NODISCARD;
/* account_conf.token of an account; ctx is the session. */
int session_ask_relay_key(void *ctx, const char *refused, struct buf *out,
	struct err *e) NODISCARD; /* relay.h: key */
int session_ask_token(void *ctx, const char *refused, struct buf *out, struct err *e);
/* The word of --tls; NULL = as the port says. */
enum tls_mode session_tls_mode(const char *word, int port);
enum tls_mode session_tls_of(const struct session *s, int port);
void session_note_due(struct session *s, int64_t due);
/* The same for what nobody who waits for the account need wait for. */
void session_note_ask(struct session *s, int64_t at);

#endif
