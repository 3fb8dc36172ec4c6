/*
 * send.c - sending through Gmail: a draft is made and its id recorded, then the draft is sent.
 * Gmail sends a draft once, and it is none afterwards; so a lost answer is settled by asking for
 * it.
 */
#include "config.h"

#include "gmail.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "src/provider/blind.h"
#include "src/provider/transport_kinds.h"

struct gmail_transport {
	struct transport base;
	struct web *web; /* NULL before the first use: the cancel comes after opening */
	char *api, *ca_file;
	int64_t account;
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	void *token_ctx;
	int deadline_ms;
};

static int need_web(struct gmail_transport *g, struct err *e)
{
	if (g->web)
		return 0;
	const struct web_conf c = {.protocol = "gmail",
		.account = g->account,
		.base = g->api ? g->api : GMAIL_BASE,
		.ca_file = g->ca_file,
		.token = g->token,
		.token_ctx = g->token_ctx,
		.cancel = g->base.cancel,
		.deadline_ms = g->deadline_ms};
	return web_open(&g->web, &c, e);
}

static int gmail_transport_open(struct transport **out, const struct transport_conf *c,
	struct err *e)
{
	(void)e;
	struct gmail_transport *g = xcalloc(1, sizeof *g);
	g->api = c->api ? xstrdup(c->api) : NULL;
	g->ca_file = c->ca_file ? xstrdup(c->ca_file) : NULL;
	g->account = c->account;
	g->token = c->token;
	g->token_ctx = c->password_ctx;
	g->deadline_ms = c->deadline_ms;
	*out = &g->base;
	return 0;
}

static void gmail_transport_close(struct transport *t)
{
	struct gmail_transport *g = (struct gmail_transport *)t;
	web_close(g->web);
	free(g->api);
	free(g->ca_file);
	free(g);
}

/* The draft of an earlier try takes the mail as it is now: it may have been written anew. out->id
 * NULL: the one that was noted is gone. */
static int make_draft(struct gmail_transport *g, const struct transport_mail *m, struct arena *a,
	struct gmail_draft *out, struct err *e)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct err why = ERR_INIT;
	const char *before = m->draft;
	if (blind_add(&raw, m, e))
		return -1;
	if (!before && m->is_again && m->envelope_id) {
		if (gmail_draft_find(g->web, NULL, m->envelope_id, a, out, e))
			return -1;
		before = out->id;
	}
	if (before) {
		if (gmail_draft_put(g->web, before, raw.p, raw.len, m->thread_id, a, out, &why) ==
			0)
			return 0;
		if (why.code != ERR_NOTFOUND) {
			*e = why;
			return -1;
		}
		if (m->draft)
			return 0;
	}
	return gmail_draft_put(g->web, NULL, raw.p, raw.len, m->thread_id, a, out, e);
}

static void set_all(struct transport_mail *m, enum transport_rcpt state, const char *reply)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		m->rcpts[i].state = state;
		transport_put_reply(m->rcpts[i].reply, sizeof m->rcpts[i].reply, reply,
			strlen(reply));
	}
}

/* What Gmail calls it, when it did not take our Message-ID. Not knowing is no failure. */
static void read_back(struct gmail_transport *g, const char *message_id, const char *id,
	char out[256])
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_answer x;
	struct err ignored = ERR_INIT;
	if (!gmail_is_id(id) || !message_id ||
		gmail_get_one(g->web, id, "metadata&metadataHeaders=Message-ID", &a, &x,
			&ignored) ||
		x.got != GMAIL_GOT_ITEM || !x.item.message_id ||
		strcmp(x.item.message_id, message_id) == 0)
		return;
	transport_put_reply(out, 256, x.item.message_id, strlen(x.item.message_id));
}

/* An answer that says no, as opposed to none, or one of a server that broke half way. */
static bool is_refusal(const struct err *why)
{
	return why->sys >= 400 && why->sys < 500 && why->sys != 404 && why->sys != 408 &&
	       why->sys != 409;
}

static int judge(struct gmail_transport *g, struct transport_mail *m, const char *draft, int status,
	const struct err *why, struct transport_outcome *out, struct err *e)
{
	struct err ignored = ERR_INIT;
	/* After a 401 nothing was done, whatever kept us from another token. */
	if (status == 401 ||
		(is_refusal(why) && (why->code == ERR_RATE || why->code == ERR_AUTH))) {
		*e = *why;
		return -1;
	}
	transport_put_reply(out->reply, sizeof out->reply, why->msg, strlen(why->msg));
	out->verdict = is_refusal(why) ? TRANSPORT_REFUSED : TRANSPORT_UNKNOWN;
	if (out->verdict == TRANSPORT_UNKNOWN)
		return 0;
	set_all(m, TRANSPORT_RCPT_REFUSED, out->reply);
	IGNORE_RESULT(gmail_draft_drop(g->web, draft, &ignored), "it stays as a draft to be seen");
	return 0;
}

static int send_draft(struct gmail_transport *g, struct transport_mail *m, const char *draft,
	struct transport_outcome *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();
	CLEANUP(json_free) cJSON *sent = NULL;
	struct err why = ERR_INIT;
	json_add_str(j, "id", draft);
	CLEANUP(free_str) char *text = json_print(j);
	struct web_request rq = web_json_request("POST", GMAIL_ME "/drafts/send", text);
	rq.is_long = true; /* a mail of 25 MB is not checked and sent in a moment */
	if (web_do(g->web, &rq, &r, &why))
		return judge(g, m, draft, r.status, &why, out, e);
	out->verdict = TRANSPORT_SENT;
	set_all(m, TRANSPORT_RCPT_ACCEPTED, "");
	if (web_parse(g->web, r.body.p, r.body.len, &sent, &why) == 0)
		read_back(g, m->envelope_id, json_str(sent, "/id"), out->message_id);
	return 0;
}

/* Sent after all, or thrown away elsewhere: what is not among the sent mail is left to the user. */
static int find_what_became(struct gmail_transport *g, struct transport_mail *m, struct arena *a,
	struct transport_outcome *out, struct err *e)
{
	const char *id = NULL, *reply = _("The draft to be sent is no longer at Gmail.");
	if (m->envelope_id && gmail_find_message(g->web, "SENT", m->envelope_id, a, &id, e))
		return -1;
	out->verdict = id ? TRANSPORT_SENT : TRANSPORT_UNKNOWN;
	if (id) {
		set_all(m, TRANSPORT_RCPT_ACCEPTED, "");
		read_back(g, m->envelope_id, id, out->message_id);
	} else {
		transport_put_reply(out->reply, sizeof out->reply, reply, strlen(reply));
	}
	return 0;
}

static int gmail_send(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	struct gmail_transport *g = (struct gmail_transport *)t;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_draft d = {NULL, NULL};
	if (need_web(g, e) || make_draft(g, m, &a, &d, e))
		return -1;
	if (!d.id)
		return m->handed && m->handed(m->handed_ctx, e)
			       ? -1
			       : find_what_became(g, m, &a, out, e);
	bool is_recorded = m->draft && strcmp(m->draft, d.id) == 0;
	if ((!is_recorded && m->drafted && m->drafted(m->handed_ctx, d.id, e)) ||
		(m->handed && m->handed(m->handed_ctx, e)))
		return -1;
	return send_draft(g, m, d.id, out, e);
}

static int gmail_settle(struct transport *t, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e)
{
	struct gmail_transport *g = (struct gmail_transport *)t;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *id = NULL;
	struct err why = ERR_INIT;
	if (need_web(g, e))
		return -1;
	if (gmail_is_id(draft) &&
		web_json(g->web, "GET",
			arena_printf(&a, GMAIL_ME "/drafts/%s?format=minimal", draft), NULL, NULL,
			&why) == 0) {
		out->fate = TRANSPORT_STILL_DRAFT;
		return 0;
	}
	if (why.code != ERR_NONE && why.code != ERR_NOTFOUND) {
		*e = why;
		return -1;
	}
	if (gmail_find_message(g->web, "SENT", message_id, &a, &id, e))
		return -1;
	if (!id)
		return 0;
	out->fate = TRANSPORT_WAS_SENT;
	read_back(g, message_id, id, out->message_id);
	return 0;
}

static int gmail_test(struct transport *t, const char *own_addr, struct err *e)
{
	struct gmail_transport *g = (struct gmail_transport *)t;
	(void)own_addr;
	return need_web(g, e) || web_json(g->web, "GET", GMAIL_ME "/labels", NULL, NULL, e) ? -1
											    : 0;
}

static bool gmail_files_sent(const struct transport *t)
{
	(void)t;
	return true;
}

const struct transport_ops gmail_transport_ops = {
	.kind = "gmail",
	.open = gmail_transport_open,
	.close = gmail_transport_close,
	.send = gmail_send,
	.test = gmail_test,
	.files_sent = gmail_files_sent,
	.settle = gmail_settle,
};
