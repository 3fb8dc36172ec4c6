/* provider.c - which service is behind which kind of account. */
#include "config.h"

#include "crmail/provider/provider.h"

#include <string.h>

#include "gmail/gmail.h"
#include "graph/graph.h"
#include "imap/imap.h"
#include "maildir/maildir.h"

const struct provider_ops *provider_by_kind(const char *kind)
{
	static const struct provider_ops *const all[] = {&gmail_provider_ops, &graph_provider_ops,
		&imap_provider_ops, &maildir_provider_ops};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(all[i]->name, kind) == 0)
			return all[i];
	return NULL;
}
