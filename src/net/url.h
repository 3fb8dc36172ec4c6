/* url.h - the parts of an http URL that src/net decides by. Private. */
#ifndef CRMAIL_NET_URL_H
#define CRMAIL_NET_URL_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct url {
	char *host; /* without brackets */
	int port;   /* the scheme's own when the URL names none */
	bool is_https;
};

/* ERR_USAGE for anything but http and https, for credentials inside, and for what cannot be
 * understood. Only host reaches the sentence. */
int url_parse(const char *text, struct url *out, struct err *e) NODISCARD;
void url_release(struct url *u);
bool url_is_loopback(const struct url *u);

#endif
