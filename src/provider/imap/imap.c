/*
 * imap.c - the IMAP provider's table and its list of folders (LIST with SPECIAL-USE, RFC 6154).
 */
#include "config.h"

#include "imap.h"

#include <string.h>

#include "crmail/base/str.h"
#include "crmail/provider/roles.h"

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

static void read_flags(const struct mailimap_mbx_list_flags *flags, struct prov_folder *f)
{
	if (!flags)
		return;
	if (flags->mbf_type == MAILIMAP_MBX_LIST_FLAGS_SFLAG &&
		flags->mbf_sflag == MAILIMAP_MBX_LIST_SFLAG_NOSELECT)
		f->no_select = true;
	if (!flags->mbf_oflags)
		return;
	for (clistiter *it = clist_begin(flags->mbf_oflags); it; it = clist_next(it)) {
		const struct mailimap_mbx_list_oflag *o = clist_content(it);
		if (!o->of_flag_ext)
			continue;
		enum folder_role role = role_of_use(o->of_flag_ext);
		if (role != FOLDER_OTHER)
			f->role = role;
		if (str_casecmp(o->of_flag_ext, "NonExistent") == 0)
			f->no_select = true;
	}
}

static void read_folder(struct arena *a, const struct mailimap_mailbox_list *m,
	struct prov_folder *f)
{
	*f = (struct prov_folder){.server_name = arena_strdup(a, m->mb_name)};
	char *name = imap_name_decode(a, m->mb_name);
	for (char *p = name; *p; p++)
		if (*p == m->mb_delimiter)
			*p = '/';
	f->name = name;
	read_flags(m->mb_flag, f);
	if (str_casecmp(m->mb_name, "INBOX") == 0)
		f->role = FOLDER_INBOX;
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
	clist *list = NULL;
	int rc = mailimap_list(s->m, "", "*", &list);
	if (rc != MAILIMAP_NO_ERROR)
		return imap_fail(s, rc, "LIST", e);
	size_t n = (size_t)clist_count(list);
	*out = (struct folder_list){.v = arena_array(a, n ? n : 1, sizeof *out->v)};
	for (clistiter *it = clist_begin(list); it; it = clist_next(it))
		read_folder(a, clist_content(it), &out->v[out->n++]);
	mailimap_list_result_free(list);
	guess_roles(out);
	return 0;
}

static uint32_t imap_caps(const struct provider *p)
{
	const struct imap_session *s = (const struct imap_session *)p;
	return s->caps & CAP_GMAIL ? PROV_FILES_SENT : 0;
}

const struct provider_ops imap_provider_ops = {
	.name = "imap",
	.open = imap_open,
	.close = imap_close,
	.caps = imap_caps,
	.folders = imap_folders,
	.pull = imap_pull,
	.fetch = imap_fetch,
	.apply = imap_apply,
	.find = imap_find,
	.cancel = imap_cancel,
};
