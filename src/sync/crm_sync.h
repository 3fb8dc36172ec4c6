/* crm_sync.h (private) - what the steps of a CRM's pass share. Worker thread. */
#ifndef CRMAIL_SRC_SYNC_CRM_SYNC_H
#define CRMAIL_SRC_SYNC_CRM_SYNC_H

#include "crmail/base/arena.h"
#include "crmail/crm/match.h"
#include "crmail/store/contact.h"
#include "crmail/sync/crm_sync.h"

struct buf;
struct crm_profile;
struct http;
struct store_reader;

struct crm_sync {
	struct crm_sync_options options;
	int64_t id;
	struct arena keep; /* row, settings; for the life */
	const struct crm_row *row;
	struct setting *settings; /* by key */
	size_t n_settings;
	const char *secret_command; /* NULL = none */
	const char *secret_entry;   /* in the file of saved passwords; NULL = none */
	const char *secret_name;    /* the profile's one secret */
	const char *token_entry;    /* where its refresh token lies in that file */
	struct crm_profile *profile;
	bool is_remote;
	struct crm *crm;
	struct http *http;
	struct store_reader *reader;
	const char *organization; /* NULL = not known yet: nothing is matched */
	const char *user;
	int64_t next_event_at; /* a hook that failed is tried again then; seconds UTC, 0 = none */
};

/* crm_net.c: the network behind the profile engine. */
int crm_net_open(struct crm_sync *s, struct err *e) NODISCARD;
/* The same with these words instead of the row's settings; "url" is one of them. */
int crm_net_open_with(struct crm_sync *s, const struct crm_config *config, size_t n,
	struct err *e) NODISCARD;
void crm_net_close(struct crm_sync *s);

/* crm_secret.c: struct crm_secrets of the engine; ctx is the crm_sync. */
void crm_secret_name_token(struct crm_sync *s, const struct crm_config *config, size_t n);
int crm_secret_get(void *ctx, const char *name, struct buf *out, struct err *e) NODISCARD;
int crm_secret_put(void *ctx, const char *name, const char *value, size_t len,
	struct err *e) NODISCARD;

/* crm_pull.c: all objects, page by page; of the CRM's entries only the first part. */
int crm_pull_all(struct crm_sync *s, struct crm_report *out, struct err *e) NODISCARD;
int crm_pull_rest(struct crm_sync *s, struct err *e) NODISCARD;
/* What may have changed without the CRM telling so: its rows of the last days, and open tasks. */
int crm_pull_again(struct crm_sync *s, enum crm_object o, struct err *e) NODISCARD;
/* crm_sweep.c: what the CRM has no more, where it is time to look. */
int crm_sweep_all(struct crm_sync *s, struct err *e) NODISCARD;
/* crm_match.c: the match queue until it is empty. */
int crm_match_all(struct crm_sync *s, struct crm_report *out, struct err *e) NODISCARD;
/* crm_write.c: what the user wrote into records, until nothing is due. */
int crm_write_all(struct crm_sync *s, struct crm_report *out, struct err *e) NODISCARD;
/* crm_log.c: the next few of the log queue; *more: there may be others. */
int crm_log_some(struct crm_sync *s, struct crm_report *out, bool *more, struct err *e) NODISCARD;
/* crm_fault.c: what becomes of an item whose request had no good answer. */
struct crm_fault {
	bool is_final;      /* parked: the user decides */
	bool is_doubtful;   /* the CRM may have got it */
	int64_t not_before; /* 0 = with the next pass */
};
struct crm_fault crm_fault_of(const struct crm_sync *s, const struct err *why, uint32_t attempts,
	bool may_be_there);

/* crm_settings.c: what the organisation has set. */
int crm_settings_pull(struct crm_sync *s, struct err *e) NODISCARD;
/* crm_hook.c: events for the hook and, with_crm, for the CRM's endpoint until nothing is due. -1
 * only when the store fails, or stopped. */
int crm_hook_all(struct crm_sync *s, bool with_crm, struct crm_report *out,
	struct err *e) NODISCARD;

bool crm_sync_stops(const struct crm_sync *s);

#endif
