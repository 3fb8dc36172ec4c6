/* offer_make.h - the parts of an offer, checked. Pure; private to src/net. */
#ifndef CRMAIL_NET_OFFER_MAKE_H
#define CRMAIL_NET_OFFER_MAKE_H

#include <stdbool.h>

#include "crmail/base/offer.h"

/* "HOST:PORT", and whether it is reached by TLS from the first byte or by STARTTLS. */
struct offer_server {
	char text[OFFER_SERVER]; /* "" = none */
	bool is_starttls;
};

/* False, and *out as it was: not a host's name or not a port. */
bool offer_server_set(struct offer_server *out, const char *host, unsigned port, bool is_starttls);
/* "HOST:PORT" with one of the usual ports, which says how it is encrypted. */
bool offer_server_read(struct offer_server *out, const char *host_port);
/* Puts both into *out. False: an account cannot say how these two are encrypted. */
bool offer_put_servers(struct offer *out, const struct offer_server *imap,
	const struct offer_server *smtp);
/* Cut at the size; what is no text (control characters) goes. */
void offer_put_text(char *out, size_t size, const char *text);

#endif
