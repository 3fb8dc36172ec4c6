/*
 * apply.c - changes in a Microsoft mailbox. Flags are idempotent; a move looks where the message
 * lies, a copy, a new draft and a folder whether they are there already, so that a repeated one
 * after a lost answer changes nothing. Several flags and moves go in one request.
 */
#include "config.h"

#include "mailbox.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "draft.h"

/* One of several changes. */
struct change {
	const struct op *op;
	const char *id; /* as Graph knows it */
	bool is_over;   /* nothing is left to do: done, or failed */
	struct prov_applied *out;
};

static void fail(struct change *c, const struct err *why)
{
	c->out->error = *why;
	c->is_over = true;
}

/* Graph keeps these two, and tells about others without taking them. */
static const char *flags_body(struct arena *a, const struct op *op)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	uint32_t touched = op->flags_add | op->flags_remove;
	if (touched & MSG_SEEN)
		cJSON_AddBoolToObject(j, "isRead", (op->flags_add & MSG_SEEN) != 0);
	if (touched & MSG_FLAGGED)
		json_add_str(cJSON_AddObjectToObject(j, "flag"), "flagStatus",
			op->flags_add & MSG_FLAGGED ? "flagged" : "notFlagged");
	if (!j->child)
		return NULL;
	CLEANUP(free_str) char *text = json_print(j);
	return arena_strdup(a, text);
}

static const char *destination(struct arena *a, const char *folder)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	json_add_str(j, "destinationId", folder);
	CLEANUP(free_str) char *text = json_print(j);
	return arena_strdup(a, text);
}

static int not_there(struct err *e)
{
	return err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
}

/* ---- several at once ------------------------------------------------------------------------- */

static int ask_all(struct graph *g, struct change *const *v, const struct graph_ask *asks, size_t n,
	void (*take)(struct graph *g, struct change *c, const struct graph_reply *r), struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	struct graph_reply replies[GRAPH_BATCH_MOST];
	if (!n)
		return 0;
	if (graph_batch(g->web, asks, n, replies, &answer, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		take(g, v[i], &replies[i]);
	return 0;
}

static void take_place(struct graph *g, struct change *c, const struct graph_reply *r)
{
	struct err why = ERR_INIT;
	const char *parent = r->status == 200 ? json_str(r->body, "/parentFolderId") : NULL;
	if (parent && strcmp(parent, c->op->to_folder) == 0) {
		c->out->is_done = c->is_over = true; /* an earlier try, or another client */
		c->out->new_id = c->op->server_id;
		return;
	}
	if (parent && strcmp(parent, c->op->folder) == 0)
		return;
	if (parent || r->status == 404)
		not_there(&why);
	else if (graph_judge(g->web, r, &why) == 0)
		err_set(&why, ERR_PROTO, _("%s does not say where a message lies."),
			web_host(g->web));
	fail(c, &why);
}

/* Where the messages lie that are to be moved. */
static int look_first(struct graph *g, struct change *v, size_t n, struct arena *a, struct err *e)
{
	struct change *at[GRAPH_BATCH_MOST];
	struct graph_ask asks[GRAPH_BATCH_MOST];
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].op->kind != OP_MOVE)
			continue;
		at[count] = &v[i];
		asks[count++] = (struct graph_ask){.method = "GET",
			.path = graph_path(a, "/me/messages/", v[i].id,
				"?$select=id,parentFolderId")};
	}
	return ask_all(g, at, asks, count, take_place, e);
}

static void take_change(struct graph *g, struct change *c, const struct graph_reply *r)
{
	struct err why = ERR_INIT;
	if (r->status == 404)
		not_there(&why);
	if (r->status == 404 || graph_judge(g->web, r, &why)) {
		fail(c, &why);
		return;
	}
	c->out->is_done = c->is_over = true;
	if (c->op->kind == OP_MOVE) /* the same: ids are immutable */
		c->out->new_id = c->op->server_id;
}

static int change_all(struct graph *g, struct change *v, size_t n, struct arena *a, struct err *e)
{
	struct change *at[GRAPH_BATCH_MOST];
	struct graph_ask asks[GRAPH_BATCH_MOST];
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct op *op = v[i].op;
		bool is_move = op->kind == OP_MOVE;
		const char *body = is_move ? destination(a, op->to_folder) : flags_body(a, op);
		if (v[i].is_over)
			continue;
		if (!body) { /* nothing that Graph keeps */
			v[i].out->is_done = true;
			continue;
		}
		at[count] = &v[i];
		asks[count++] = (struct graph_ask){.method = is_move ? "POST" : "PATCH",
			.path = graph_path(a, "/me/messages/", v[i].id, is_move ? "/move" : ""),
			.json = body};
	}
	return ask_all(g, at, asks, count, take_change, e);
}

int graph_apply_many(struct provider *p, const struct op *ops, size_t n, struct arena *a,
	struct prov_applied *out, struct err *e)
{
	struct graph *g = graph_of(p);
	struct change v[GRAPH_BATCH_MOST];
	BUG_ON(n > GRAPH_BATCH_MOST);
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct prov_applied){.error = ERR_INIT};
		v[i] = (struct change){
			.op = &ops[i], .id = graph_plain_id(a, ops[i].server_id), .out = &out[i]};
	}
	return look_first(g, v, n, a, e) || change_all(g, v, n, a, e) ? -1 : 0;
}

static int apply_one(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct prov_applied done;
	if (graph_apply_many(p, op, 1, a, &done, e))
		return -1;
	if (!done.is_done) {
		*e = done.error;
		return -1;
	}
	*new_id = done.new_id;
	return 0;
}

/* ---- one by one ------------------------------------------------------------------------------ */

int graph_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e)
{
	struct graph *g = graph_of(p);
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(16384);
	CLEANUP(buf_release) struct buf filter = BUF_INIT(4096);
	*out = (struct found){0};
	graph_add_id_filter(&filter, message_id);
	buf_addstr(&path, "/me/mailFolders/");
	http_add_escaped(&path, folder);
	buf_addstr(&path, "/messages?$top=2&$select=id,isDraft,changeKey&$filter=");
	http_add_escaped(&path, filter.p);
	if (graph_get(g->web, path.p, 0, &answer, e))
		return -1;
	const char *id = json_str(answer, "/value/0/id");
	if (!id)
		return 0;
	bool is_drafts = g->drafts && strcmp(g->drafts, folder) == 0;
	*out = (struct found){.folder = folder,
		.id = graph_draft_id(a, id,
			is_drafts ? json_str(answer, "/value/0/changeKey") : NULL),
		.is_draft = cJSON_IsTrue(json_at(answer, "/value/0/isDraft"))};
	return 0;
}

/* There by now, by an earlier try. */
static int find_done(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct found there = {0};
	*new_id = NULL;
	if (op->message_id && graph_find(p, op->to_folder, op->message_id, a, &there, e))
		return -1;
	*new_id = there.id;
	return 0;
}

static int apply_copy(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	if (find_done(p, op, a, new_id, e) || *new_id)
		return *new_id ? 0 : -1;
	json_add_str(body, "destinationId", op->to_folder);
	if (graph_send(graph_of(p)->web, "POST",
		    graph_path(a, "/me/messages/", graph_plain_id(a, op->server_id), "/copy"), body,
		    &answer, e))
		return -1;
	*new_id = arena_strdup(a, json_str(answer, "/id"));
	return 0;
}

/* Deleting alone would leave it in Deleted Items, to where the user moves what shall lie there. */
static int apply_expunge(struct provider *p, const struct op *op, struct arena *a, struct err *e)
{
	return draft_remove(graph_of(p)->web, graph_plain_id(a, op->server_id), e);
}

/* The same for a draft: one that took several requests may be half of it, because the line or we
 * broke before the last one. It is made anew; what somebody has written into the half since can be
 * had back. */
static int find_whole(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	if (find_done(p, op, a, new_id, e))
		return -1;
	if (!*new_id || op->data_len <= DRAFT_WHOLE_MOST)
		return 0;
	const char *half = graph_plain_id(a, *new_id);
	*new_id = NULL;
	return draft_discard(graph_of(p)->web, half, e);
}

/* What Graph takes as MIME is a draft. */
static int apply_append(struct provider *p, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	struct graph *g = graph_of(p);
	struct draft_made made = {0};
	if (!(op->flags_add & MSG_DRAFT))
		return err_set(e, ERR_UNSUPPORTED,
			_("Microsoft files what it sends itself; other mail cannot be put there."));
	if (find_whole(p, op, a, new_id, e) || *new_id)
		return *new_id ? 0 : -1;
	if (draft_make(g->web, op->to_folder, op->data, (size_t)op->data_len, a, &made, e))
		return -1;
	*new_id = graph_draft_id(a, made.id, made.version);
	return 0;
}

static int find_folder(struct graph *g, const char *name, struct arena *a, const char **id,
	struct err *e)
{
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(buf_release) struct buf filter = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf path = BUF_INIT(16384);
	buf_addstr(&filter, "displayName eq ");
	graph_add_quoted(&filter, name);
	buf_addstr(&path, "/me/mailFolders?$select=id&$filter=");
	http_add_escaped(&path, filter.p);
	if (graph_get(g->web, path.p, 0, &answer, e))
		return -1;
	*id = arena_strdup(a, json_str(answer, "/value/0/id"));
	return 0;
}

static int apply_create(struct provider *p, const struct op *op, struct arena *a,
	const char **new_id, struct err *e)
{
	struct graph *g = graph_of(p);
	CLEANUP(json_free) cJSON *answer = NULL;
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	if (find_folder(g, op->to_folder, a, new_id, e) || *new_id)
		return *new_id ? 0 : -1;
	json_add_str(body, "displayName", op->to_folder);
	if (graph_send(g->web, "POST", "/me/mailFolders", body, &answer, e))
		return -1;
	*new_id = arena_strdup(a, json_str(answer, "/id"));
	return 0;
}

int graph_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	*new_id = NULL;
	switch (op->kind) {
	case OP_FLAGS:
	case OP_MOVE:
		return apply_one(p, op, a, new_id, e);
	case OP_COPY:
		return apply_copy(p, op, a, new_id, e);
	case OP_EXPUNGE:
		return apply_expunge(p, op, a, e);
	case OP_APPEND:
		return apply_append(p, op, a, new_id, e);
	case OP_FOLDER_CREATE:
		return apply_create(p, op, a, new_id, e);
	case OP_NONE:
	case OP_KIND_COUNT:
		break;
	}
	return err_set(e, ERR_BUG, _("This change is unknown to the Microsoft account."));
}
