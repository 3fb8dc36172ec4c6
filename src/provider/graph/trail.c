/* trail.c - see trail.h. */
#include "config.h"

#include "trail.h"

#include "crmail/base/i18n.h"

/* FNV-1a. Who makes two links alike by their hash ends their own list. */
static int64_t hash_of(const char *link)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *link; link++)
		h = (h ^ (unsigned char)*link) * UINT64_C(1099511628211);
	return (int64_t)(h >> 1);
}

static int refuse(struct err *e, const char *why)
{
	err_set(e, ERR_PROTO, "%s", why);
	e->scope = ERR_FOLDER;
	return -1;
}

int graph_trail_step(struct graph_trail *t, const char *link, size_t n, struct err *e)
{
	struct graph_trail next = {t->pages + 1, n ? 0 : t->n_empty + 1, t->mark};
	int64_t hash = hash_of(link);
	if (t->pages && hash == t->mark)
		return refuse(e, _("A list from Microsoft goes round in a circle."));
	if (next.n_empty > TRAIL_EMPTY_MOST || next.pages > TRAIL_PAGES_MOST)
		return refuse(e, _("A list from Microsoft does not end."));
	if ((next.pages & (next.pages - 1)) == 0)
		next.mark = hash;
	*t = next;
	return 0;
}
