/*
 * apply.c - changes on the server. Flags are idempotent; MOVE, COPY and APPEND look first, so
 * that a repeated one after a lost answer changes nothing; only UID EXPUNGE is ever used. The
 * commands are libetpan's (etpan.h).
 */
#include "config.h"

#include "etpan.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define SAME_MOST ((uint64_t)64 << 20) /* bytes; what is larger is never taken for the same */

struct flag_word {
	uint32_t flag;
	const char *word;
	struct mailimap_flag *(*make)(void); /* NULL = a keyword */
	bool is_removed_too; /* what other programs call it: goes when the flag goes */
};

static const struct flag_word flag_words[] = {
	{MSG_SEEN, "\\Seen", mailimap_flag_new_seen, false},
	{MSG_FLAGGED, "\\Flagged", mailimap_flag_new_flagged, false},
	{MSG_ANSWERED, "\\Answered", mailimap_flag_new_answered, false},
	{MSG_DRAFT, "\\Draft", mailimap_flag_new_draft, false},
	{MSG_DELETED, "\\Deleted", mailimap_flag_new_deleted, false},
	{MSG_FORWARDED, "$Forwarded", NULL, false},
	{MSG_FORWARDED, "Forwarded", NULL, true},
	{MSG_JUNK, "$Junk", NULL, false},
	{MSG_JUNK, "Junk", NULL, true},
};

/* Whether the folder keeps that flag: a server may take the five of RFC 3501 alone, or fewer. */
static bool is_kept(const struct imap_session *s, const char *word)
{
	const char *list = s->selected.permanent;
	return !list || strstr(list, "\\*") || mem_casefind(list, strlen(list), word);
}

/* Those that the server keeps; the library frees the keywords with free(). */
static struct mailimap_flag_list *flag_list(const struct imap_session *s, uint32_t flags,
	bool is_add)
{
	struct mailimap_flag_list *l = mailimap_flag_list_new_empty();
	for (size_t i = 0; i < ARRAY_SIZE(flag_words); i++) {
		const struct flag_word *f = &flag_words[i];
		if (!(flags & f->flag) || (is_add && f->is_removed_too))
			continue;
		if (s->selected.folder && !is_kept(s, f->word))
			continue;
		mailimap_flag_list_add(l,
			f->make ? f->make() : mailimap_flag_new_flag_keyword(xstrdup(f->word)));
	}
	return l;
}

static int store_flags(struct imap_session *s, uint32_t uid, uint32_t flags, bool is_add,
	struct err *e)
{
	struct mailimap_flag_list *l = flag_list(s, flags, is_add);
	struct mailimap_store_att_flags *att =
		is_add ? mailimap_store_att_flags_new_add_flags_silent(l)
		       : mailimap_store_att_flags_new_remove_flags_silent(l);
	int rc = 0;
	if (clist_count(l->fl_list) > 0) { /* else there are none, or the server keeps none */
		struct mailimap_set *set = mailimap_set_new_single(uid);
		struct mailimap *m = imap_etpan_begin(s, "STORE", "UID STORE FLAGS.SILENT", e);
		rc = m ? imap_etpan_end(s, mailimap_uid_store(m, set, att), "STORE", e) : -1;
		mailimap_set_free(set);
	}
	mailimap_store_att_flags_free(att);
	return rc;
}

static int uid_exists(struct imap_session *s, uint32_t uid, bool *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	struct imap_command c = imap_command(s, "SEARCH");
	imap_add(&c, "UID SEARCH UID %u", uid);
	if (imap_run_search(&c, &a, &uids, &n, e))
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
	if (imap_uid_of(op->server_id, &uid, e) || imap_need_as_of(s, op->folder, op->cursor, e) ||
		store_flags(s, uid, op->flags_add, true, e) ||
		store_flags(s, uid, op->flags_remove, false, e) || uid_exists(s, uid, &exists, e))
		return -1;
	return exists ? 0 : err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
}

static int expunge_uid(struct imap_session *s, uint32_t uid, struct err *e)
{
	if (store_flags(s, uid, MSG_DELETED, true, e))
		return -1;
	if (!(s->caps & CAP_UIDPLUS))
		return 0; /* marked; a bare EXPUNGE could take other people's messages along */
	struct mailimap *m = imap_etpan_begin(s, "EXPUNGE", "UID EXPUNGE", e);
	if (!m)
		return -1;
	struct mailimap_set *set = mailimap_set_new_single(uid);
	int rc = imap_etpan_end(s, mailimap_uid_expunge(m, set), "EXPUNGE", e);
	mailimap_set_free(set);
	return rc;
}

/* Where COPYUID or APPENDUID said the message went. */
static const char *new_uid(const struct imap_session *s, struct arena *a)
{
	return s->code.uid ? arena_printf(a, "%u", s->code.uid) : NULL;
}

static int copy_or_move(struct imap_session *s, uint32_t uid, const char *to, bool is_move,
	struct arena *a, const char **new_id, struct err *e)
{
	const char *what = is_move ? "MOVE" : "COPY";
	struct mailimap *m = NULL;
	if (imap_etpan_folder(s, to, e) ||
		!(m = imap_etpan_begin(s, what, is_move ? "UID MOVE" : "UID COPY", e)))
		return -1;
	struct mailimap_set *set = mailimap_set_new_single(uid);
	int rc = imap_etpan_end(s,
		is_move ? mailimap_uid_move(m, set, to) : mailimap_uid_copy(m, set, to), what, e);
	mailimap_set_free(set);
	if (rc)
		return -1;
	*new_id = new_uid(s, a);
	return 0;
}

struct whole {
	bool is_known;
	char digest[65];
};

static int take_digest(void *ctx, const char *id, const char *data, size_t len, bool is_whole)
{
	struct whole *w = ctx;
	(void)id;
	w->is_known = is_whole;
	sha256_hex(data, len, w->digest);
	return 0;
}

static int read_whole(struct imap_session *s, const char *folder, const char *cursor, uint32_t uid,
	struct whole *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *id = arena_printf(&a, "%u", uid);
	*out = (struct whole){.is_known = false};
	return imap_fetch(&s->base, folder, cursor, &id, 1, SAME_MOST, take_digest, out, e);
}

/* The copy that an earlier try made, 0 = none. Servers find a part of a Message-ID too, and anybody
 * may send what bears the one of another message: only the same bytes are a copy. Ends in the
 * source's folder. */
static int find_copy(struct imap_session *s, const struct op *op, uint32_t uid, uint32_t *there,
	struct err *e)
{
	struct whole copy, source;
	if (imap_find_uid(s, op->to_folder, op->message_id, there, e))
		return -1;
	if (!*there)
		return imap_need_as_of(s, op->folder, op->cursor, e);
	if (read_whole(s, op->to_folder, NULL, *there, &copy, e) ||
		read_whole(s, op->folder, op->cursor, uid, &source, e))
		return -1;
	if (!copy.is_known || !source.is_known || strcmp(copy.digest, source.digest) != 0)
		*there = 0;
	return 0;
}

/* The source still there means it has not been moved; gone means look in the destination. */
static int apply_move(struct imap_session *s, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	uint32_t uid = 0, there = 0;
	bool exists = false;
	if (imap_uid_of(op->server_id, &uid, e) || imap_need_as_of(s, op->folder, op->cursor, e) ||
		uid_exists(s, uid, &exists, e))
		return -1;
	if (!exists) {
		if (imap_find_uid(s, op->to_folder, op->message_id, &there, e))
			return -1;
		if (!there)
			return err_set(e, ERR_NOTFOUND,
				_("The message is no longer on the server."));
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	if (s->caps & CAP_MOVE)
		return copy_or_move(s, uid, op->to_folder, true, a, new_id, e);
	if (find_copy(s, op, uid, &there, e))
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
	if (imap_uid_of(op->server_id, &uid, e) || find_copy(s, op, uid, &there, e))
		return -1;
	if (there) {
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	return copy_or_move(s, uid, op->to_folder, false, a, new_id, e);
}

static int apply_expunge(struct imap_session *s, const struct op *op, struct err *e)
{
	uint32_t uid = 0;
	bool exists = false;
	if (imap_uid_of(op->server_id, &uid, e) || imap_need_as_of(s, op->folder, op->cursor, e) ||
		uid_exists(s, uid, &exists, e))
		return -1;
	return exists ? expunge_uid(s, uid, e) : 0;
}

static int apply_append(struct imap_session *s, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	uint32_t there = 0;
	if (imap_find_uid(s, op->to_folder, op->message_id, &there, e))
		return -1;
	if (there) {
		*new_id = arena_printf(a, "%u", there);
		return 0;
	}
	struct mailimap *m = NULL;
	if (imap_etpan_folder(s, op->to_folder, e) ||
		!(m = imap_etpan_begin(s, "APPEND", "APPEND", e)))
		return -1;
	struct mailimap_flag_list *flags = flag_list(s, op->flags_add, true);
	int rc = imap_etpan_end(s,
		mailimap_append(m, op->to_folder, flags, NULL, op->data, (size_t)op->data_len),
		"APPEND", e);
	mailimap_flag_list_free(flags);
	if (rc)
		return -1;
	*new_id = new_uid(s, a);
	return 0;
}

static int say_folder(struct imap_session *s, const char *what,
	int (*command)(struct mailimap *m, const char *name), const char *folder, struct err *e)
{
	struct mailimap *m = NULL;
	if (imap_etpan_folder(s, folder, e) || !(m = imap_etpan_begin(s, what, what, e)))
		return -1;
	return imap_etpan_end(s, command(m, folder), what, e);
}

/* A folder that exists already is what was wanted. */
static int apply_create(struct imap_session *s, const struct op *op, struct err *e)
{
	struct err refused = ERR_INIT;
	if (say_folder(s, "CREATE", mailimap_create, op->to_folder, &refused)) {
		if (refused.scope == ERR_ITEM && imap_select(s, op->to_folder, e) == 0)
			return 0;
		*e = refused;
		return -1;
	}
	if (say_folder(s, "SUBSCRIBE", mailimap_subscribe, op->to_folder, &refused) &&
		!imap_is_refusal(&refused)) {
		*e = refused;
		return -1;
	}
	return 0;
}

int imap_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct imap_session *s = imap_of(p);
	*new_id = NULL;
	if (late_load_etpan(e))
		return -1;
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
