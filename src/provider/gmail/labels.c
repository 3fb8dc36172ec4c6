/* labels.c - Gmail's labels as folders and flags (gmail.h). */
#include "config.h"

#include "gmail.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define LABELS_MOST 10000

static const struct {
	const char *id;
	enum folder_role role;
} PLACES[] = {{"INBOX", FOLDER_INBOX}, {"SENT", FOLDER_SENT}, {"DRAFT", FOLDER_DRAFTS},
	{"TRASH", FOLDER_TRASH}, {"SPAM", FOLDER_JUNK}};

static bool bears(const struct gmail_item *m, const char *label)
{
	for (size_t i = 0; i < m->n_labels; i++)
		if (strcmp(m->labels[i], label) == 0)
			return true;
	return false;
}

/* Those of Gmail's own, which are no folders of their own here, have names in capitals alone. */
static bool is_gmails(const char *id)
{
	for (; *id; id++)
		if (!(*id >= 'A' && *id <= 'Z') && *id != '_')
			return false;
	return true;
}

uint32_t gmail_flags(const struct gmail_item *m)
{
	return (bears(m, "UNREAD") ? 0 : MSG_SEEN) | (bears(m, "STARRED") ? MSG_FLAGGED : 0) |
	       (bears(m, "DRAFT") ? MSG_DRAFT : 0);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool is_known(const struct gmail_labels *l, const char *id)
{
	return l->n && bsearch(&id, l->ids, l->n, sizeof *l->ids, by_text);
}

const char *const *gmail_folders_of(const struct gmail_labels *l, struct arena *a,
	const struct gmail_item *m)
{
	const char **v = arena_array(a, m->n_labels + 2, sizeof *v);
	size_t n = 0;
	bool is_placed = bears(m, "INBOX") || bears(m, "SENT") || bears(m, "DRAFT");
	if (bears(m, "TRASH") || bears(m, "SPAM")) {
		v[0] = bears(m, "TRASH") ? "TRASH" : "SPAM";
		return v;
	}
	if (!is_placed)
		v[n++] = GMAIL_ARCHIVE;
	for (size_t i = 0; i < m->n_labels; i++) {
		const char *id = m->labels[i];
		bool is_place = strcmp(id, "INBOX") == 0 || strcmp(id, "SENT") == 0 ||
				strcmp(id, "DRAFT") == 0;
		if (is_place || is_known(l, id))
			v[n++] = id;
		else if (!is_gmails(id) && !l->is_fresh)
			return NULL;
	}
	return v;
}

static void add_places(struct arena *a, struct folder_list *out)
{
	const char *const names[] = {_("Inbox"), _("Sent"), _("Drafts"), _("Trash"), _("Spam")};
	for (size_t i = 0; i < ARRAY_SIZE(PLACES); i++)
		out->v[out->n++] = (struct prov_folder){.name = arena_strdup(a, names[i]),
			.server_name = PLACES[i].id,
			.role = PLACES[i].role};
	out->v[out->n++] = (struct prov_folder){.name = arena_strdup(a, _("Archive")),
		.server_name = GMAIL_ARCHIVE,
		.role = FOLDER_ARCHIVE};
}

/* It is always among them: a list without it is not the list. */
static bool has_inbox(const cJSON *list)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		const char *id = json_str(one, "/id");
		if (id && strcmp(id, "INBOX") == 0)
			return true;
	}
	return false;
}

/* The user's labels, whose names may have "/" in them as folders do. */
static void add_labels(struct gmail_labels *l, const cJSON *list, struct arena *a,
	struct folder_list *out)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		const char *id = json_str(one, "/id"), *name = json_str(one, "/name");
		const char *type = json_str(one, "/type");
		bool is_own = !type || strcmp(type, "user") == 0;
		if (!gmail_is_id(id) || !name || !*name || !is_own || is_gmails(id))
			continue;
		if (l->n == LABELS_MOST) {
			out->is_cut = true;
			return;
		}
		l->ids[l->n++] = arena_strdup(&l->a, id);
		out->v[out->n++] = (struct prov_folder){.name = arena_strdup(a, name),
			.server_name = arena_strdup(a, id),
			.role = FOLDER_OTHER};
	}
}

int gmail_folders(struct provider *p, struct arena *a, struct folder_list *out, struct err *e)
{
	struct gmail *g = gmail_of(p);
	CLEANUP(json_free) cJSON *j = NULL;
	if (web_json(g->web, "GET", GMAIL_ME "/labels", NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/labels");
	if (!cJSON_IsArray(list))
		return err_set(e, ERR_PROTO, _("Gmail's list of labels cannot be understood."));
	if (!has_inbox(list))
		return err_set(e, ERR_PROTO,
			_("Gmail's list of labels has no inbox: it is not whole, and is read again "
			  "later."));
	size_t most = (size_t)cJSON_GetArraySize(list);
	struct gmail_labels *l = &g->labels;
	arena_reset(&l->a);
	l->ids = arena_array(&l->a, most + 1, sizeof *l->ids);
	l->n = 0;
	*out = (struct folder_list){
		.v = arena_array(a, most + ARRAY_SIZE(PLACES) + 1, sizeof *out->v)};
	add_places(a, out);
	add_labels(l, list, a, out);
	if (l->n)
		qsort(l->ids, l->n, sizeof *l->ids, by_text);
	l->is_fresh = true;
	return 0;
}
