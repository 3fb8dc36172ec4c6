/*
 * folders.c - the folders of a Microsoft mailbox, level by level ("List mailFolders", "List
 * childFolders"), and which of them have a part to play: Graph tells by well-known names.
 *
 * What is not in the list is gone: so a list that cannot be the whole one is none (ERR_PROTO).
 */
#include "config.h"

#include "mailbox.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/provider/roles.h"

#include "trail.h"

#define FOLDERS_MOST 4000
#define PATH_MOST 4096 /* bytes of a name with those above it */
#define PAGES_MOST 400 /* behind the first ones, of all lists together */
#define LIST_QUERY "?$top=250&$select=id,displayName,childFolderCount"

static const struct {
	const char *name;
	enum folder_role role;
} WELL_KNOWN[] = {
	{"inbox", FOLDER_INBOX}, {"sentitems", FOLDER_SENT}, {"drafts", FOLDER_DRAFTS},
	{"deleteditems", FOLDER_TRASH}, {"archive", FOLDER_ARCHIVE}, {"junkemail", FOLDER_JUNK},
	{"outbox", FOLDER_OTHER}, /* where Exchange keeps what it is just sending: not shown */
};
enum { INBOX = 0, DRAFTS = 2, OUTBOX = 6 }; /* of them */

struct node {
	const char *id, *path;
	bool has_children;
};

struct listing {
	struct graph *g;
	struct arena *a;
	struct node *v;
	size_t n, cap;
	size_t n_pages; /* behind first ones */
	bool is_cut;    /* there are more folders than are taken */
};

static bool is_listed(const struct listing *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].id, id) == 0)
			return true;
	return false;
}

/* Searches that look like folders hold what lies elsewhere. A folder comes once, whatever is said:
 * going down ends. */
static void add_node(struct listing *l, const char *parent, const cJSON *j)
{
	const char *id = json_str(j, "/id"), *name = json_str(j, "/displayName");
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "@odata.type"));
	int64_t children = 0;
	if (!id || !*id || !name || !*name || is_listed(l, id) ||
		(type && strcmp(type, "#microsoft.graph.mailSearchFolder") == 0))
		return;
	if (l->n == FOLDERS_MOST || strlen(name) + (parent ? strlen(parent) : 0) > PATH_MOST) {
		l->is_cut = true;
		return;
	}
	l->v = arena_grow(l->a, l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = (struct node){.id = arena_strdup(l->a, id),
		.path = parent ? arena_printf(l->a, "%s/%s", parent, name)
			       : arena_strdup(l->a, name),
		.has_children = json_i64(j, "/childFolderCount", &children) && children > 0};
}

/* Takes one answer; *next is where its list goes on, NULL = nowhere. */
static int take_list(struct listing *l, const char *parent, const cJSON *answer, const char **next,
	struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "value"), *one;
	const char *link =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "@odata.nextLink"));
	if (!cJSON_IsArray(list))
		return err_set(e, ERR_PROTO,
			_("The list of folders from Microsoft cannot be understood."));
	cJSON_ArrayForEach(one, list) add_node(l, parent, one);
	*next = arena_strdup(l->a, link);
	return 0;
}

static int no_end(struct err *e)
{
	return err_set(e, ERR_PROTO, _("The list of folders from Microsoft does not end."));
}

/* Pages in a row, until one names no other, or no more folders are taken anyway. */
static int follow(struct listing *l, const char *parent, const char *next, struct err *e)
{
	struct graph_trail trail = {0};
	while (next && !l->is_cut) {
		CLEANUP(json_free) cJSON *answer = NULL;
		size_t before = l->n;
		if (l->n_pages++ == PAGES_MOST)
			return no_end(e);
		if (graph_get(l->g->web, next, 0, &answer, e) ||
			take_list(l, parent, answer, &next, e))
			return -1;
		if (next && graph_trail_step(&trail, next, l->n - before, e))
			return no_end(e);
	}
	return 0;
}

/* The children of up to a batch of folders; a folder that is gone by now has none. */
static int list_children(struct listing *l, const size_t *of, size_t n, struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	struct graph_ask asks[GRAPH_BATCH_MOST];
	struct graph_reply replies[GRAPH_BATCH_MOST];
	for (size_t i = 0; i < n; i++)
		asks[i] = (struct graph_ask){.method = "GET",
			.path = graph_path(l->a, "/me/mailFolders/", l->v[of[i]].id,
				"/childFolders" LIST_QUERY)};
	if (graph_batch(l->g->web, asks, n, replies, &answer, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *parent = l->v[of[i]].path, *next = NULL;
		if (replies[i].status == 404)
			continue;
		if (graph_judge(l->g->web, &replies[i], e) ||
			take_list(l, parent, replies[i].body, &next, e) ||
			follow(l, parent, next, e))
			return -1;
	}
	return 0;
}

static int list_all(struct listing *l, struct err *e)
{
	if (follow(l, NULL, "/me/mailFolders" LIST_QUERY, e))
		return -1;
	for (size_t at = 0; at < l->n;) {
		size_t of[GRAPH_BATCH_MOST], n = 0;
		for (; at < l->n && n < GRAPH_BATCH_MOST; at++)
			if (l->v[at].has_children)
				of[n++] = at;
		if (n && list_children(l, of, n, e))
			return -1;
	}
	return 0;
}

/* ids[i] belongs to WELL_KNOWN[i]; NULL = the mailbox has none. */
static int find_roles(struct graph *g, struct arena *a, const char **ids, struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	struct graph_ask asks[ARRAY_SIZE(WELL_KNOWN)];
	struct graph_reply replies[ARRAY_SIZE(WELL_KNOWN)];
	for (size_t i = 0; i < ARRAY_SIZE(WELL_KNOWN); i++)
		asks[i] = (struct graph_ask){.method = "GET",
			.path = arena_printf(a, "/me/mailFolders/%s?$select=id",
				WELL_KNOWN[i].name)};
	if (graph_batch(g->web, asks, ARRAY_SIZE(WELL_KNOWN), replies, &answer, e))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(WELL_KNOWN); i++) {
		if (replies[i].status == 404)
			continue;
		if (graph_judge(g->web, &replies[i], e))
			return -1;
		ids[i] = arena_strdup(a, json_str(replies[i].body, "/id"));
	}
	return 0;
}

static enum folder_role role_of(const char *const *ids, const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(WELL_KNOWN); i++)
		if (ids[i] && strcmp(ids[i], id) == 0)
			return WELL_KNOWN[i].role;
	return FOLDER_OTHER;
}

static bool has_role(const struct folder_list *l, enum folder_role role)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].role == role)
			return true;
	return false;
}

/* A mailbox may lack the well-known archive: then one that is called so takes its part. */
static void guess_roles(struct folder_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		enum folder_role role = role_by_name(l->v[i].name);
		if (l->v[i].role == FOLDER_OTHER && role != FOLDER_INBOX && !has_role(l, role))
			l->v[i].role = role;
	}
}

/* Every mailbox has an inbox ("mailFolder resource type": it is made with the mailbox). A list that
 * does without it was cut short, or is somebody else's. */
static int check_inbox(const struct listing *l, const char *inbox, struct err *e)
{
	if (inbox && is_listed(l, inbox))
		return 0;
	return err_set(e, ERR_PROTO, _("The list of folders from Microsoft lacks the inbox."));
}

int graph_folders(struct provider *p, struct arena *a, struct folder_list *out, struct err *e)
{
	struct graph *g = graph_of(p);
	struct listing l = {.g = g, .a = a};
	const char *ids[ARRAY_SIZE(WELL_KNOWN)] = {NULL};
	if (find_roles(g, a, ids, e) || list_all(&l, e) ||
		(!l.is_cut && check_inbox(&l, ids[INBOX], e)))
		return -1;
	*out = (struct folder_list){.v = arena_array(a, l.n + 1, sizeof *out->v)};
	for (size_t i = 0; i < l.n; i++)
		out->v[out->n++] = (struct prov_folder){.name = l.v[i].path,
			.server_name = l.v[i].id,
			.no_select = ids[OUTBOX] && strcmp(ids[OUTBOX], l.v[i].id) == 0,
			.role = role_of(ids, l.v[i].id)};
	out->is_cut = l.is_cut;
	guess_roles(out);
	arena_reset(&g->keep);
	g->inbox = arena_strdup(&g->keep, ids[INBOX]);
	g->drafts = arena_strdup(&g->keep, ids[DRAFTS]);
	g->listed_at_ms = clock_mono_ms();
	return 0;
}
