/* imap.h - the IMAP provider's table (provider.h). Worker thread. */
#ifndef CRMAIL_PROVIDER_IMAP_H
#define CRMAIL_PROVIDER_IMAP_H

#include "crmail/provider/provider.h"

extern const struct provider_ops imap_provider_ops;

#endif
