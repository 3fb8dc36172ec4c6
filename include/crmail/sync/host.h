/*
 * host.h - the one process of a data folder that talks to servers: a lock, one worker thread per
 * account and one per CRM [R46]. It shares nothing with the screen but the store, the event set
 * and the calls below.
 *
 * Who hosts, and who stands beside the host, is the seat's business (seat.h). host_open, start,
 * reload, close and pass: one thread at a time. Everything else: any thread, returns at once.
 */
#ifndef CRMAIL_HOST_H
#define CRMAIL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct arena;
struct ask;
struct clock_src;
struct event_set;
struct host;
struct rng;
struct secret_store;
struct store;
struct tls_trust;

struct host_options { /* borrowed for the host's life */
	struct store *store;
	const struct clock_src *clock;
	struct rng *rng;
	struct tls_trust *trust;      /* shared trust store */
	struct secret_store *secrets; /* saved passwords; NULL = none (tests) */
	struct event_set *events;     /* NULL = nobody listens (CLI) */
	const char *program;          /* this binary, for the auth helper */
	const char *data_dir;         /* the lock file lives here */
	const char *share_dir;        /* .../share/crmail: CRM profiles */
	int deadline_ms;              /* network timeouts, 0 = defaults */
	const char *kind; /* "tui" or "daemon": what `crmail status` says; NULL = neither */
	/* Called on any thread when an answer or a report is there to be taken; must not call the
	 * host. NULL = nobody waits for them. */
	void (*on_news)(void *ctx);
	void *news_ctx;
};

/* Whether some process hosts this data folder; its pid and kind ("tui", "daemon"). */
bool host_running(const char *data_dir, int64_t *pid, const char **kind);
/* Where that process listens (seat.h); NULL = nowhere, or nobody hosts. Caller frees with
 * free(). */
char *host_socket(const char *data_dir) NODISCARD;

/* Takes the lock; ERR_CONFLICT when another process hosts this data folder. */
int host_open(struct host **out, const struct host_options *o, struct err *e) NODISCARD;
/* Writes who hosts, and where it listens (NULL = nowhere), into the lock's file. */
int host_note(struct host *h, const char *socket, struct err *e) NODISCARD;
/* Starts the workers; they run until host_close(). */
int host_start(struct host *h, struct err *e) NODISCARD;
/* Accounts and CRMs were added or removed: starts and stops workers accordingly. */
int host_reload(struct host *h, struct err *e) NODISCARD;
/* Cancels everything and joins (each worker ends within its running step), then lets the lock
 * go. */
void host_close(struct host *h);

void host_kick(struct host *h, int64_t account);     /* durable work is waiting; 0 = all */
void host_sync_now(struct host *h, int64_t account); /* pull everything now; 0 = all */
void host_want_body(struct host *h, int64_t message);
/* ASK_SYNC_NOW or ASK_SIGN_IN, under a number of the caller's; the answer is to be taken. */
void host_ask(struct host *h, int64_t number, const struct ask *what);
bool host_take_answer(struct host *h, int64_t *number, struct err *e); /* false = none is there */
/* Bodies fetched and wanted by the backfills that run; total 0 = none. */
void host_counts(struct host *h, int64_t *done, int64_t *total);

/* A pass of a host that runs: everything that is due now, and what this brings; the number of the
 * pass that will contain it. */
int64_t host_want_pass(struct host *h);
/* The report (report.h) of the last pass that ended, once; NULL = none. *number: passes up to this
 * one have ended. Caller frees with free(). */
char *host_take_report(struct host *h, int64_t *number) NODISCARD;

/* ---- one pass, for `crmail sync --once` ------------------------------------------------------ */
enum pass_result { PASS_OK, PASS_PARKED, PASS_FAILED };

struct account_report {
	const char *name;
	enum pass_result result;
	struct err error; /* with PASS_FAILED */
	int64_t folders, n_new, n_changed, n_gone;
	int64_t ops_done, ops_parked, sent, unknown;
};
struct crm_report_parked {
	int64_t write;          /* of record.h; 0 = a mail's entry */
	const char *message_id; /* NULL = none */
	const char *target, *reason;
};
struct crm_report {
	const char *name;
	enum pass_result result;
	struct err error;
	int64_t contacts, partners, written, logged, skipped;
	int64_t events; /* told to the hook */
	const struct crm_report_parked *parked;
	size_t n_parked;
};
struct host_report { /* in the arena */
	struct account_report *accounts;
	size_t n_accounts;
	struct crm_report *crms;
	size_t n_crms;
};
/* Runs all accounts side by side and then every CRM until nothing is due, waiting for undo windows
 * and not_before; never for scheduled or parked items. Instead of host_start(). */
int host_pass(struct host *h, struct arena *a, struct host_report *out, struct err *e) NODISCARD;

#endif
