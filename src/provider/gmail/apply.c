/*
 * apply.c - changes at Gmail: labels are put and taken, which is idempotent, of one message or of
 * many that change alike. Archiving takes INBOX away, deleting puts TRASH; nothing here deletes a
 * message for good, but for drafts of our own.
 */
#include "config.h"

#include "gmail.h"

#include <string.h>

#include "crmail/base/i18n.h"

struct labels_change {
	const char *add[4], *remove[4];
	size_t n_add, n_remove;
};

static cJSON *names(const char *const *v, size_t n)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i]));
	return list;
}

static int modify(struct gmail *g, const char *id, const struct labels_change *c, struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (!gmail_is_id(id))
		return err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
	if (!c->n_add && !c->n_remove)
		return 0;
	cJSON_AddItemToObject(j, "addLabelIds", names(c->add, c->n_add));
	cJSON_AddItemToObject(j, "removeLabelIds", names(c->remove, c->n_remove));
	return web_json(g->web, "POST", arena_printf(&a, GMAIL_ME "/messages/%s/modify", id), j,
		NULL, e);
}

/* Flags that Gmail does not know are ours alone (GMAIL_TOLD). */
static void change_flags(const struct op *op, struct labels_change *c)
{
	if (op->flags_add & MSG_SEEN)
		c->remove[c->n_remove++] = "UNREAD";
	if (op->flags_remove & MSG_SEEN)
		c->add[c->n_add++] = "UNREAD";
	if (op->flags_add & MSG_FLAGGED)
		c->add[c->n_add++] = "STARRED";
	if (op->flags_remove & MSG_FLAGGED)
		c->remove[c->n_remove++] = "STARRED";
}

static bool is(const char *folder, const char *name)
{
	return folder && strcmp(folder, name) == 0;
}

/* Only Gmail itself puts and takes these. */
static bool is_gmails_own(const char *folder)
{
	return is(folder, "SENT") || is(folder, "DRAFT");
}

/* Into Trash is a label as any other where many go at once; one goes by its own call. */
static int change_place(const struct op *op, struct labels_change *c, struct err *e)
{
	bool is_put_away = is(op->to_folder, GMAIL_ARCHIVE) || is(op->to_folder, "SPAM");
	if (is_gmails_own(op->to_folder))
		return err_set(e, ERR_UNSUPPORTED,
			_("Only Gmail itself puts mail into Sent and Drafts."));
	if (!is(op->to_folder, GMAIL_ARCHIVE))
		c->add[c->n_add++] = op->to_folder;
	if (is(op->to_folder, "TRASH"))
		return 0;
	if (op->folder && !is_gmails_own(op->folder) && !is(op->folder, GMAIL_ARCHIVE))
		c->remove[c->n_remove++] = op->folder;
	if (is_put_away && !is(op->folder, "INBOX"))
		c->remove[c->n_remove++] = "INBOX";
	return 0;
}

static int trash(struct gmail *g, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (!gmail_is_id(id))
		return err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
	return web_json(g->web, "POST", arena_printf(&a, GMAIL_ME "/messages/%s/trash", id), NULL,
		NULL, e);
}

/* OP_FLAGS and OP_MOVE. */
static int change_of(const struct op *op, struct labels_change *c, struct err *e)
{
	*c = (struct labels_change){.n_add = 0};
	if (op->kind == OP_MOVE)
		return change_place(op, c, e);
	change_flags(op, c);
	return 0;
}

static int apply_change(struct gmail *g, const struct op *op, struct err *e)
{
	struct labels_change c;
	if (op->kind == OP_MOVE && is(op->to_folder, "TRASH"))
		return trash(g, op->server_id, e);
	return change_of(op, &c, e) || modify(g, op->server_id, &c, e) ? -1 : 0;
}

static int apply_copy(struct gmail *g, const struct op *op, struct err *e)
{
	struct labels_change c = {.add = {op->to_folder}, .n_add = 1};
	if (is(op->to_folder, GMAIL_ARCHIVE))
		return 0;
	if (is_gmails_own(op->to_folder))
		return err_set(e, ERR_UNSUPPORTED,
			_("Only Gmail itself puts mail into Sent and Drafts."));
	return modify(g, op->server_id, &c, e);
}

static int drop_draft(struct gmail *g, const char *message, struct arena *a, struct err *e)
{
	struct gmail_draft d;
	if (!gmail_is_id(message))
		return 0;
	if (gmail_draft_find(g->web, message, NULL, a, &d, e))
		return -1;
	return d.id ? gmail_draft_drop(g->web, d.id, e) : 0;
}

static int apply_expunge(struct gmail *g, const struct op *op, struct arena *a, struct err *e)
{
	const struct labels_change c = {.remove = {op->folder}, .n_remove = 1};
	struct err why = ERR_INIT;
	if (is(op->folder, "DRAFT"))
		return drop_draft(g, op->server_id, a, e);
	if (is(op->folder, "SENT") || is(op->folder, "TRASH") || is(op->folder, "SPAM"))
		return err_set(e, ERR_UNSUPPORTED,
			_("crmail deletes nothing for good at Gmail: it empties the trash "
			  "itself."));
	if (is(op->folder, GMAIL_ARCHIVE) || modify(g, op->server_id, &c, &why) == 0 ||
		why.code == ERR_NOTFOUND)
		return 0;
	*e = why;
	return -1;
}

/* Looks first: an earlier try's answer may have been lost. */
static int apply_append(struct gmail *g, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct gmail_draft d = {NULL, NULL};
	if (!is(op->to_folder, "DRAFT"))
		return err_set(e, ERR_UNSUPPORTED,
			_("Mail can be put into Drafts alone at Gmail."));
	if (op->message_id && gmail_draft_find(g->web, NULL, op->message_id, a, &d, e))
		return -1;
	if (!d.id && gmail_draft_put(g->web, NULL, op->data, (size_t)op->data_len, NULL, a, &d, e))
		return -1;
	*new_id = d.message;
	return 0;
}

static int has_label(struct gmail *g, const char *name, bool *out, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	const cJSON *one;
	*out = false;
	if (web_json(g->web, "GET", GMAIL_ME "/labels", NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/labels");
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		const char *there = json_str(one, "/name");
		*out = *out || (there && strcmp(there, name) == 0);
	}
	return 0;
}

static int apply_create(struct gmail *g, const struct op *op, struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	bool is_there = false;
	if (has_label(g, op->to_folder, &is_there, e))
		return -1;
	if (is_there)
		return 0;
	json_add_str(j, "name", op->to_folder);
	return web_json(g->web, "POST", GMAIL_ME "/labels", j, NULL, e);
}

int gmail_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	struct gmail *g = gmail_of(p);
	*new_id = NULL;
	switch (op->kind) {
	case OP_FLAGS:
		return apply_change(g, op, e);
	case OP_MOVE:
		*new_id = arena_strdup(a, op->server_id);
		return apply_change(g, op, e);
	case OP_COPY:
		*new_id = arena_strdup(a, op->server_id);
		return apply_copy(g, op, e);
	case OP_EXPUNGE:
		return apply_expunge(g, op, a, e);
	case OP_APPEND:
		return apply_append(g, op, a, new_id, e);
	case OP_FOLDER_CREATE:
		return apply_create(g, op, e);
	case OP_NONE:
	case OP_KIND_COUNT:
		break;
	}
	return err_set(e, ERR_BUG, _("This change is unknown to the Gmail account."));
}

/* ---- many at once ---------------------------------------------------------------------------- */

static bool are_same(const char *const *x, size_t n_x, const char *const *y, size_t n_y)
{
	for (size_t i = 0; n_x == n_y && i < n_x; i++)
		if (strcmp(x[i], y[i]) != 0)
			return false;
	return n_x == n_y;
}

static bool are_alike(const struct labels_change *x, const struct labels_change *y)
{
	return are_same(x->add, x->n_add, y->add, y->n_add) &&
	       are_same(x->remove, x->n_remove, y->remove, y->n_remove);
}

struct many {
	struct gmail *g;
	const struct op *ops;
	size_t n;
	struct arena *a;
	struct prov_applied *out;
	struct labels_change *changes;
	bool *is_settled;
	size_t *group, n_group; /* places of those that change alike */
};

static void settle(struct many *m, size_t i, const struct err *why)
{
	m->is_settled[i] = true;
	m->out[i].is_done = why->code == ERR_NONE;
	m->out[i].error = *why;
	if (m->out[i].is_done && m->ops[i].kind == OP_MOVE)
		m->out[i].new_id = arena_strdup(m->a, m->ops[i].server_id);
}

static void find_alike(struct many *m, size_t first)
{
	m->n_group = 0;
	for (size_t i = first; i < m->n; i++)
		if (!m->is_settled[i] && are_alike(&m->changes[first], &m->changes[i]))
			m->group[m->n_group++] = i;
}

static int modify_group(struct many *m, struct err *e)
{
	const struct labels_change *c = &m->changes[m->group[0]];
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	cJSON *ids = cJSON_AddArrayToObject(j, "ids");
	for (size_t i = 0; i < m->n_group; i++)
		cJSON_AddItemToArray(ids, cJSON_CreateString(m->ops[m->group[i]].server_id));
	cJSON_AddItemToObject(j, "addLabelIds", names(c->add, c->n_add));
	cJSON_AddItemToObject(j, "removeLabelIds", names(c->remove, c->n_remove));
	return web_json(m->g->web, "POST", GMAIL_ME "/messages/batchModify", j, NULL, e);
}

/* An answer that may be about one of them alone: then each is asked for by itself. */
static bool is_about_one(const struct err *why)
{
	return why->sys >= 400 && why->sys < 500 && why->code != ERR_AUTH && why->code != ERR_RATE;
}

/* How many were done, or refused by themselves; *why is the last refusal, or the account's. */
static size_t apply_group(struct many *m, struct err *why)
{
	size_t n_told = 0;
	bool is_alone = m->n_group == 1;
	*why = ERR_INIT;
	if (!is_alone && modify_group(m, why) && is_about_one(why))
		is_alone = true;
	for (size_t i = 0; i < m->n_group; i++) {
		size_t at = m->group[i];
		if (is_alone) {
			*why = ERR_INIT;
			IGNORE_RESULT(apply_change(m->g, &m->ops[at], why), "why tells");
		}
		if (why->code != ERR_NONE && !is_about_one(why))
			return n_told;
		settle(m, at, why);
		n_told++;
	}
	return n_told;
}

int gmail_apply_many(struct provider *p, const struct op *ops, size_t n, struct arena *a,
	struct prov_applied *out, struct err *e)
{
	struct many m = {.g = gmail_of(p),
		.ops = ops,
		.n = n,
		.a = a,
		.out = out,
		.changes = arena_array(a, n, sizeof *m.changes),
		.is_settled = arena_array(a, n, sizeof *m.is_settled),
		.group = arena_array(a, n, sizeof *m.group)};
	struct err why = ERR_INIT;
	size_t n_told = 0;
	memset(out, 0, n * sizeof *out);
	for (size_t i = 0; i < n; i++) {
		struct err wrong = ERR_INIT;
		if (!gmail_is_id(ops[i].server_id))
			err_set(&wrong, ERR_NOTFOUND, _("The message is no longer on the server."));
		if (wrong.code != ERR_NONE || change_of(&ops[i], &m.changes[i], &wrong) ||
			(!m.changes[i].n_add && !m.changes[i].n_remove))
			settle(&m, i, &wrong);
	}
	for (size_t i = 0; i < n; i++) {
		if (m.is_settled[i])
			continue;
		find_alike(&m, i);
		if (why.code == ERR_NONE || is_about_one(&why))
			n_told += apply_group(&m, &why);
		for (size_t k = 0; k < m.n_group; k++)
			if (!m.is_settled[m.group[k]])
				settle(&m, m.group[k], &why);
	}
	if (n_told || why.code == ERR_NONE)
		return 0;
	*e = why; /* of the account, before anything was done */
	return -1;
}

int gmail_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e)
{
	struct gmail *g = gmail_of(p);
	const char *id = NULL;
	struct gmail_draft d = {NULL, NULL};
	bool is_draft = is(folder, "DRAFT");
	*out = (struct found){.folder = NULL};
	if (!message_id)
		return 0;
	if (is_draft ? gmail_draft_find(g->web, NULL, message_id, a, &d, e)
		     : gmail_find_message(g->web, is(folder, GMAIL_ARCHIVE) ? NULL : folder,
			       message_id, a, &id, e))
		return -1;
	id = is_draft ? d.message : id;
	if (id)
		*out = (struct found){
			.folder = arena_strdup(a, folder), .id = id, .is_draft = is_draft};
	return 0;
}
