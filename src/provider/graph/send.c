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

/* ---- what became of a draft ------------------------------------------------------------------ */

/* On its way to Sent Items it lies in neither place: only one that lies in Drafts was not sent. */
static int judge_message(struct graph_transport *t, const cJSON *j, enum transport_fate *out,
	struct err *e)
{
	CLEANUP(json_free) cJSON *drafts = NULL;
	const char *parent = json_str(j, "/parentFolderId");
	if (!cJSON_IsTrue(json_at(j, "/isDraft"))) {
		*out = TRANSPORT_WAS_SENT;
		return 0;
	}
	if (graph_get(t->web, "/me/mailFolders/drafts?$select=id", 0, &drafts, e))
		return -1;
	const char *id = json_str(drafts, "/id");
	if (parent && id && strcmp(parent, id) == 0)
		*out = TRANSPORT_STILL_DRAFT;
	return 0;
}

static int look_what_became(struct graph_transport *t, const char *draft, const char *message_id,
	enum transport_fate *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err why = ERR_INIT;
	*out = TRANSPORT_FATE_UNKNOWN;
	if (graph_get(t->web,
		    graph_path(&a, "/me/messages/", draft, "?$select=id,isDraft,parentFolderId"), 0,
		    &j, &why) == 0)
		return judge_message(t, j, out, e);
	if (why.code != ERR_NOTFOUND) {
		*e = why;
		return -1;
	}
	if (message_id && find_in(t, "sentitems", message_id, &j, e))
		return -1;
	if (j && json_str(j, "/value/0/id"))
		*out = TRANSPORT_WAS_SENT;
	return 0;
}

/* The mail may have been written anew since, so that a draft that was not sent is made anew,
 * too. */
static int renew_draft(struct graph_transport *t, struct transport_mail *m, struct arena *a,
	struct draft_made *out, struct err *e)
{
	struct err ignored = ERR_INIT;
	if (make_draft(t, m, a, out, e) || (m->drafted && m->drafted(m->handed_ctx, out->id, e)))
		return -1;
	if (draft_remove(t->web, m->draft, &ignored))
		log_line(LOG_WARN, "graph", "account %lld: a draft was left: %s",
			(long long)t->account, err_code_name(ignored.code));
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

/* The Message-ID under which it went out, where that is not ours. Not being told is no failure. */
static void read_back(struct graph_transport *t, const struct transport_mail *m,
	struct draft_made *d, struct arena *a, struct transport_outcome *out)
{
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	const char *path = graph_path(a, "/me/messages/", d->id, "?$select=id,internetMessageId");
	const char *id = d->message_id;
	if (graph_get(t->web, path, 0, &j, &ignored) == 0 && json_str(j, "/internetMessageId"))
		id = json_str(j, "/internetMessageId");
	size_t n = id ? strlen(id) : 0;
	if (n > 2 && id[0] == '<' && id[n - 1] == '>') {
		id++;
		n -= 2;
	}
	if (!n || n >= sizeof out->message_id ||
		(m->envelope_id && strlen(m->envelope_id) == n &&
			strncmp(m->envelope_id, id, n) == 0))
		return;
	memcpy(out->message_id, id, n);
	out->message_id[n] = '\0';
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
	bool is_sign_in = why->code == ERR_AUTH && r->status != 403;
	if (why->code == ERR_RATE || why->code == ERR_TLS || is_sign_in) {
		*e = *why;
		return -1;
	}
	bool is_refusal = r->status >= 400 && r->status < 500 && why->code != ERR_NOTFOUND &&
			  why->code != ERR_NET && why->code != ERR_CANCELLED;
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
static int settle_earlier(struct transport_mail *m, enum transport_fate fate,
	struct transport_outcome *out, struct err *e)
{
	if (m->handed && m->handed(m->handed_ctx, e))
		return -1;
	out->verdict = fate == TRANSPORT_WAS_SENT ? TRANSPORT_SENT : TRANSPORT_UNKNOWN;
	if (out->verdict == TRANSPORT_SENT)
		accept_all(m);
	return 0;
}

static int graph_transport_send(struct transport *base, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct graph_transport *t = of(base);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct draft_made d = {.id = NULL};
	enum transport_fate fate = TRANSPORT_STILL_DRAFT;
	if (need_web(t, e) || (m->draft && look_what_became(t, m->draft, m->envelope_id, &fate, e)))
		return -1;
	if (fate != TRANSPORT_STILL_DRAFT)
		return settle_earlier(m, fate, out, e);
	if (m->draft ? renew_draft(t, m, &a, &d, e) : new_draft(t, m, &a, &d, e))
		return -1;
	return send_draft(t, m, &d, &a, out, e);
}

static int graph_transport_settle(struct transport *base, const char *draft, const char *message_id,
	enum transport_fate *out, struct err *e)
{
	struct graph_transport *t = of(base);
	return need_web(t, e) || look_what_became(t, draft, message_id, out, e) ? -1 : 0;
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
