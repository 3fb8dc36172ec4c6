/*
 * graph.h - the Microsoft Graph provider's table (provider.h) and its transport's (transport.h).
 * Worker thread.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_H
#define CRMAIL_PROVIDER_GRAPH_H

#include "crmail/provider/provider.h"
#include "crmail/provider/transport.h"

#define GRAPH_API "https://graph.microsoft.com/v1.0" /* where no other is set */

extern const struct provider_ops graph_provider_ops;
extern const struct transport_ops graph_transport_ops;

#endif
