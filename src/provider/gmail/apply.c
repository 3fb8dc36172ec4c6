/*
 * apply.c - changes at Gmail: labels are put and taken, which is idempotent. Archiving takes INBOX
 * away, deleting puts TRASH; nothing here deletes a message for good, but for drafts of our own.
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
static int apply_flags(struct gmail *g, const struct op *op, struct err *e)
{
	struct labels_change c = {.n_add = 0};
	if (op->flags_add & MSG_SEEN)
		c.remove[c.n_remove++] = "UNREAD";
	if (op->flags_remove & MSG_SEEN)
		c.add[c.n_add++] = "UNREAD";
	if (op->flags_add & MSG_FLAGGED)
		c.add[c.n_add++] = "STARRED";
	if (op->flags_remove & MSG_FLAGGED)
		c.remove[c.n_remove++] = "STARRED";
	return modify(g, op->server_id, &c, e);
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

static int trash(struct gmail *g, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	if (!gmail_is_id(id))
		return err_set(e, ERR_NOTFOUND, _("The message is no longer on the server."));
	return web_json(g->web, "POST", arena_printf(&a, GMAIL_ME "/messages/%s/trash", id), NULL,
		NULL, e);
}

static int apply_move(struct gmail *g, const struct op *op, struct err *e)
{
	struct labels_change c = {.n_add = 0};
	bool is_put_away = is(op->to_folder, GMAIL_ARCHIVE) || is(op->to_folder, "SPAM");
	if (is(op->to_folder, "TRASH"))
		return trash(g, op->server_id, e);
	if (is_gmails_own(op->to_folder))
		return err_set(e, ERR_UNSUPPORTED,
			_("Only Gmail itself puts mail into Sent and Drafts."));
	if (!is(op->to_folder, GMAIL_ARCHIVE))
		c.add[c.n_add++] = op->to_folder;
	if (op->folder && !is_gmails_own(op->folder) && !is(op->folder, GMAIL_ARCHIVE))
		c.remove[c.n_remove++] = op->folder;
	if (is_put_away && !is(op->folder, "INBOX"))
		c.remove[c.n_remove++] = "INBOX";
	return modify(g, op->server_id, &c, e);
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
		return apply_flags(g, op, e);
	case OP_MOVE:
		*new_id = arena_strdup(a, op->server_id);
		return apply_move(g, op, e);
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
