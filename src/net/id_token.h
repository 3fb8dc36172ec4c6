/* id_token.h - whose mailbox an ID token names (OpenID Connect Core 2). Pure; private to
 * src/net. */
#ifndef CRMAIL_NET_ID_TOKEN_H
#define CRMAIL_NET_ID_TOKEN_H

#include <stdbool.h>

#include "crmail/base/attrs.h"

/* The claim "email" of a token that came straight from the token endpoint (its signature is the TLS
 * connection's: Core 3.1.3.7) for this client; NULL when it has none or cannot be read. What else
 * looks like an address there (preferred_username, upn) is a name to sign in with, and at many
 * organisations no mail goes to it. token NULL is fine. Caller frees with free(). */
char *id_token_email(const char *token, const char *client_id) NODISCARD;

/* The same mailbox: case does not count, and at Gmail neither dots, nor what follows "+", nor under
 * which of its two domains. */
bool id_token_is_same_mailbox(const char *a, const char *b);

#endif
