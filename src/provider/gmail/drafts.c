/* drafts.c - drafts at Gmail, which have ids beside those of their messages, and finding a message
 * by its Message-ID, also where Gmail put one of its own in its place. */
#include "config.h"

#include "gmail.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define UPLOAD_FROM ((size_t)3 << 20) /* bytes of a mail: what is larger is no JSON any more */
#define LOOK_AT 50                    /* newest messages, where a search does not find one */
#define DRAFT_PAGES 20
#define IDS_FORMAT                                                                                 \
	"metadata&metadataHeaders=Message-ID&metadataHeaders=X-Google-Original-Message-ID"

/* ---- writing --------------------------------------------------------------------------------- */

static int read_draft(const cJSON *j, struct arena *a, struct gmail_draft *out, struct err *e)
{
	const char *id = json_str(j, "/id"), *message = json_str(j, "/message/id");
	if (!gmail_is_id(id) || !gmail_is_id(message))
		return err_set(e, ERR_PROTO, _("Gmail does not say what it calls the draft."));
	*out = (struct gmail_draft){arena_strdup(a, id), arena_strdup(a, message)};
	return 0;
}

static int exchange(struct web *w, const struct web_request *rq, struct arena *a,
	struct gmail_draft *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	if (web_do(w, rq, &r, e) || web_parse(w, r.body.p, r.body.len, &j, e))
		return -1;
	return read_draft(j, a, out, e);
}

/* The mail as it is; with a conversation, the second of two parts ("Uploading attachments"). What
 * delimits them must not stand in the mail. */
static void put_upload(struct web_request *rq, struct buf *body, struct arena *a, const char *data,
	size_t len, const char *thread_id)
{
	rq->type = "message/rfc822";
	rq->body = data;
	rq->body_len = len;
	if (!gmail_is_id(thread_id))
		return;
	const char *line = NULL;
	for (unsigned i = 0; !line || memmem(data, len, line, strlen(line)); i++)
		line = arena_printf(a, "--crmail-part-%u", i);
	buf_addf(body,
		"%s\r\nContent-Type: application/json\r\n\r\n{\"message\":{\"threadId\":\"%s\"}}"
		"\r\n%s\r\nContent-Type: message/rfc822\r\n\r\n",
		line, thread_id, line);
	buf_add(body, data, len);
	buf_addf(body, "\r\n%s--\r\n", line);
	rq->type = arena_printf(a, "multipart/related; boundary=%s", line + 2);
	rq->body = body->p;
	rq->body_len = body->len;
}

int gmail_draft_put(struct web *w, const char *id, const char *data, size_t len,
	const char *thread_id, struct arena *a, struct gmail_draft *out, struct err *e)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(arena_release) struct arena mine = ARENA_INIT;
	const char *slash = id ? "/" : "", *name = id ? id : "";
	struct web_request rq = {.method = id ? "PUT" : "POST", .is_long = true};
	if (len >= UPLOAD_FROM) {
		const char *kind = gmail_is_id(thread_id) ? "multipart" : "media";
		rq.path = arena_printf(&mine, "/upload" GMAIL_ME "/drafts%s%s?uploadType=%s", slash,
			name, kind);
		put_upload(&rq, &body, &mine, data, len, thread_id);
		return exchange(w, &rq, a, out, e);
	}
	rq.path = arena_printf(&mine, GMAIL_ME "/drafts%s%s", slash, name);
	rq.type = "application/json";
	buf_addstr(&body, "{\"message\":{");
	if (gmail_is_id(thread_id))
		buf_addf(&body, "\"threadId\":\"%s\",", thread_id);
	buf_addstr(&body, "\"raw\":\"");
	gmail_base64(&body, data, len);
	buf_addstr(&body, "\"}}");
	rq.body = body.p;
	rq.body_len = body.len;
	return exchange(w, &rq, a, out, e);
}

int gmail_draft_drop(struct web *w, const char *id, struct err *e)
{
	CLEANUP(arena_release) struct arena mine = ARENA_INIT;
	struct err why = ERR_INIT;
	if (web_json(w, "DELETE", arena_printf(&mine, GMAIL_ME "/drafts/%s", id), NULL, NULL,
		    &why) == 0 ||
		why.code == ERR_NOTFOUND)
		return 0;
	*e = why;
	return -1;
}

/* ---- finding --------------------------------------------------------------------------------- */

static bool is_called(const struct gmail_answer *x, const char *message_id)
{
	const struct gmail_item *m = &x->item;
	return x->got == GMAIL_GOT_ITEM &&
	       ((m->message_id && strcmp(m->message_id, message_id) == 0) ||
		       (m->original_id && strcmp(m->original_id, message_id) == 0));
}

static bool is_refused(const struct gmail_answer *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].got == GMAIL_GOT_REFUSED || v[i].got == GMAIL_GOT_GARBAGE)
			return true;
	return false;
}

/* Which of the messages bears the Message-ID: its place, n = none of them. One that Gmail does not
 * show may be it. */
static int which(struct web *w, const char *const *ids, size_t n, const char *message_id,
	size_t *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_answer *v = arena_array(&a, n + 1, sizeof *v);
	struct err held_up = ERR_INIT;
	*out = n;
	if (!n)
		return 0;
	if (gmail_get_many(w, ids, n, IDS_FORMAT, &a, v, &held_up, e))
		return -1;
	for (size_t i = 0; i < n && *out == n; i++)
		if (is_called(&v[i], message_id))
			*out = i;
	if (*out < n)
		return 0;
	if (held_up.code == ERR_NONE)
		return is_refused(v, n) ? err_set(e, ERR_NET,
						  _("Gmail refuses a message at the moment: it is "
						    "asked for again later."))
					: 0;
	*e = held_up;
	return -1;
}

struct draft_list {
	struct gmail_draft v[GMAIL_BATCH_MOST];
	size_t n;
	const char *next;
};

/* Up to a batch of drafts; those that cannot be understood are none of ours. */
static int list_drafts(struct web *w, struct arena *a, struct draft_list *l, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	const cJSON *one;
	struct err ignored = ERR_INIT;
	buf_addf(&path, GMAIL_ME "/drafts?maxResults=%d", GMAIL_BATCH_MOST);
	if (l->next) {
		buf_addstr(&path, "&pageToken=");
		http_add_escaped(&path, l->next);
	}
	if (web_json(w, "GET", path.p, NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/drafts");
	l->n = 0;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		if (l->n < GMAIL_BATCH_MOST && read_draft(one, a, &l->v[l->n], &ignored) == 0)
			l->n++;
	}
	l->next = arena_strdup(a, json_str(j, "/nextPageToken"));
	return 0;
}

int gmail_draft_find(struct web *w, const char *message, const char *message_id, struct arena *a,
	struct gmail_draft *out, struct err *e)
{
	struct draft_list *l = arena_alloc(a, sizeof *l);
	const char *ids[GMAIL_BATCH_MOST];
	*out = (struct gmail_draft){NULL, NULL};
	for (int page = 0; page < DRAFT_PAGES && (page == 0 || l->next); page++) {
		size_t at = 0;
		if (list_drafts(w, a, l, e))
			return -1;
		for (size_t i = 0; i < l->n; i++)
			ids[i] = l->v[i].message;
		if (message)
			while (at < l->n && strcmp(ids[at], message) != 0)
				at++;
		else if (which(w, ids, l->n, message_id, &at, e))
			return -1;
		if (at < l->n) {
			*out = l->v[at];
			return 0;
		}
	}
	return 0;
}

static int list_ids(struct web *w, const char *label, const char *message_id, struct arena *a,
	const char **ids, size_t *n, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(8192);
	const cJSON *one;
	*n = 0;
	buf_addf(&path, GMAIL_ME "/messages?maxResults=%d", LOOK_AT);
	if (label)
		buf_addf(&path, "&labelIds=%s", label);
	if (message_id) {
		buf_addstr(&path, "&q=rfc822msgid%3A");
		http_add_escaped(&path, message_id);
	}
	if (web_json(w, "GET", path.p, NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/messages");
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		const char *id = json_str(one, "/id");
		if (*n < LOOK_AT && gmail_is_id(id))
			ids[(*n)++] = arena_strdup(a, id);
	}
	return 0;
}

/* What was just sent may not be in the search's index yet: the newest are looked at too. */
int gmail_find_message(struct web *w, const char *label, const char *message_id, struct arena *a,
	const char **id, struct err *e)
{
	const char *ids[LOOK_AT];
	size_t n = 0, at = 0;
	*id = NULL;
	for (int is_search = 1; is_search >= 0 && !*id; is_search--) {
		if (list_ids(w, label, is_search ? message_id : NULL, a, ids, &n, e) ||
			which(w, ids, n, message_id, &at, e))
			return -1;
		if (at < n)
			*id = ids[at];
	}
	return 0;
}
