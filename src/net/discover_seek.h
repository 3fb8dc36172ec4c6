/* discover_seek.h - the single questions that discovery asks, each on a thread of its own. Private
 * to src/net; what the answers are worth together is discover.c's. */
#ifndef CRMAIL_NET_DISCOVER_SEEK_H
#define CRMAIL_NET_DISCOVER_SEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/offer.h"
#include "dns.h"
#include "offer_make.h"

struct discover_table;
struct net_cancel;
struct tls_trust;

enum seek_kind {
	SEEK_MX,
	SEEK_IMAPS, /* SRV, as the next three */
	SEEK_IMAP,
	SEEK_SUBMISSIONS,
	SEEK_SUBMISSION,
	SEEK_AUTOCONFIG,
	SEEK_READING, /* a usual name: an IMAP server answers there */
	SEEK_SENDING
};

struct seek_conf { /* shared by all of them; read-only */
	const struct discover_table *table;
	const char *email, *domain;
	struct tls_trust *trust;
	struct net_cancel *cancel;
	int64_t deadline; /* clock_mono_ms() */
};

struct seek_result {
	bool has_heard; /* somebody answered, whatever it was */
	bool is_found;
	struct dns_answer dns;      /* MX, SRV */
	struct offer offer;         /* autoconfig */
	struct offer_server server; /* of a usual name */
};

/* Blocks; ends at the deadline and by cancel. `place`: the index of the address or name in the
 * table's list. */
void seek(const struct seek_conf *c, enum seek_kind kind, size_t place, struct seek_result *out);

#endif
