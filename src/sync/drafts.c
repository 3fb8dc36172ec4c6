/*
 * drafts.c - our drafts in the server's Drafts: each version is put there before the one before it
 * goes, and what another client did to a draft is kept beside ours. What is due is draft.h's.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/draft.h"
#include "crmail/store/outbox.h"

#define RETRY_S 60
#define DRAFT_MOST ((uint64_t)64 << 20)

static const char *drafts_name(const struct session *s)
{
	const struct session_folder *f = session_folder_of(s, FOLDER_DRAFTS);
	return f ? f->server_name : NULL;
}

/* What the server calls the version; *id NULL = it has none of that name. */
static int find(struct session *s, struct arena *a, const char *message_id, const char **id,
	struct err *e)
{
	const char *folder = drafts_name(s);
	struct found found = {0};
	*id = NULL;
	if (!folder || !message_id)
		return 0;
	if (s->ops->find(s->provider, folder, message_id, a, &found, e))
		return -1;
	*id = found.id;
	return 0;
}

static int expunge(struct session *s, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *new_id = NULL;
	const struct op gone = {.kind = OP_EXPUNGE,
		.account = s->account,
		.folder = drafts_name(s),
		.server_id = id};
	session_pull_role(s, FOLDER_DRAFTS);
	return s->ops->apply(s->provider, &gone, &a, &new_id, e);
}

/* Takes away a version of ours. One that is no longer as we put it there is somebody else's by now:
 * *was_changed. Without an id from the server the name has to do. */
static int take_away(struct session *s, const char *message_id, const char *server_id,
	bool *was_changed, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *id = NULL;
	*was_changed = false;
	if (!message_id)
		return 0;
	if (find(s, &a, message_id, &id, e))
		return -1;
	*was_changed = !id || (server_id && strcmp(id, server_id) != 0);
	return *was_changed ? 0 : expunge(s, id, e);
}

/* A version that was on its way when we died, and that is not wanted any more. */
static int take_away_stray(struct session *s, const struct draft_todo *j, struct err *e)
{
	bool ignored;
	if (!j->next_id || (j->message_id && strcmp(j->next_id, j->message_id) == 0))
		return 0;
	return take_away(s, j->next_id, NULL, &ignored, e);
}

static int append(struct session *s, struct arena *a, const struct draft_todo *j, const char **id,
	struct err *e)
{
	const char *raw = NULL;
	size_t len = 0;
	if (outbox_raw(s->reader, a, j->outbox, &raw, &len, e))
		return -1;
	const struct op put = {.kind = OP_APPEND,
		.account = s->account,
		.to_folder = drafts_name(s),
		.message_id = j->message_id,
		.flags_add = MSG_DRAFT | MSG_SEEN,
		.data = raw ? raw : "",
		.data_len = len};
	if (s->ops->apply(s->provider, &put, a, id, e))
		return -1;
	session_pull_role(s, FOLDER_DRAFTS);
	return *id ? 0 : find(s, a, j->message_id, id, e);
}

static int put_there(struct session *s, const struct draft_todo *j, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *id = NULL, *note = NULL;
	bool was_changed = false;
	if (session_need_role(s, FOLDER_DRAFTS, e) || take_away_stray(s, j, e) ||
		draft_begin(s->host->store, s->account, j, e) || append(s, &a, j, &id, e) ||
		take_away(s, j->copy_id, j->server_id, &was_changed, e))
		return -1;
	if (was_changed)
		note = _("This draft was also changed elsewhere: both versions are kept.");
	log_line(LOG_NOTE, "drafts", "draft %lld put to the server%s", (long long)j->outbox,
		was_changed ? ", changed elsewhere too" : "");
	return draft_done(s->host->store, s->account, j, id, note, e);
}

static int remove_there(struct session *s, const struct draft_todo *j, struct err *e)
{
	bool ignored;
	return take_away_stray(s, j, e) || take_away(s, j->copy_id, j->server_id, &ignored, e) ||
			       draft_removed(s->host->store, s->account, j->outbox, e)
		       ? -1
		       : 0;
}

/* ---- no longer seen -------------------------------------------------------------------------- */

struct comparing {
	const char *raw;
	size_t len;
	bool is_same;
};

/* Line ends aside: a Maildir keeps them its own way. */
static bool is_same_text(const char *a, size_t n, const char *b, size_t m)
{
	size_t i = 0, k = 0;
	for (;;) {
		while (i < n && a[i] == '\r')
			i++;
		while (k < m && b[k] == '\r')
			k++;
		if (i == n || k == m)
			return i == n && k == m;
		if (a[i++] != b[k++])
			return false;
	}
}

static int compare_one(void *ctx, const char *id, const char *data, size_t len, bool is_whole)
{
	struct comparing *c = ctx;
	(void)id;
	c->is_same = is_whole && is_same_text(c->raw, c->len, data, len);
	return 0;
}

static int is_ours(struct session *s, struct arena *a, const struct draft_todo *j, const char *id,
	bool *out, struct err *e)
{
	struct comparing c = {.is_same = false};
	*out = false;
	if (!id)
		return 0;
	if (outbox_raw(s->reader, a, j->outbox, &c.raw, &c.len, e) ||
		s->ops->fetch(s->provider, drafts_name(s), NULL, &id, 1, DRAFT_MOST, compare_one,
			&c, e))
		return -1;
	*out = c.is_same;
	return 0;
}

/* The server may have renumbered the folder, or the draft went on elsewhere and ours is old. */
static int look_after(struct session *s, const struct draft_todo *j, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *id = NULL;
	bool same = false;
	if (find(s, &a, j->copy_id, &id, e) || is_ours(s, &a, j, id, &same, e))
		return -1;
	if (same)
		return draft_done(s->host->store, s->account, j, id, NULL, e);
	log_line(LOG_NOTE, "drafts", "draft %lld went on elsewhere", (long long)j->outbox);
	return draft_lost(s->host->store, s->account, j, e);
}

static int do_job(struct session *s, const struct draft_todo *j, struct err *e)
{
	switch (j->kind) {
	case DRAFT_PUT:
		return put_there(s, j, e);
	case DRAFT_REMOVE:
		return remove_there(s, j, e);
	case DRAFT_MISSED:
		return look_after(s, j, e);
	}
	return 0;
}

int session_drafts_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct draft_todo *j = NULL;
	int64_t next = 0;
	struct err why = ERR_INIT;
	if (draft_next(s->reader, &a, s->account, &j, &next, e))
		return -1;
	*did = j != NULL;
	if (!j) {
		if (!s->send_most) /* a pass does not wait for an open editor */
			session_note_due(s, next);
		return 0;
	}
	if (do_job(s, j, &why) == 0) {
		s->progress++;
		return 0;
	}
	if (why.scope == ERR_ACCOUNT && why.code != ERR_IO) { /* a Maildir's folder is not all */
		*e = why;
		return -1;
	}
	log_line(LOG_WARN, "drafts", "draft %lld: %s", (long long)j->outbox,
		err_code_name(why.code));
	s->report.ops_parked++;
	return draft_failed(s->host->store, s->account, j, &why,
		clock_now(s->host->clock) + RETRY_S, e);
}
