/*
 * dns.h - MX and SRV records, asked of one recursive resolver at a time, within bounds and to be
 * cancelled, which the C library's resolver cannot. Private to src/net.
 *
 * The resolver is believed as far as any program believes it: whoever sits between can forge its
 * answers. Therefore nothing found here is used without a certificate that names the host, and
 * without the person having seen it.
 */
#ifndef CRMAIL_NET_DNS_H
#define CRMAIL_NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct net_cancel;

#define DNS_NAME 254   /* bytes of a host name with the final 0 */
#define DNS_RECORDS 16 /* of an answer; more are left out */
#define DNS_QUERY_MAX 272
#define DNS_ANSWER_MAX 16384

enum dns_type { DNS_MX = 15, DNS_SRV = 33 };

struct dns_record {
	unsigned priority, weight, port; /* of MX: priority alone */
	char target[DNS_NAME];           /* a host name; "" = "there is none" (RFC 2782, 7505) */
};

struct dns_answer {
	bool has_no_name; /* the name does not exist, with any type */
	size_t n;
	struct dns_record v[DNS_RECORDS]; /* best first */
};

struct dns_conf {           /* borrowed */
	const char *server; /* "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; NULL = the
	                     * system's (resolv.conf) */
	const struct net_cancel *cancel;
	int64_t deadline; /* clock_mono_ms() */
};

/* Letters, digits and "-" in labels of 1 to 63, with dots between; at most 253 bytes. */
bool dns_is_host(const char *name);

/* ERR_NET: no resolver answered; ERR_CANCELLED; ERR_USAGE: not a name that can be asked for. */
int dns_ask(const struct dns_conf *c, const char *name, enum dns_type type, struct dns_answer *out,
	struct err *e) NODISCARD;

/* ---- the packets; pure ----------------------------------------------------------------------- */

/* Bytes of the query; 0 = the name cannot be asked for. */
size_t dns_make_query(uint16_t id, const char *name, enum dns_type type,
	unsigned char out[DNS_QUERY_MAX]);

enum dns_verdict {
	DNS_NOT_OURS, /* not an answer to this query: wait on */
	DNS_CUT,      /* ask again by TCP */
	DNS_REFUSED,  /* this resolver cannot say */
	DNS_SAID      /* *out is there */
};
enum dns_verdict dns_read_answer(const unsigned char *query, size_t query_len,
	const unsigned char *p, size_t n, struct dns_answer *out);

/* The addresses of "nameserver" lines, at most `max`, blanks trimmed; spans of `text`. */
struct span;
size_t dns_read_conf(const char *text, size_t len, struct span *out, size_t max);

#endif
