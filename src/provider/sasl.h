/*
 * sasl.h - signing in with a token: the one message that IMAP and SMTP both carry. XOAUTH2 is
 * Google's and Microsoft's, OAUTHBEARER RFC 7628. Pure; private to src/provider.
 */
#ifndef CRMAIL_PROVIDER_SASL_H
#define CRMAIL_PROVIDER_SASL_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/err.h"

enum sasl_mech { SASL_NONE, SASL_XOAUTH2, SASL_OAUTHBEARER };

/* The standard one where a server offers both. */
enum sasl_mech sasl_choose(bool has_oauthbearer, bool has_xoauth2);
/* SASL_NONE, for the person. ERR_UNSUPPORTED, -1. */
int sasl_unsupported(const char *host, struct err *e);
const char *sasl_name(enum sasl_mech m);
/* What answers the server's description of an error, in base64: only then it says no. */
const char *sasl_dismissal(enum sasl_mech m);

struct sasl_who {
	const char *user, *host;
	int port;
	const struct buf *token;
};
/* The first message in base64, appended; the caller wipes it. */
void sasl_add_initial(struct buf *out, enum sasl_mech m, const struct sasl_who *w);

#define SASL_TOKEN_MAX 16384
#define SASL_MESSAGE_MAX 32768 /* bytes of base64 */

#endif
