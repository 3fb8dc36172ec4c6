/*
 * crm_sync.h - one CRM at work: pull what changed there, match mail with it, queue what is to be
 * logged, and write the queue out one by one with verification. Never blocks mail: it reads and
 * writes rows of its own. Worker thread only; a struct crm_sync belongs to one worker.
 *
 * A CRM that does not answer leaves its queue as it is; matching goes on with what is known.
 */
#ifndef CRMAIL_CRM_SYNC_H
#define CRMAIL_CRM_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/crm/crm.h"
#include "crmail/crm/write.h"
#include "crmail/sync/host.h"

struct arena;
struct buf;
struct clock_src;
struct crm_profile;
struct crm_sync;
struct net_cancel;
struct secret_store;
struct store;

struct crm_sync_options { /* borrowed for the life of the crm_sync */
	struct store *store;
	const struct clock_src *clock;
	const char *program;       /* this binary, for the auth helper */
	const char *share_dir;     /* .../share/crmail: profiles */
	int deadline_ms;           /* network timeouts, 0 = defaults */
	struct net_cancel *cancel; /* stops a running request; NULL = none */
	bool only_looks;           /* the store is not written to while it is opened */
	bool (*should_stop)(void *ctx);
	void *stop_ctx;
	/* The file of saved passwords: the refresh token lies there while it is open, and the
	 * password that the setting "secret" names. NULL = none. */
	struct secret_store *vault;
	bool without_token;                /* signs in by password and stores no token */
	const struct crm_http *http;       /* NULL = the network; tests give their own */
	const struct crm_secrets *secrets; /* NULL = the above, in the helper */
};

/* Reads the CRM's row, settings and profile. ERR_NOTFOUND, ERR_PARSE, ERR_USAGE. */
int crm_sync_open(struct crm_sync **out, const struct crm_sync_options *o, int64_t crm,
	struct err *e) NODISCARD;
void crm_sync_close(struct crm_sync *s); /* NULL is allowed */
/* The name under which its refresh token is saved, if there is one: beside its password. */
const char *crm_sync_token_entry(const struct crm_sync *s);

/* Everything once: send what the user wrote, pull, match, log until nothing is due. The counts are
 * those of this pass; what failed stands in out->error, parked entries are named. Strings in the
 * arena. `name` is left alone. */
void crm_sync_pass(struct crm_sync *s, struct arena *a, struct crm_report *out);
/* Only what needs no pull: send what the user wrote, match new mail and log it. For kicks between
 * two pulls. */
void crm_sync_push(struct crm_sync *s, struct arena *a, struct crm_report *out);
/* Only what does not need the CRM: who is in new mail, and what the hook has to be told. While the
 * CRM is to be left alone. */
int crm_sync_match(struct crm_sync *s, struct err *e) NODISCARD;
/* The CRM's row or settings are others than those it was opened with: open it anew. */
bool crm_sync_is_stale(struct crm_sync *s);
/* When a hook that failed is to be tried again, which every call above does; seconds UTC, 0 = there
 * is nothing to try. */
int64_t crm_sync_next_event(const struct crm_sync *s);

/* What works with the CRM: sign-in, one page of each object, who makes the activities of mail.
 * Reads only and stores nothing; sentences and the page's strings are valid as long as the arena
 * and the crm_sync. */
struct crm_finding {
	const char *object;
	bool is_needed; /* without it nothing else is pulled */
	size_t rows;    /* on the first page */
	bool has_more;
	struct err error;   /* code ERR_NONE: it works */
	const char *advice; /* what to do; NULL = none */
};
struct crm_test {
	struct err error; /* of the sign-in: then nothing else was tried */
	const char *advice;
	struct crm_identity me;
	struct crm_finding v[CRM_OBJECT_COUNT];
	size_t n;
	unsigned abilities; /* CRM_ABILITY(): what the profile can write */
	struct crm_maker_found maker;
	struct err maker_error;
	const char
		*maker_advice; /* the set side of logging does not fit; NULL = nothing against it */
};
void crm_sync_test(struct crm_sync *s, struct arena *a, struct crm_test *out);

/* The profile of that name: a file when it has a "/", else crm/NAME.json below share_dir.
 * ERR_NOTFOUND names it. Any thread. */
int crm_sync_profile(const char *name, const char *share_dir, struct crm_profile **out,
	struct err *e) NODISCARD;

/* Bits of record_abilities() (store/record.h): what the profile can write. Any thread. */
unsigned crm_write_abilities(const struct crm_profile *p);

struct crm_web_record {
	const char *share_dir;
	int kind;    /* enum record_kind; others have no page */
	int64_t row; /* of that kind */
};
/* Appends the http(s) address of the record's page; nothing where there is none. Any thread. */
int crm_web_of(struct store *s, const struct crm_web_record *what, struct buf *out,
	struct err *e) NODISCARD;

#endif
