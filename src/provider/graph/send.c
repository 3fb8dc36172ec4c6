/*
 * send.c - the transport of Microsoft accounts: a draft is made of the mail, its id recorded, and
 * the draft sent ("message: send"). It keeps its id when it becomes the copy in Sent Items ("Obtain
 * immutable identifiers"), so that the id tells afterwards what became of it.
 */
#include "config.h"

#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"

#include "src/provider/blind.h"
#include "src/provider/transport_kinds.h"

#include "draft.h"

struct graph_transport {
	struct transport base;
	char *api, *ca_file;
	int64_t account;
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *token_ctx;
	int deadline_ms;
	struct web *web; /* NULL before the first request */
};

static struct graph_transport *of(struct transport *t)
{
	return container_of(t, struct graph_transport, base);
}

static int graph_transport_open(struct transport **out, const struct transport_conf *c,
	struct err *e)
{
	if (!c->token)
		return err_set(e, ERR_USAGE, _("A Microsoft account sends with a sign-in only."));
	struct graph_transport *t = xcalloc(1, sizeof *t);
	t->base.ops = &graph_transport_ops;
	t->api = xstrdup(c->api ? c->api : GRAPH_API);
	t->ca_file = c->ca_file ? xstrdup(c->ca_file) : NULL;
	t->account = c->account;
	t->token = c->token;
	t->token_ctx = c->password_ctx;
	t->deadline_ms = c->deadline_ms;
	*out = &t->base;
	return 0;
}

static void graph_transport_close(struct transport *base)
{
	struct graph_transport *t = of(base);
	web_close(t->web);
	free(t->api);
	free(t->ca_file);
	free(t);
}

static int need_web(struct graph_transport *t, struct err *e)
{
	if (t->web)
		return 0;
	const struct web_conf c = {.protocol = "graph",
		.account = t->account,
		.base = t->api,
		.ca_file = t->ca_file,
		.token = t->token,
		.token_ctx = t->token_ctx,
		.cancel = t->base.cancel,
		.deadline_ms = t->deadline_ms};
	return web_open(&t->web, &c, e);
}

/* ---- the mail as a draft --------------------------------------------------------------------- */

static int make_draft(struct graph_transport *t, const struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct err *e)
{
	CLEANUP(buf_release) struct buf mime = BUF_INIT(BUF_UNLIMITED);
	return blind_add(&mime, m, e) || draft_make(t->web, NULL, mime.p, mime.len, a, out, e) ? -1
											       : 0;
}

/* One message of a folder by its Message-ID; *out stays NULL where there is none. */
static int find_in(struct graph_transport *t, const char *folder, const char *message_id,
	cJSON **out, struct err *e)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(16384);
	CLEANUP(buf_release) struct buf filter = BUF_INIT(4096);
	graph_add_id_filter(&filter, message_id);
	buf_addf(&path,
		"/me/mailFolders/%s/messages?$top=1&$select=id,internetMessageId&$filter=", folder);
	http_add_escaped(&path, filter.p);
	return graph_get(t->web, path.p, 0, out, e);
}

/* A draft whose id nobody kept, because we died just then: complete if it was surely made in one
 * request, else made anew. */
static int find_stray(struct graph_transport *t, const struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	if (!m->is_again || !m->envelope_id)
		return 0;
	if (find_in(t, "drafts", m->envelope_id, &j, e))
		return -1;
	const char *id = json_str(j, "/value/0/id");
	if (id && m->len > DRAFT_WHOLE_MOST / 2)
		return draft_remove(t->web, id, e);
	out->id = arena_strdup(a, id);
	return 0;
}

/* The Message-ID under which it went out, where that is not ours. */
static void put_message_id(const char *id, const char *ours, char out[256])
{
	size_t n = id ? strlen(id) : 0;
	if (n > 2 && id[0] == '<' && id[n - 1] == '>') {
		id++;
		n -= 2;
	}
	if (!n || n >= 256 || (ours && strlen(ours) == n && strncmp(ours, id, n) == 0))
		return;
	memcpy(out, id, n);
	out[n] = '\0';
}

/* ---- what became of a draft ------------------------------------------------------------------ */

/* The draft bears the mail's Message-ID (which each version has anew): it is the mail as we have
 * it. */
struct looked_at {
	struct transport_settled told;
	bool is_as_we_have_it;
};

/* On its way to Sent Items it lies in neither place: only one that lies in Drafts was not sent. */
static int judge_message(struct graph_transport *t, const cJSON *j, const char *message_id,
	struct looked_at *out, struct err *e)
{
	CLEANUP(json_free) cJSON *drafts = NULL;
	const char *parent = json_str(j, "/parentFolderId");
	const char *name = json_str(j, "/internetMessageId");
	put_message_id(name, message_id, out->told.message_id);
	if (!cJSON_IsTrue(json_at(j, "/isDraft"))) {
		out->told.fate = TRANSPORT_WAS_SENT;
		return 0;
	}
	out->is_as_we_have_it = name && message_id && !out->told.message_id[0];
	if (graph_get(t->web, "/me/mailFolders/drafts?$select=id", 0, &drafts, e))
		return -1;
	const char *id = json_str(drafts, "/id");
	if (parent && id && strcmp(parent, id) == 0)
		out->told.fate = TRANSPORT_STILL_DRAFT;
	return 0;
}

static int look_what_became(struct graph_transport *t, const char *draft, const char *message_id,
	struct looked_at *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err why = ERR_INIT;
	*out = (struct looked_at){.told = {.fate = TRANSPORT_FATE_UNKNOWN}};
	if (graph_get(t->web,
		    graph_path(&a, "/me/messages/", draft,
			    "?$select=id,isDraft,parentFolderId,internetMessageId"),
		    0, &j, &why) == 0)
		return judge_message(t, j, message_id, out, e);
	if (why.code != ERR_NOTFOUND) {
		*e = why;
		return -1;
	}
	if (message_id && find_in(t, "sentitems", message_id, &j, e))
		return -1;
	if (j && json_str(j, "/value/0/id"))
		out->told.fate = TRANSPORT_WAS_SENT;
	return 0;
}

static void drop_draft(struct graph_transport *t, const char *id)
{
	struct err ignored = ERR_INIT;
	if (draft_remove(t->web, id, &ignored))
		log_line(LOG_WARN, "graph", "account %lld: a draft was left: %s",
			(long long)t->account, err_code_name(ignored.code));
}

/* The mail was written anew, so that the draft is made anew, too. The earlier one is taken away
 * before the new one may be sent, and looked at just before: it keeps its id, so that what would be
 * taken away is else the copy in Sent Items. out->id NULL: it is no draft any more, as *found
 * says. */
static int renew_draft(struct graph_transport *t, struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct looked_at *found, struct err *e)
{
	struct err why = ERR_INIT;
	if (make_draft(t, m, a, out, e))
		return -1;
	int rc = look_what_became(t, m->draft, m->envelope_id, found, e);
	if (!rc && found->told.fate == TRANSPORT_STILL_DRAFT &&
		draft_take(t->web, m->draft, &why) == 0)
		return m->drafted ? m->drafted(m->handed_ctx, out->id, e) : 0;
	drop_draft(t, out->id);
	out->id = NULL;
	if (why.code == ERR_NONE)
		return rc;
	if (why.code == ERR_NOTFOUND)
		return look_what_became(t, m->draft, m->envelope_id, found, e);
	*e = why;
	return -1;
}

/* A draft that has the mail as it is now is sent as it is: one that can be sent once only. */
static int reuse_draft(struct graph_transport *t, struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct looked_at *found, struct err *e)
{
	if (look_what_became(t, m->draft, m->envelope_id, found, e))
		return -1;
	if (found->told.fate != TRANSPORT_STILL_DRAFT)
		return 0;
	if (!found->is_as_we_have_it)
		return renew_draft(t, m, a, out, found, e);
	out->id = m->draft;
	return 0;
}

static int new_draft(struct graph_transport *t, struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct err *e)
{
	if (find_stray(t, m, a, out, e) || (!out->id && make_draft(t, m, a, out, e)))
		return -1;
	return m->drafted ? m->drafted(m->handed_ctx, out->id, e) : 0;
}

/* ---- sending it ------------------------------------------------------------------------------ */

/* Not being told is no failure. */
static void read_back(struct graph_transport *t, const struct transport_mail *m,
	struct draft_made *d, struct arena *a, struct transport_outcome *out)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	const char *path = graph_path(a, "/me/messages/", d->id, "?$select=id,internetMessageId");
	const char *id = d->message_id;
	if (graph_get(t->web, path, 0, &j, &ignored) == 0 && json_str(j, "/internetMessageId"))
		id = json_str(j, "/internetMessageId");
	put_message_id(id, m->envelope_id, out->message_id);
}

static int post_send(struct graph_transport *t, const char *id, struct http_response *r,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct web_request rq = {.method = "POST",
		.path = graph_path(&a, "/me/messages/", id, "/send"),
		.body = "",
		.is_long = true};
	return graph_do(t->web, &rq, r, e);
}

/* Graph's own word for it: "ErrorInvalidRecipients". */
static void put_reason(const struct http_response *r, struct transport_outcome *out)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	char text[200];
	if (json_parse(r->body.p, r->body.len, &j, &ignored))
		j = NULL;
	const char *code = j ? json_str(j, "/error/code") : NULL;
	int n = snprintf(text, sizeof text, "%d %.150s", r->status, code ? code : "");
	transport_put_reply(out->reply, sizeof out->reply, text, (size_t)n);
}

static void accept_all(struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++)
		m->rcpts[i].state = TRANSPORT_RCPT_ACCEPTED;
}

/* Refused, or surely not sent, or nobody knows: then the draft will tell. */
static int judge_failure(const struct http_response *r, const struct err *why,
	struct transport_outcome *out, struct err *e)
{
	/* After a 401 nothing was done, whatever kept us from another token; a 503 may have taken
	 * it, also where it names a time for another try. */
	bool is_sign_in = r->status == 401 || (why->code == ERR_AUTH && r->status != 403);
	bool is_pace = why->code == ERR_RATE && r->status < 500;
	if (is_pace || why->code == ERR_TLS || is_sign_in) {
		*e = *why;
		return -1;
	}
	bool is_refusal = r->status >= 400 && r->status < 500 && why->code != ERR_NOTFOUND &&
			  why->code != ERR_CONFLICT && why->code != ERR_NET &&
			  why->code != ERR_CANCELLED;
	out->verdict = is_refusal ? TRANSPORT_REFUSED : TRANSPORT_UNKNOWN;
	put_reason(r, out);
	return 0;
}

static int send_draft(struct graph_transport *t, struct transport_mail *m, struct draft_made *d,
	struct arena *a, struct transport_outcome *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	struct err why = ERR_INIT, ignored = ERR_INIT;
	if (m->handed && m->handed(m->handed_ctx, e))
		return -1;
	if (post_send(t, d->id, &r, &why) == 0) {
		out->verdict = TRANSPORT_SENT;
		accept_all(m);
		read_back(t, m, d, a, out);
		return 0;
	}
	if (judge_failure(&r, &why, out, e))
		return -1;
	if (out->verdict == TRANSPORT_REFUSED)
		IGNORE_RESULT(draft_remove(t->web, d->id, &ignored), "it would only lie in Drafts");
	return 0;
}

/* The draft of an earlier try is not there to be sent: it was, or nobody knows. */
static int settle_earlier(struct transport_mail *m, const struct transport_settled *told,
	struct transport_outcome *out, struct err *e)
{
	if (m->handed && m->handed(m->handed_ctx, e))
		return -1;
	out->verdict = told->fate == TRANSPORT_WAS_SENT ? TRANSPORT_SENT : TRANSPORT_UNKNOWN;
	if (out->verdict == TRANSPORT_SENT) {
		memcpy(out->message_id, told->message_id, sizeof out->message_id);
		accept_all(m);
	}
	return 0;
}

static int graph_transport_send(struct transport *base, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct graph_transport *t = of(base);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct draft_made d = {.id = NULL};
	struct looked_at found = {.is_as_we_have_it = false};
	if (need_web(t, e) ||
		(m->draft ? reuse_draft(t, m, &a, &d, &found, e) : new_draft(t, m, &a, &d, e)))
		return -1;
	return d.id ? send_draft(t, m, &d, &a, out, e) : settle_earlier(m, &found.told, out, e);
}

static int graph_transport_settle(struct transport *base, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e)
{
	struct graph_transport *t = of(base);
	struct looked_at found;
	if (need_web(t, e) || look_what_became(t, draft, message_id, &found, e))
		return -1;
	*out = found.told;
	if (out->fate != TRANSPORT_WAS_SENT)
		out->message_id[0] = '\0';
	return 0;
}

/* What is asked for needs the permission to read, and tells whether the token holds. */
static int graph_transport_test(struct transport *base, const char *own_addr, struct err *e)
{
	struct graph_transport *t = of(base);
	CLEANUP(json_free) cJSON *j = NULL;
	(void)own_addr;
	return need_web(t, e) || graph_get(t->web, "/me/mailFolders/drafts?$select=id", 0, &j, e)
		       ? -1
		       : 0;
}

static bool graph_transport_files_sent(const struct transport *t)
{
	(void)t;
	return true;
}

const struct transport_ops graph_transport_ops = {
	.kind = "graph",
	.open = graph_transport_open,
	.close = graph_transport_close,
	.send = graph_transport_send,
	.test = graph_transport_test,
	.files_sent = graph_transport_files_sent,
	.settle = graph_transport_settle,
};
