/*
 * search_terms.c - what in:, account:, contact:, partner: and deal: name: folders and accounts by
 * name, messages through their links.
 */
#include "config.h"

#include "search_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/op.h"

enum { NAME_BYTES = 4096, TARGETS_MAX = 2000 };

static const char SQL_FOLDERS[] = "SELECT id, name, role FROM folder";
static const char SQL_ACCOUNTS[] = "SELECT id, name, email FROM account";
static const char SQL_CONTACTS[] = "SELECT c.id, c.name, (SELECT group_concat(norm, ' ') FROM "
				   "contact_email WHERE contact = c.id)"
				   " FROM contact c";
static const char SQL_PARTNERS[] =
	"SELECT p.id, p.name, (SELECT group_concat(domain, ' ') FROM partner_domain"
	" WHERE partner = p.id) FROM partner p";
static const char SQL_DEALS[] = "SELECT id, name, number FROM deal";
static const char SQL_LINKED[] =
	"SELECT DISTINCT m.copy_of FROM link l JOIN message m ON m.id = l.message"
	" WHERE l.kind = ?1 AND l.target = ?2 AND l.how <> 2 AND l.is_shown = 1";

static const struct {
	const char *word;
	enum folder_role role;
} ROLES[] = {{"inbox", FOLDER_INBOX}, {"sent", FOLDER_SENT}, {"drafts", FOLDER_DRAFTS},
	{"trash", FOLDER_TRASH}, {"archive", FOLDER_ARCHIVE}, {"spam", FOLDER_JUNK},
	{"junk", FOLDER_JUNK}};

void id_list_add(struct arena *a, struct id_list *l, int64_t id)
{
	l->v = arena_grow(a, l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = id;
}

static void fold_name(struct buf *out, const char *text)
{
	buf_reset(out);
	if (text)
		fold_plain(out, text, strlen(text));
}

static bool is_role(const char *wanted, int role)
{
	for (size_t i = 0; i < ARRAY_SIZE(ROLES); i++)
		if ((int)ROLES[i].role == role && !strcmp(ROLES[i].word, wanted))
			return true;
	return false;
}

/* The whole name, its last piece, or the part it plays. */
static bool is_folder(const char *name, const char *wanted, int role)
{
	const char *last = strrchr(name, '/');
	return !strcmp(name, wanted) || (last && !strcmp(last + 1, wanted)) ||
	       is_role(wanted, role);
}

int search_find_folders(struct db *d, struct arena *a, const char *text, struct id_list *out,
	struct err *e)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(NAME_BYTES);
	CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_BYTES);
	sqlite3_stmt *q;
	int rc;
	fold_name(&wanted, text);
	if (db_query(d, &q, e, SQL_FOLDERS, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		fold_name(&name, (const char *)sqlite3_column_text(q, 1));
		if (is_folder(name.p, wanted.p, sqlite3_column_int(q, 2)))
			id_list_add(a, out, sqlite3_column_int64(q, 0));
	}
	return rc;
}

int search_find_accounts(struct db *d, struct arena *a, const char *text, struct id_list *out,
	struct err *e)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(NAME_BYTES);
	CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_BYTES);
	CLEANUP(buf_release) struct buf email = BUF_INIT(NAME_BYTES);
	sqlite3_stmt *q;
	int rc;
	fold_name(&wanted, text);
	if (db_query(d, &q, e, SQL_ACCOUNTS, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		fold_name(&name, (const char *)sqlite3_column_text(q, 1));
		fold_name(&email, (const char *)sqlite3_column_text(q, 2));
		if (!strcmp(name.p, wanted.p) || !strcmp(email.p, wanted.p))
			id_list_add(a, out, sqlite3_column_int64(q, 0));
	}
	return rc;
}

/* Rows whose name or addresses hold the text. */
static int find_targets(struct db *d, struct arena *a, const char *sql, const char *text,
	struct id_list *out, struct err *e)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(NAME_BYTES);
	CLEANUP(buf_release) struct buf name = BUF_INIT(NAME_BYTES);
	CLEANUP(buf_release) struct buf more = BUF_INIT(NAME_BYTES);
	sqlite3_stmt *q;
	int rc;
	fold_name(&wanted, text);
	if (db_query(d, &q, e, sql, ""))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		fold_name(&name, (const char *)sqlite3_column_text(q, 1));
		fold_name(&more, (const char *)sqlite3_column_text(q, 2));
		if (out->n < TARGETS_MAX && (strstr(name.p, wanted.p) || strstr(more.p, wanted.p)))
			id_list_add(a, out, sqlite3_column_int64(q, 0));
	}
	return rc;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

int search_find_linked(struct db *d, struct arena *a, enum term_kind kind, const char *text,
	struct id_list *out, struct err *e)
{
	struct id_list targets = {NULL, 0, 0};
	int64_t link_kind = kind == TERM_CONTACT ? 1 : kind == TERM_PARTNER ? 2 : 4;
	const char *sql = kind == TERM_CONTACT   ? SQL_CONTACTS
			  : kind == TERM_PARTNER ? SQL_PARTNERS
						 : SQL_DEALS;
	if (find_targets(d, a, sql, text, &targets, e))
		return -1;
	for (size_t i = 0; i < targets.n; i++) {
		sqlite3_stmt *q;
		int rc;
		if (db_query(d, &q, e, SQL_LINKED, "ii", link_kind, targets.v[i]))
			return -1;
		while ((rc = db_step(d, q, e)) == 1)
			id_list_add(a, out, sqlite3_column_int64(q, 0));
		if (rc)
			return -1;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, compare_ids);
	return 0;
}
