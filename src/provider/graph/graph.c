/* graph.c - the Microsoft Graph provider's table; opening and closing. */
#include "config.h"

#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"

#include "mailbox.h"

struct graph *graph_of(struct provider *p)
{
	return container_of(p, struct graph, base);
}

const char *graph_plain_id(struct arena *a, const char *id)
{
	return arena_strndup(a, id, strcspn(id, "#"));
}

const char *graph_draft_id(struct arena *a, const char *id, const char *version)
{
	return version ? arena_printf(a, "%s#%s", id, version) : arena_strdup(a, id);
}

static void graph_close(struct provider *p)
{
	struct graph *g = graph_of(p);
	web_close(g->web);
	net_cancel_free(g->own_cancel);
	arena_release(&g->keep);
	free(g);
}

static bool is_address(const cJSON *me, const char *key, const char *email)
{
	const char *s = json_str(me, key);
	return s && str_casecmp(s, email) == 0;
}

/* The first request shows whether the sign-in holds, as signing in at other services does; and
 * before there is an account, whose mailbox it is. */
static int look_who(struct graph *g, struct err *e)
{
	CLEANUP(json_free) cJSON *me = NULL;
	const struct account_conf *c = g->conf;
	if (graph_get(g->web, "/me?$select=id,mail,userPrincipalName", 0, &me, e))
		return -1;
	if (c->account || !c->email || is_address(me, "/mail", c->email) ||
		is_address(me, "/userPrincipalName", c->email))
		return 0;
	return err_set(e, ERR_AUTH,
		_("The mailbox at Microsoft has another address than that of this account."));
}

static int graph_open(struct provider **out, const struct account_conf *c, struct err *e)
{
	struct graph *g = xcalloc(1, sizeof *g);
	g->base.ops = &graph_provider_ops;
	g->conf = c;
	g->keep = ARENA_INIT;
	g->own_cancel = c->cancel ? NULL : net_cancel_new();
	const struct web_conf w = {.protocol = "graph",
		.account = c->account,
		.base = c->api ? c->api : GRAPH_API,
		.ca_file = c->ca_file,
		.token = c->token,
		.token_ctx = c->password_ctx,
		.cancel = c->cancel ? c->cancel : g->own_cancel,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	if (web_open(&g->web, &w, e) || look_who(g, e)) {
		graph_close(&g->base);
		return -1;
	}
	*out = &g->base;
	return 0;
}

/* Any thread. */
static void graph_cancel(struct provider *p)
{
	struct graph *g = graph_of(p);
	net_cancel_trigger(g->own_cancel ? g->own_cancel : g->conf->cancel);
}

static uint32_t graph_caps(const struct provider *p)
{
	(void)p;
	return PROV_THREAD_ID | PROV_FILES_SENT | PROV_SEARCH;
}

const struct provider_ops graph_provider_ops = {
	.name = "graph",
	.open = graph_open,
	.close = graph_close,
	.caps = graph_caps,
	.folders = graph_folders,
	.pull = graph_pull,
	.fetch = graph_fetch,
	.apply = graph_apply,
	.apply_many = graph_apply_many,
	.find = graph_find,
	.search = graph_search,
	.contacts = graph_contacts,
	.cancel = graph_cancel,
};
