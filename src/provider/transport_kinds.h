/* transport_kinds.h - the transports there are. Private to src/provider. */
#ifndef CRMAIL_TRANSPORT_KINDS_H
#define CRMAIL_TRANSPORT_KINDS_H

#include "crmail/provider/transport.h"

extern const struct transport_ops smtp_ops;
extern const struct transport_ops sendmail_ops;
extern const struct transport_ops gmail_transport_ops;
extern const struct transport_ops relay_ops;

/* Puts foreign words as one harmless line into a reply field, cut at a character. */
void transport_put_reply(char *out, size_t size, const char *p, size_t n);

/* Nothing in it would end an SMTP command or its angle brackets early, or be an option of a
 * command. "" (no sender) is usable. */
bool transport_addr_is_usable(const char *addr);

#endif
