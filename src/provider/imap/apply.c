/*
 * apply.c - changes on the server. Flags are idempotent; MOVE, COPY and APPEND look first, so
 * that a repeated one after a lost answer changes nothing; only UID EXPUNGE is ever used.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

static struct mailimap_flag_list *flag_list(uint32_t flags)
{
	struct mailimap_flag_list *l = mailimap_flag_list_new_empty();
	if (flags & MSG_SEEN)
		mailimap_flag_list_add(l, mailimap_flag_new_seen());
	if (flags & MSG_FLAGGED)
		mailimap_flag_list_add(l, mailimap_flag_new_flagged());
	if (flags & MSG_ANSWERED)
		mailimap_flag_list_add(l, mailimap_flag_new_answered());
	if (flags & MSG_DRAFT)
		mailimap_flag_list_add(l, mailimap_flag_new_draft());
	if (flags & MSG_DELETED)
		mailimap_flag_list_add(l, mailimap_flag_new_deleted());
	if (flags & MSG_FORWARDED) /* libetpan frees these with free() */
		mailimap_flag_list_add(l, mailimap_flag_new_flag_keyword(xstrdup("$Forwarded")));
	if (flags & MSG_JUNK)
		mailimap_flag_list_add(l, mailimap_flag_new_flag_keyword(xstrdup("$Junk")));
	return l;
}

static int store_flags(struct imap_session *s, uint32_t uid, uint32_t flags, bool is_add,
	struct err *e)
{
	if (!flags)
		return 0;
	struct mailimap_flag_list *l = flag_list(flags);
	struct mailimap_store_att_flags *att =
		is_add ? mailimap_store_att_flags_new_add_flags_silent(l)
		       : mailimap_store_att_flags_new_remove_flags_silent(l);
	struct mailimap_set *set = mailimap_set_new_single(uid);
	int rc = mailimap_uid_store(s->m, set, att);
	mailimap_set_free(set);
	mailimap_store_att_flags_free(att);
	return rc == MAILIMAP_NO_ERROR ? 0 : imap_fail(s, rc, "STORE", e);
}

/* Selects the op's folder. A UID of an earlier numbering names some other message by now: the op
 * has to wait until the folder has been pulled anew (RFC 3501 section 2.3.1.1). */
static int need_source(struct imap_session *s, const struct op *op, struct err *e)
{
	uint32_t validity = imap_cursor_validity(op->cursor);
	if (imap_need(s, op->folder, e))
		return -1;
	if (validity && validity != s->selected.uidvalidity)
		return err_set(e, ERR_CONFLICT, _("The server has renumbered the folder."));
	return 0;
}

static int find_uid(struct imap_session *s, const char *folder, const char *message_id,
	uint32_t *uid, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	*uid = 0;
	if (!message_id || imap_select(s, folder, e))
		return message_id ? -1 : 0;
	/* libetpan frees the key's strings with free() */
	struct mailimap_search_key *key =
		mailimap_search_key_new_header(xstrdup("Message-ID"), xstrdup(message_id));
	if (imap_search_uids(s, &a, key, &uids, &n, e))
		return -1;
	*uid = n ? uids[n - 1] : 0;
	return 0;
}

static int uid_exists(struct imap_session *s, uint32_t uid, bool *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	if (imap_search_uids(s, &a, mailimap_search_key_new_uid(mailimap_set_new_single(uid)),
		    &uids, &n, e))
		return -1;
	*out = n > 0 && uids[0] == uid;
	return 0;
}

/* A server says OK to STORE of a message that is not there, and the change would be lost with
 * nobody knowing; so what was changed has to exist afterwards. */
static int apply_flags(struct imap_session *s, const struct op *op, struct err *e)
{
	uint32_t uid = 0;
	bool exists = false;
	if (imap_uid_of(op->server_id, &uid, e) || need_source(s, op, e) ||
		store_flags(s, uid, op->flags_add, true, e) ||
		store_flags(s, uid, op->flags_remove, false, e) || uid_exists(s, uid, &exists, e))
		return -1;
	return exists ? 0 : err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
}

static const char *first_uid(struct arena *a, struct mailimap_set *set)
{
	if (!set || !clist_begin(set->set_list))
		return NULL;
	const struct mailimap_set_item *item = clist_content(clist_begin(set->set_list));
	return item->set_first ? arena_printf(a, "%u", item->set_first) : NULL;
}

static void free_set(struct mailimap_set *set)
{
	if (set)
		mailimap_set_free(set);
}

static int expunge_uid(struct imap_session *s, uint32_t uid, struct err *e)
{
	if (store_flags(s, uid, MSG_DELETED, true, e))
		return -1;
	if (!(s->caps & CAP_UIDPLUS))
		return 0; /* marked; a bare EXPUNGE could take other people's messages along */
	struct mailimap_set *set = mailimap_set_new_single(uid);
	int rc = mailimap_uid_expunge(s->m, set);
	mailimap_set_free(set);
	return rc == MAILIMAP_NO_ERROR ? 0 : imap_fail(s, rc, "EXPUNGE", e);
}

static int copy_or_move(struct imap_session *s, uint32_t uid, const char *to, bool is_move,
	struct arena *a, const char **new_id, struct err *e)
{
	struct mailimap_set *set = mailimap_set_new_single(uid), *from = NULL, *dest = NULL;
	uint32_t validity = 0;
	bool has_plus = s->caps & CAP_UIDPLUS;
	int rc;
	if (is_move)
		rc = has_plus ? mailimap_uidplus_uid_move(s->m, set, to, &validity, &from, &dest)
			      : mailimap_uid_move(s->m, set, to);
	else
		rc = has_plus ? mailimap_uidplus_uid_copy(s->m, set, to, &validity, &from, &dest)
			      : mailimap_uid_copy(s->m, set, to);
	if (rc == MAILIMAP_NO_ERROR)
		*new_id = first_uid(a, dest);
	mailimap_set_free(set);
	free_set(from);
	free_set(dest);
	return rc == MAILIMAP_NO_ERROR ? 0 : imap_fail(s, rc, is_move ? "MOVE" : "COPY", e);
}

/* The source still there means it has not been moved; gone means look in the destination. */
static int apply_move(struct imap_session *s, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	uint32_t uid = 0, there = 0;
	bool exists = false;
	if (imap_uid_of(op->server_id, &uid, e) || need_source(s, op, e) ||
		uid_exists(s, uid, &exists, e))
		return -1;
	if (!exists) {
		if (find_uid(s, op->to_folder, op->message_id, &there, e))
			return -1;
		if (!there)
			return err_set(e, ERR_NOTFOUND,
				_("The message is no longer on the server."));
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	if (s->caps & CAP_MOVE)
		return copy_or_move(s, uid, op->to_folder, true, a, new_id, e);
	if (find_uid(s, op->to_folder, op->message_id, &there, e) || need_source(s, op, e))
		return -1;
	if (there)
		*new_id = arena_printf(a, "%u", there);
	else if (copy_or_move(s, uid, op->to_folder, false, a, new_id, e))
		return -1;
	return expunge_uid(s, uid, e);
}

static int apply_copy(struct imap_session *s, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	uint32_t uid = 0, there = 0;
	if (imap_uid_of(op->server_id, &uid, e) ||
		find_uid(s, op->to_folder, op->message_id, &there, e))
		return -1;
	if (there) {
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	return need_source(s, op, e) || copy_or_move(s, uid, op->to_folder, false, a, new_id, e)
		       ? -1
		       : 0;
}

static int apply_expunge(struct imap_session *s, const struct op *op, struct err *e)
{
	uint32_t uid = 0;
	bool exists = false;
	if (imap_uid_of(op->server_id, &uid, e) || need_source(s, op, e) ||
		uid_exists(s, uid, &exists, e))
		return -1;
	return exists ? expunge_uid(s, uid, e) : 0;
}

static int apply_append(struct imap_session *s, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	uint32_t there = 0, validity = 0, uid = 0;
	if (find_uid(s, op->to_folder, op->message_id, &there, e))
		return -1;
	if (there) {
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	struct mailimap_flag_list *flags = flag_list(op->flags_add);
	int rc = s->caps & CAP_UIDPLUS ? mailimap_uidplus_append(s->m, op->to_folder, flags, NULL,
						 op->data, (size_t)op->data_len, &validity, &uid)
				       : mailimap_append(s->m, op->to_folder, flags, NULL, op->data,
						 (size_t)op->data_len);
	mailimap_flag_list_free(flags);
	if (rc != MAILIMAP_NO_ERROR)
		return imap_fail(s, rc, "APPEND", e);
	*new_id = uid ? arena_printf(a, "%u", uid) : NULL;
	return 0;
}

/* A folder that exists already is what was wanted. */
static int apply_create(struct imap_session *s, const struct op *op, struct err *e)
{
	int rc = mailimap_create(s->m, op->to_folder);
	if (rc == MAILIMAP_NO_ERROR) {
		mailimap_subscribe(s->m, op->to_folder);
		return 0;
	}
	struct err refused = ERR_INIT;
	imap_fail(s, rc, "CREATE", &refused);
	if (refused.scope == ERR_ITEM && imap_select(s, op->to_folder, e) == 0)
		return 0;
	*e = refused;
	return -1;
}

int imap_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct imap_session *s = imap_of(p);
	*new_id = NULL;
	switch (op->kind) {
	case OP_FLAGS:
		return apply_flags(s, op, e);
	case OP_MOVE:
		return apply_move(s, op, a, new_id, e);
	case OP_COPY:
		return apply_copy(s, op, a, new_id, e);
	case OP_EXPUNGE:
		return apply_expunge(s, op, e);
	case OP_APPEND:
		return apply_append(s, op, a, new_id, e);
	case OP_FOLDER_CREATE:
		return apply_create(s, op, e);
	case OP_NONE:
	case OP_KIND_COUNT:
		break;
	}
	return err_set(e, ERR_BUG, _("This change is unknown to the IMAP account."));
}

int imap_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e)
{
	uint32_t uid = 0;
	*out = (struct found){0};
	if (find_uid(imap_of(p), folder, message_id, &uid, e))
		return -1;
	if (uid)
		*out = (struct found){.folder = folder, .id = arena_printf(a, "%u", uid)};
	return 0;
}
