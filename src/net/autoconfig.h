/*
 * autoconfig.h - reads what a domain publishes for mail programs: Mozilla's config-v1.1.xml. Pure,
 * one pass, in bounded memory; private to src/net.
 *
 * Of the XML it knows elements, attributes, text, comments, CDATA and the entities that need no
 * definition. A document type is refused as a whole, for it could define others.
 */
#ifndef CRMAIL_NET_AUTOCONFIG_H
#define CRMAIL_NET_AUTOCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/base/offer.h"

#define AUTOCONFIG_MAX ((size_t)128 << 10) /* bytes of a document */

/* The first IMAP server and the first SMTP server that are reached by TLS, or failing that by
 * STARTTLS: imap, smtp, tls and user of *out. ERR_PARSE: not such a document; ERR_NOTFOUND: it
 * names no servers that can be used (unencrypted ones cannot). */
int autoconfig_parse(const char *text, size_t len, const char *email, struct offer *out,
	struct err *e) NODISCARD;

#endif
