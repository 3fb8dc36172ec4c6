/*
 * blind.h - services that read the recipients from the mail itself: those of the envelope that its
 * header does not name go in as Bcc, which the service takes out again. Private to src/provider.
 */
#ifndef CRMAIL_SRC_PROVIDER_BLIND_H
#define CRMAIL_SRC_PROVIDER_BLIND_H

#include "crmail/base/buf.h"
#include "crmail/provider/transport.h"

/* The mail for the service, appended. ERR_USAGE: a recipient's address cannot be used; or somebody
 * named in To or Cc is none of the envelope's recipients, to whom the service would send it too. */
int blind_add(struct buf *out, const struct transport_mail *m, struct err *e) NODISCARD;

#endif
