/*
 * far_search.c - the server's part of a search: folder by folder, the likely ones first, its answer
 * stored under the query. Somebody waits for it: nothing else of the account is done meanwhile.
 */
#include "config.h"

#include "session.h"

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"

#include "worker.h"

#define FOLDERS_MOST 40
#define HITS_MOST 300

/* Where an answer is worth the round trips; the same mail lies in a folder of all mail again. */
static const enum folder_role roles[] = {
	FOLDER_ALL, FOLDER_INBOX, FOLDER_SENT, FOLDER_ARCHIVE, FOLDER_OTHER};

static int search_folder(struct session *s, struct session_folder *f, const char *text,
	size_t *left, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *row = NULL;
	struct prov_page page = {.total = -1};
	struct ingest_page in = {
		.folder = f->id, .found_by = text, .is_account_wide = s->is_account_wide};
	struct ingest_result res = {0};
	if (folder_get(s->reader, &a, f->id, &row, e))
		return -1;
	if (!row || !row->cursor)
		return 0; /* not listed yet: its numbering is not known */
	const struct query q = {
		.text = text, .folder = f->server_name, .as_of = row->cursor, .max = *left};
	if (s->ops->search(s->provider, &q, &a, &page, e))
		return -1;
	session_fill_page(s, &a, &page, &in);
	in.cursor = NULL; /* the search's own, not the listing's */
	if (in.n && ingest_page(s->host->store, &a, &in, &res, e))
		return -1;
	*left -= page.n < *left ? page.n : *left;
	if (res.n_new)
		f->has_missing_bodies = true;
	s->report.n_new += res.n_new;
	return 0;
}

static bool has_role(const struct session *s, enum folder_role role)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].role == role)
			return true;
	return false;
}

/* A folder that refuses leaves the others to be searched; its error is the search's in the end. */
static int search_role(struct session *s, enum folder_role role, const char *text, size_t *asked,
	size_t *left, struct err *refused, struct err *e)
{
	for (size_t i = 0; i<s->n_folders && * left> 0 && *asked < FOLDERS_MOST; i++) {
		if (s->folders[i].role != role)
			continue;
		if (worker_should_stop(s->worker))
			return err_set(e, ERR_CANCELLED, "%s", _("Stopped."));
		++*asked;
		if (search_folder(s, &s->folders[i], text, left, e) == 0)
			continue;
		if (e->scope == ERR_ACCOUNT)
			return -1;
		*refused = *e;
		err_clear(e);
	}
	return 0;
}

int session_search(struct session *s, const char *text, struct err *e)
{
	size_t left = HITS_MOST, asked = 0;
	struct err refused = ERR_INIT;
	if (session_connect(s, e) || (!s->folders_known && session_list_folders(s, e)))
		return -1;
	if (!text || !s->ops->search || !(s->ops->caps(s->provider) & PROV_SEARCH)) {
		err_set(e, ERR_UNSUPPORTED, "%s", _("This account's server cannot search."));
		e->scope = ERR_ITEM;
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (search_role(s, roles[i], text, &asked, &left, &refused, e))
			return -1;
		if (roles[i] == FOLDER_ALL && has_role(s, FOLDER_ALL))
			break;
	}
	log_line(LOG_NOTE, "sync", "account %lld: searched %zu folders, found %zu",
		(long long)s->account, asked, HITS_MOST - left);
	if (refused.code == ERR_NONE)
		return 0;
	*e = refused;
	return -1;
}
