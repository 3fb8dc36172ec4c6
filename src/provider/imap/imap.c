/*
 * imap.c - the IMAP provider's table and its list of folders (LIST with SPECIAL-USE, RFC 6154).
 */
#include "config.h"

#include "imap.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/provider/roles.h"

#include "idle.h"
#include "session.h"

struct use_role {
	const char *use; /* without the backslash */
	enum folder_role role;
};

static const struct use_role use_roles[] = {
	{"Sent", FOLDER_SENT},
	{"Drafts", FOLDER_DRAFTS},
	{"Trash", FOLDER_TRASH},
	{"Archive", FOLDER_ARCHIVE},
	{"Junk", FOLDER_JUNK},
	{"All", FOLDER_ALL},
	{"Flagged", FOLDER_FLAGGED},
};

static enum folder_role role_of_use(const char *use)
{
	if (use[0] == '\\')
		use++;
	for (size_t i = 0; i < ARRAY_SIZE(use_roles); i++)
		if (str_casecmp(use, use_roles[i].use) == 0)
			return use_roles[i].role;
	return FOLDER_OTHER;
}

/* The list of attributes, at its parenthesis. */
static void read_attributes(struct imap_lex *lex, struct prov_folder *f)
{
	unsigned inside = lex->depth;
	while (imap_lex_next(lex) && lex->depth >= inside) {
		if (lex->kind != TOKEN_ATOM)
			continue;
		CLEANUP(buf_release) struct buf use = BUF_INIT(64);
		buf_add(&use, lex->text.p, lex->text.len);
		enum folder_role role = role_of_use(use.p);
		if (role != FOLDER_OTHER)
			f->role = role;
		if (imap_lex_is(lex, "\\Noselect") || imap_lex_is(lex, "\\NonExistent"))
			f->no_select = true;
	}
}

struct listing {
	struct arena *a;    /* of the list */
	struct arena names; /* of its texts while lines come: those of repeated ones go again */
	struct folder_list *list;
	size_t cap;
};

static int by_name(const void *x, const void *y)
{
	const struct prov_folder *const *a = x, *const *b = y;
	bool is_inbox = (*a)->role == FOLDER_INBOX; /* the one name without case */
	if (is_inbox != ((*b)->role == FOLDER_INBOX))
		return is_inbox ? -1 : 1;
	int rc = is_inbox ? 0 : strcmp((*a)->server_name, (*b)->server_name);
	return rc ? rc : *a < *b ? -1 : *a > *b;
}

/* Each name once: the first of equal ones stays where it stands. */
static void drop_repeated(struct folder_list *l, struct arena *a)
{
	struct prov_folder **sorted = arena_array(a, l->n + 1, sizeof *sorted);
	const struct prov_folder *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		sorted[i] = &l->v[i];
	qsort(sorted, l->n, sizeof *sorted, by_name);
	for (size_t i = 0; i < l->n; i++) {
		struct prov_folder *f = sorted[i];
		bool is_inbox = f->role == FOLDER_INBOX;
		if (first && is_inbox == (first->role == FOLDER_INBOX) &&
			(is_inbox || strcmp(f->server_name, first->server_name) == 0))
			f->server_name = NULL;
		else
			first = f;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].server_name)
			l->v[n++] = l->v[i];
	l->n = n;
}

/* What was said again goes, and what is too much. */
static void settle(struct listing *l)
{
	struct folder_list *list = l->list;
	struct arena kept = ARENA_INIT;
	drop_repeated(list, &l->names);
	list->is_cut = list->n > IMAP_MAX_FOLDERS;
	if (list->is_cut)
		list->n = IMAP_MAX_FOLDERS;
	for (size_t i = 0; i < list->n; i++) {
		list->v[i].name = arena_strdup(&kept, list->v[i].name);
		list->v[i].server_name = arena_strdup(&kept, list->v[i].server_name);
	}
	arena_release(&l->names);
	l->names = kept;
}

/* "(\\Sent) "/" name", with more behind it that some servers tell unasked. */
static void on_list(void *ctx, const struct imap_untagged *u)
{
	struct listing *l = ctx;
	struct prov_folder f = {.role = FOLDER_OTHER};
	if (strcmp(u->word, "LIST") != 0 || l->list->is_cut)
		return;
	if (!imap_lex_next(u->lex) || u->lex->kind != TOKEN_OPEN)
		return;
	read_attributes(u->lex, &f);
	if (!imap_lex_next(u->lex))
		return;
	const char *delimiter =
		u->lex->kind == TOKEN_STRING ? imap_lex_string(u->lex, &l->names) : "";
	if (!imap_lex_next(u->lex) || (u->lex->kind != TOKEN_ATOM && u->lex->kind != TOKEN_STRING))
		return;
	f.server_name = imap_lex_string(u->lex, &l->names);
	if (!f.server_name[0])
		return;
	char *name = imap_name_decode(&l->names, f.server_name);
	for (char *p = name; *p; p++)
		if (*p == delimiter[0])
			*p = '/';
	f.name = name;
	if (str_casecmp(f.server_name, "INBOX") == 0)
		f.role = FOLDER_INBOX;
	l->list->v = arena_grow(l->a, l->list->v, &l->cap, l->list->n + 1, sizeof *l->list->v);
	l->list->v[l->list->n++] = f;
	if (l->list->n == 2 * IMAP_MAX_FOLDERS)
		settle(l);
}

static bool has_role(const struct folder_list *l, enum folder_role role)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].role == role)
			return true;
	return false;
}

/* Where the server names no folder for a role, a well-known name does; at top level first. */
static void guess_roles(struct folder_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].role != FOLDER_OTHER || l->v[i].no_select)
			continue;
		enum folder_role role = role_by_name(l->v[i].name);
		if (role != FOLDER_OTHER && role != FOLDER_INBOX && !has_role(l, role))
			l->v[i].role = role;
	}
}

static int imap_folders(struct provider *p, struct arena *a, struct folder_list *out, struct err *e)
{
	struct imap_session *s = imap_of(p);
	struct listing l = {.a = a, .names = ARENA_INIT, .list = out};
	struct imap_command c = imap_command(s, "LIST");
	*out = (struct folder_list){0};
	imap_add(&c, "LIST \"\" \"*\"");
	int rc = imap_run(&c, on_list, &l, e);
	if (!rc && !out->is_cut)
		settle(&l);
	for (size_t i = 0; !rc && i < out->n; i++) {
		out->v[i].name = arena_strdup(a, out->v[i].name);
		out->v[i].server_name = arena_strdup(a, out->v[i].server_name);
	}
	arena_release(&l.names);
	if (rc)
		return -1;
	guess_roles(out);
	return 0;
}

static uint32_t imap_caps(const struct provider *p)
{
	const struct imap_session *s = (const struct imap_session *)p;
	unsigned look = CAP_LIST_STATUS | CAP_CONDSTORE; /* without the second flags are not told */
	return PROV_PUSH | PROV_SEARCH | (s->caps & CAP_GMAIL ? PROV_FILES_SENT : 0) |
	       ((s->caps & look) == look ? PROV_LOOK : 0);
}

const struct provider_ops imap_provider_ops = {
	.name = "imap",
	.open = imap_open,
	.close = imap_close,
	.caps = imap_caps,
	.folders = imap_folders,
	.look = imap_look,
	.pull = imap_pull,
	.fetch = imap_fetch,
	.apply = imap_apply,
	.find = imap_find,
	.search = imap_search,
	.wait = imap_wait,
	.cancel = imap_cancel,
};
