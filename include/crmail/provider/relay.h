/*
 * relay.h - a service that sends through a mailbox it was let into (EmailMCP and its like), by HTTP
 * with an API key [R10]: whose mailbox it sends from, letting it in, and what it says it sent. The
 * sending itself is the transport "relay" (transport.h).
 *
 * Errors: those of src/provider/web.h; the key is asked for once and goes to the base's own scheme,
 * host and port alone. One thread; only the net_cancel is another's to trigger.
 */
#ifndef CRMAIL_RELAY_H
#define CRMAIL_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct buf;
struct clock_src;
struct net_cancel;
struct relay;

struct relay_conf {       /* strings are copied, the rest borrowed for the relay's life */
	const char *base; /* "https://relay.example" */
	const char *user; /* who we are there */
	int64_t account;  /* for the trace: row id; 0 = none yet */
	const char *ca_file;
	/* Appends the key; refused is not NULL when the service did not take it. */
	int (*key)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *key_ctx;
	struct net_cancel *cancel;
	const struct clock_src *clock;
	int deadline_ms; /* of one exchange; 0 = 30000 */
};

/* Connects nothing. ERR_USAGE: no address, or no user. */
int relay_open(struct relay **out, const struct relay_conf *c, struct err *e) NODISCARD;
void relay_close(struct relay *r); /* NULL is fine */

/* Whether it may send from a mailbox, and whose that is (appended). */
int relay_profile(struct relay *r, bool *is_connected, struct buf *email, struct err *e) NODISCARD;
/* May it send from this mailbox? ERR_AUTH says what to do. */
int relay_check(struct relay *r, const char *email, struct err *e) NODISCARD;
/* The address at which the person lets it in (appended); it ends at `redirect`. */
int relay_authorize(struct relay *r, const char *redirect, struct buf *url,
	struct err *e) NODISCARD;
/* Hands on what came back there. */
int relay_finish(struct relay *r, const char *redirect, const char *code, const char *state,
	struct err *e) NODISCARD;

/* ---- for the transport ----------------------------------------------------------------------- */

struct relay_letter { /* what such a service can carry; in the arena */
	const char *const *to;
	size_t n_to;
	const char *subject, *text;
	char key[65]; /* of recipients and subject: how its report is searched */
};

enum relay_end { RELAY_SENT, RELAY_REFUSED, RELAY_UNKNOWN };
/* Hands the letter over. -1: surely not sent. `reply`: the service's words. */
int relay_post(struct relay *r, const char *from, const struct relay_letter *l, enum relay_end *end,
	struct buf *reply, struct err *e) NODISCARD;
/* How many letters of that key it sent between two days ("2026-11-20"), both included. */
int relay_count(struct relay *r, const char *key, const char *from_day, const char *to_day,
	int64_t *out, struct err *e) NODISCARD;

#endif
