/* draft.c - see draft.h. */
#include "config.h"

#include "draft.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/mail/message.h"

static const char *without_brackets(struct arena *a, const char *id)
{
	size_t n = id ? strlen(id) : 0;
	if (n > 2 && id[0] == '<' && id[n - 1] == '>')
		return arena_strndup(a, id + 1, n - 2);
	return arena_strdup(a, id);
}

static int take_made(struct arena *a, const cJSON *j, struct draft_made *out, struct err *e)
{
	const char *id = json_str(j, "/id");
	if (!id || !*id)
		return err_set(e, ERR_PROTO, _("Microsoft made a draft and does not name it."));
	*out = (struct draft_made){.id = arena_strdup(a, id),
		.version = arena_strdup(a, json_str(j, "/changeKey")),
		.message_id = without_brackets(a, json_str(j, "/internetMessageId"))};
	return 0;
}

static int post_mime(struct web *w, const char *folder, struct span mime, struct arena *a,
	struct draft_made *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	base64_add(&text, mime.p, mime.len);
	const struct web_request rq = {.method = "POST",
		.path = folder ? graph_path(a, "/me/mailFolders/", folder, "/messages")
			       : "/me/messages",
		.type = "text/plain",
		.body = text.p,
		.body_len = text.len,
		.is_long = true};
	if (graph_do(w, &rq, &r, e) || web_parse(w, r.body.p, r.body.len, &j, e))
		return -1;
	return take_made(a, j, out, e);
}

/* ---- attachments by themselves --------------------------------------------------------------- */

static const char *name_of(const struct mime_part *p)
{
	return p->filename && *p->filename ? p->filename : "attachment";
}

static int post_file(struct web *w, const char *id, const struct mime_part *p,
	const struct buf *bytes, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	base64_add(&text, bytes->p, bytes->len);
	json_add_str(j, "@odata.type", "#microsoft.graph.fileAttachment");
	json_add_str(j, "name", name_of(p));
	json_add_str(j, "contentType", p->type);
	json_add_str(j, "contentBytes", text.p);
	return graph_send(w, "POST", graph_path(&a, "/me/messages/", id, "/attachments"), j, NULL,
		e);
}

static int open_session(struct web *w, const char *id, const struct mime_part *p, size_t size,
	struct arena *a, const char **url, struct err *e)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	CLEANUP(json_free) cJSON *answer = NULL;
	cJSON *item = cJSON_AddObjectToObject(j, "AttachmentItem");
	json_add_str(item, "attachmentType", "file");
	json_add_str(item, "name", name_of(p));
	json_add_str(item, "contentType", p->type);
	json_add_i64(item, "size", (int64_t)size);
	if (graph_send(w, "POST",
		    graph_path(a, "/me/messages/", id, "/attachments/createUploadSession"), j,
		    &answer, e))
		return -1;
	*url = arena_strdup(a, json_str(answer, "/uploadUrl"));
	return *url ? 0
		    : err_set(e, ERR_PROTO,
			      _("Microsoft does not say where a file is to be uploaded."));
}

/* Where the service wants to go on: behind what it has. An answer that goes nowhere ends it. */
static int next_start(const struct http_response *r, size_t start, size_t end, size_t *out,
	struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	int64_t next = 0;
	if (json_parse(r->body.p, r->body.len, &j, &ignored))
		j = NULL;
	const char *range = j ? json_str(j, "/nextExpectedRanges/0") : NULL;
	if (!range) {
		*out = end;
		return 0;
	}
	const struct span number = {range, strcspn(range, "-")};
	if (!span_to_i64(number, 0, INT64_MAX, &next) || (size_t)next <= start ||
		(size_t)next > end)
		return err_set(e, ERR_PROTO, _("An upload to Microsoft does not go on."));
	*out = (size_t)next;
	return 0;
}

/* The file is attached once the answer to the last range says so (201): before, the service has
 * some bytes of it somewhere. */
static int put_ranges(struct web *w, const char *url, const struct buf *bytes, struct err *e)
{
	int status = 0;
	for (size_t at = 0; at < bytes->len;) {
		CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
		char range[100];
		size_t n = bytes->len - at < DRAFT_RANGE ? bytes->len - at : DRAFT_RANGE;
		snprintf(range, sizeof range, "Content-Range: bytes %zu-%zu/%zu", at, at + n - 1,
			bytes->len);
		const char *const headers[] = {range, NULL};
		const struct web_request rq = {.method = "PUT",
			.path = url,
			.headers = headers,
			.type = "application/octet-stream",
			.body = bytes->p + at,
			.body_len = n,
			.is_long = true};
		if (web_do_bare(w, &rq, &r, e) || next_start(&r, at, at + n, &at, e))
			return -1;
		status = r.status;
	}
	return status == 201 ? 0
			     : err_set(e, ERR_PROTO,
				       _("Microsoft did not confirm that a file was uploaded."));
}

static int put_file(struct web *w, const char *id, const struct mime_part *p, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(DRAFT_FILE_MOST);
	const char *url = NULL;
	unsigned warnings = 0;
	mime_part_decode(p, &bytes, &warnings);
	if (bytes.failed)
		return err_set(e, ERR_TOOBIG, _("An attachment is larger than Microsoft takes."));
	if (bytes.len < DRAFT_WHOLE_MOST)
		return post_file(w, id, p, &bytes, e);
	return open_session(w, id, p, bytes.len, &a, &url, e) || put_ranges(w, url, &bytes, e) ? -1
											       : 0;
}

/* Each attachment has made it another version. */
static int look_again(struct web *w, struct arena *a, struct draft_made *d, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	const char *path =
		graph_path(a, "/me/messages/", d->id, "?$select=id,changeKey,internetMessageId");
	return graph_get(w, path, 0, &j, e) || take_made(a, j, d, e) ? -1 : 0;
}

static int put_files(struct web *w, const struct draft_split *s, struct arena *a,
	struct draft_made *d, struct err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (put_file(w, d->id, s->parts[i], e))
			return -1;
	return s->n ? look_again(w, a, d, e) : 0;
}

int draft_make(struct web *w, const char *folder, const char *mime, size_t len, struct arena *a,
	struct draft_made *out, struct err *e)
{
	struct draft_split s;
	struct err ignored = ERR_INIT;
	if (draft_split(a, mime, len, DRAFT_WHOLE_MOST, &s, e) ||
		post_mime(w, folder, s.rest, a, out, e))
		return -1;
	if (put_files(w, &s, a, out, e) == 0)
		return 0;
	if (draft_remove(w, out->id, &ignored))
		log_line(LOG_WARN, "graph", "half a draft was left: %s",
			err_code_name(ignored.code));
	return -1;
}

static int unless_gone(int rc, const struct err *why, struct err *e)
{
	if (!rc || why->code == ERR_NOTFOUND)
		return 0;
	*e = *why;
	return -1;
}

int draft_discard(struct web *w, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err why = ERR_INIT;
	const char *path = graph_path(&a, "/me/messages/", id, "");
	return unless_gone(graph_send(w, "DELETE", path, NULL, NULL, &why), &why, e);
}

/* Microsoft's clouds of single nations have no permanentDelete: there it ends in Deleted Items. */
int draft_take(struct web *w, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err why = ERR_INIT;
	const char *purge = graph_path(&a, "/me/messages/", id, "/permanentDelete");
	int rc = graph_send(w, "POST", purge, NULL, NULL, &why);
	if (rc && why.code == ERR_PROTO && why.scope == ERR_ITEM) {
		err_clear(&why);
		rc = graph_send(w, "DELETE", graph_path(&a, "/me/messages/", id, ""), NULL, NULL,
			&why);
	}
	if (!rc)
		return 0;
	*e = why;
	return -1;
}

int draft_remove(struct web *w, const char *id, struct err *e)
{
	struct err why = ERR_INIT;
	return unless_gone(draft_take(w, id, &why), &why, e);
}
