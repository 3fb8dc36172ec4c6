/*
 * discover.h - from an address to the ways its mailbox can be connected [R1]: a table of well-known
 * domains (share/crmail/discovery.json, overlaid by the person's own), the domain's mail servers in
 * DNS (MX of a known provider; SRV, RFC 6186 and 8314), what the domain publishes for mail programs
 * (autoconfig, by verified HTTPS alone), and last the usual names, if servers answer there.
 *
 * Whoever answers is a stranger: answers are bounded, and what they say is only ever an offer, to
 * be shown to the person before a password goes anywhere. Nobody is told a password here. A
 * provider of the table is recognised in every answer, so that no answer can lead a Google or
 * Microsoft mailbox to a password form at other servers of theirs.
 *
 * No log line and no error names an address or its domain.
 */
#ifndef CRMAIL_DISCOVER_H
#define CRMAIL_DISCOVER_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/offer.h"

struct net_cancel;
struct tls_trust;

#define DISCOVER_MS 4000

struct discover_conf { /* borrowed for the call */
	const char *share_dir, *config_dir;
	struct tls_trust *trust; /* for trying the usual names; NULL as in stream.h */
	struct net_cancel *cancel;
	int deadline_ms; /* of the whole; 0, or more than that: DISCOVER_MS */
};

/* Blocks until what was found is settled, at most the deadline and a moment. Not finding anything
 * is a success (out->end). ERR_USAGE: this is not an address; ERR_CANCELLED; ERR_PARSE: a file of
 * the table is wrong. */
int discover(const struct discover_conf *c, const char *email, struct offers *out,
	struct err *e) NODISCARD;

#endif
