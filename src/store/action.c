/*
 * action.c - what the user does to conversations and messages: which messages are meant, which
 * folder, and undo. The screen only queues; everything here runs on the writer thread, so that it
 * acts on what is there when it runs.
 */
#include "config.h"

#include "action.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#include "label.h"
#include "list_folders.h"
#include "reminder_private.h"

enum { KEEP_CHANGES_S = 86400, KEEP_WITHDRAWN_S = 3600 };

/* All of a conversation that lies somewhere, copies too: read is read everywhere. */
static const char SQL_OF_THREAD[] =
	"SELECT m.id, p.folder, f.role FROM message m JOIN placement p ON p.message = m.id"
	" AND p.is_shown JOIN folder f ON f.id = p.folder WHERE m.thread = ? ORDER BY m.id";
static const char SQL_OF_MESSAGE[] =
	"SELECT m.id, p.folder, f.role FROM message o JOIN message m ON m.thread = o.thread"
	" AND m.copy_of = o.copy_of JOIN placement p ON p.message = m.id AND p.is_shown"
	" JOIN folder f ON f.id = p.folder WHERE o.id = ? ORDER BY m.id <> o.id, m.id";
static const char SQL_BY_ROLE[] =
	"SELECT f.id FROM folder f JOIN message m ON m.account = f.account"
	" WHERE m.id = ?1 AND f.role = ?2 ORDER BY f.id LIMIT 1";
static const char SQL_ACCOUNT[] = "SELECT account FROM message WHERE id = ?";
static const char SQL_BY_NAME[] = "SELECT id FROM folder WHERE account = ? AND server_name = ?";
static const char SQL_SET_ROLE[] = "UPDATE folder SET role = ?2 WHERE id = ?1";
static const char SQL_MAKE_FOLDER[] = "INSERT INTO folder (account, name, server_name, role)"
				      " VALUES (?, ?, ?, ?)";
static const char SQL_OP_MAKE[] = "INSERT INTO op (kind, account, to_folder, created_at)"
				  " VALUES (6, ?, ?, ?)";
static const char SQL_GROUP[] = "SELECT kind, message, flags_add, flags_remove, folder, to_folder"
				" FROM change WHERE grp = ? ORDER BY id DESC";
static const char SQL_DROP_GROUP[] = "DELETE FROM change WHERE grp = ?";
static const char SQL_OLD_CHANGES[] = "DELETE FROM change WHERE at < ?";
static const char SQL_OLD_OPS[] = "DELETE FROM op WHERE state = 2 AND created_at < ?";

enum action_kind { ACT_FLAGS, ACT_MOVE, ACT_MOVE_ROLE, ACT_LABEL, ACT_UNLABEL, ACT_UNDO };

struct action_args {
	enum action_kind kind;
	enum target_kind target;
	struct list_spec list;
	uint32_t add, remove;
	enum folder_role role;
	int64_t folder, grp;
	size_t n;
	int64_t ids[];
};

struct place { /* of one message */
	int64_t message, folder;
	enum folder_role role;
};

struct place_list {
	struct place *v;
	size_t n, cap;
};

static int read_places(struct write *w, const struct action_args *a, int64_t id,
	struct place_list *out, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	*out = (struct place_list){NULL, 0, 0};
	if (a->target == TARGET_THREADS && thread_resolve(w->db, &id, e))
		return -1;
	if (db_query(w->db, &q, e, a->target == TARGET_THREADS ? SQL_OF_THREAD : SQL_OF_MESSAGE,
		    "i", id))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		out->v = arena_grow(&w->arena, out->v, &out->cap, out->n + 1, sizeof *out->v);
		out->v[out->n++] = (struct place){sqlite3_column_int64(q, 0),
			sqlite3_column_int64(q, 1), (enum folder_role)sqlite3_column_int(q, 2)};
	}
	return rc;
}

/* Whether a placement is part of what the list shows. A list over an account stands for
 * everything that is not put away already, nor written by the user. */
static bool is_in_list(const struct folder_set *set, const struct place *p)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i] < 0)
			return p->role != FOLDER_TRASH && p->role != FOLDER_JUNK &&
			       p->role != FOLDER_SENT && p->role != FOLDER_DRAFTS;
	return folder_set_has(set, p->folder);
}

/* A star is put on the newest message of the list and taken from all. */
static int act_flags(struct write *w, const struct action_args *a, const struct folder_set *set,
	const struct place_list *l, struct thread_set *touched, struct err *e)
{
	int64_t newest = 0;
	bool only_newest = a->target == TARGET_THREADS && (a->add & MSG_FLAGGED);
	for (size_t i = 0; only_newest && i < l->n; i++)
		if (is_in_list(set, &l->v[i]) || !newest)
			newest = l->v[i].message;
	for (size_t i = 0; i < l->n; i++) {
		uint32_t add = a->add;
		if (only_newest && l->v[i].message != newest)
			add &= ~(uint32_t)MSG_FLAGGED;
		if (change_flags(w, l->v[i].message, add, a->remove, a->grp, touched, e))
			return -1;
	}
	return 0;
}

static const struct {
	enum folder_role role;
	const char *name;
} FOLDER_NAMES[] = {{FOLDER_ARCHIVE, "Archive"}, {FOLDER_TRASH, "Trash"}, {FOLDER_JUNK, "Junk"},
	{FOLDER_SENT, "Sent"}, {FOLDER_DRAFTS, "Drafts"}};

static const char *name_of_role(enum folder_role role)
{
	for (size_t i = 0; i < ARRAY_SIZE(FOLDER_NAMES); i++)
		if (FOLDER_NAMES[i].role == role)
			return FOLDER_NAMES[i].name;
	return "Archive";
}

/* The account has no such folder: a folder of that name takes the part, else one is made, here at
 * once and at the server by an op (formats.md "Archive and Trash"). */
static int make_folder(struct write *w, int64_t message, enum folder_role role, int64_t *out,
	struct err *e)
{
	int64_t account = 0;
	if (db_value(w->db, &account, e, SQL_ACCOUNT, "i", message))
		return -1;
	const char *name = name_of_role(role);
	if (db_value(w->db, out, e, SQL_BY_NAME, "it", account, name))
		return -1;
	write_event(w, EV_FOLDERS, account, 0, 0, 1);
	if (*out)
		return db_run(w->db, e, SQL_SET_ROLE, "ii", *out, (int64_t)role);
	if (db_run(w->db, e, SQL_MAKE_FOLDER, "itti", account, name, name, (int64_t)role))
		return -1;
	*out = sqlite3_last_insert_rowid(w->db->h);
	return db_run(w->db, e, SQL_OP_MAKE, "iii", account, *out, w->now);
}

static int destination(struct write *w, const struct action_args *a, int64_t message, int64_t *to,
	struct err *e)
{
	*to = a->folder;
	if (a->kind == ACT_MOVE)
		return 0;
	if (db_value(w->db, to, e, SQL_BY_ROLE, "ii", message, (int64_t)a->role))
		return -1;
	return *to ? 0 : make_folder(w, message, a->role, to, e);
}

/* In a list the conversation leaves that list; a single message leaves where it lies, and its
 * equal copies in the list with it. */
static int act_move(struct write *w, const struct action_args *a, const struct folder_set *set,
	const struct place_list *l, struct thread_set *touched, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct place *p = &l->v[i];
		int64_t to = 0;
		bool is_meant = is_in_list(set, p) ||
				(a->target == TARGET_MESSAGES && p->message == l->v[0].message);
		if (!is_meant)
			continue;
		if (destination(w, a, p->message, &to, e) ||
			(to && change_folder(w, p->message, p->folder, to, a->grp, touched, e)))
			return -1;
	}
	return 0;
}

/* Every message that the list shows of it, once. */
static int act_label(struct write *w, const struct action_args *a, const struct folder_set *set,
	const struct place_list *l, struct thread_set *touched, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct place *p = &l->v[i];
		bool is_meant = a->target == TARGET_MESSAGES ? p->message == l->v[0].message
							     : is_in_list(set, p);
		if (!is_meant)
			continue;
		if (a->kind == ACT_LABEL
				? label_put(w, p->message, p->folder, a->folder, a->grp, touched, e)
				: label_take(w, p->message, a->folder, a->grp, touched, e))
			return -1;
	}
	return 0;
}

static int act(struct write *w, const struct action_args *a, const struct folder_set *set,
	const struct place_list *l, struct thread_set *touched, struct err *e)
{
	switch (a->kind) {
	case ACT_FLAGS:
		return act_flags(w, a, set, l, touched, e);
	case ACT_MOVE:
	case ACT_MOVE_ROLE:
		return act_move(w, a, set, l, touched, e);
	case ACT_LABEL:
	case ACT_UNLABEL:
		return act_label(w, a, set, l, touched, e);
	case ACT_UNDO:
		break;
	}
	return 0;
}

struct noted {
	int64_t kind, message, add, remove, folder, to_folder;
};

static int undo_one(struct write *w, const struct noted *n, struct thread_set *touched,
	struct err *e)
{
	switch (n->kind) {
	case OP_FLAGS:
		return change_undo_flags(w, n->message, (uint32_t)n->add, (uint32_t)n->remove,
			touched, e);
	case OP_COPY:
		return label_take(w, n->message, n->folder, 0, touched, e);
	case OP_EXPUNGE:
		return label_restore(w, n->message, n->folder, touched, e);
	default:
		return change_folder(w, n->message, n->to_folder, n->folder, 0, touched, e);
	}
}

static int undo(struct write *w, int64_t grp, struct thread_set *touched, struct err *e)
{
	struct noted *v = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(w->db, &q, e, SQL_GROUP, "i", grp))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof *v);
		v[n++] = (struct noted){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
			sqlite3_column_int64(q, 2), sqlite3_column_int64(q, 3),
			sqlite3_column_int64(q, 4), sqlite3_column_int64(q, 5)};
	}
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = undo_one(w, &v[i], touched, e);
	}
	return rc || db_run(w->db, e, SQL_DROP_GROUP, "i", grp) || reminder_undo(w, grp, e) ? -1
											    : 0;
}

static int write_action(struct write *w, void *arg, struct err *e)
{
	const struct action_args *a = arg;
	struct thread_set touched = {NULL, 0, 0};
	struct folder_set set = {NULL, 0, 0};
	if (db_run(w->db, e, SQL_OLD_CHANGES, "i", w->now - KEEP_CHANGES_S) ||
		db_run(w->db, e, SQL_OLD_OPS, "i", w->now - KEEP_WITHDRAWN_S))
		return -1;
	if (a->kind == ACT_UNDO)
		return undo(w, a->grp, &touched, e) || thread_refresh(w, &touched, e) ? -1 : 0;
	if (folder_set_read(w->db, &w->arena, &a->list, &set, e))
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		struct place_list l;
		if (read_places(w, a, a->ids[i], &l, e))
			return -1;
		if (act(w, a, &set, &l, &touched, e))
			return -1;
	}
	return thread_refresh(w, &touched, e);
}

static struct action_args *new_args(struct store *s, enum action_kind kind, const struct target *t,
	int64_t *group)
{
	size_t n = t ? t->n : 0;
	struct action_args *a = xcalloc(1, sizeof *a + n * sizeof a->ids[0]);
	a->kind = kind;
	a->grp = store_new_id(s);
	if (t) {
		a->target = t->kind;
		a->list = t->list;
		a->n = n;
		memcpy(a->ids, t->ids, n * sizeof a->ids[0]);
	}
	if (group)
		*group = a->grp;
	return a;
}

static int64_t post(struct store *s, struct action_args *a)
{
	return writer_post(&s->main, WRITE_USER | WRITE_FULL, write_action, a, free);
}

int64_t action_flags(struct store *s, const struct target *t, uint32_t add, uint32_t remove,
	int64_t *group)
{
	struct action_args *a = new_args(s, ACT_FLAGS, t, group);
	a->add = add;
	a->remove = remove;
	return post(s, a);
}

int64_t action_move_role(struct store *s, const struct target *t, enum folder_role role,
	int64_t *group)
{
	struct action_args *a = new_args(s, ACT_MOVE_ROLE, t, group);
	a->role = role;
	return post(s, a);
}

int64_t action_move(struct store *s, const struct target *t, int64_t folder, int64_t *group)
{
	struct action_args *a = new_args(s, ACT_MOVE, t, group);
	a->folder = folder;
	return post(s, a);
}

int64_t action_label(struct store *s, const struct target *t, int64_t folder, bool is_on,
	int64_t *group)
{
	struct action_args *a = new_args(s, is_on ? ACT_LABEL : ACT_UNLABEL, t, group);
	a->folder = folder;
	return post(s, a);
}

int64_t action_undo(struct store *s, int64_t group)
{
	struct action_args *a = new_args(s, ACT_UNDO, NULL, NULL);
	a->grp = group;
	return post(s, a);
}
