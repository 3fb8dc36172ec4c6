/* gmail.c - the Gmail API as a provider: opening, closing, and the table of what it does. */
#include "config.h"

#include "gmail.h"

#include <stdlib.h>

#include "crmail/base/clock.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"

#define FIRST_BATCH 10 /* the first rows come soon */
#define UNITS_AT_FIRST 15000

struct gmail *gmail_of(struct provider *p)
{
	return container_of(p, struct gmail, base);
}

struct net_cancel *gmail_cancel_of(const struct gmail *g)
{
	return g->conf->cancel ? g->conf->cancel : g->own_cancel;
}

static void gmail_close(struct provider *p)
{
	struct gmail *g = gmail_of(p);
	web_close(g->web);
	web_close(g->people);
	if (g->own_cancel)
		net_cancel_free(g->own_cancel);
	arena_release(&g->labels.a);
	arena_release(&g->run);
	arena_release(&g->page);
	free(g);
}

static int gmail_open(struct provider **out, const struct account_conf *c, struct err *e)
{
	struct gmail *g = xcalloc(1, sizeof *g);
	g->base.ops = &gmail_provider_ops;
	g->conf = c;
	g->own_cancel = c->cancel ? NULL : net_cancel_new();
	g->labels.a = g->run = g->page = ARENA_INIT;
	g->batch = FIRST_BATCH;
	g->total = -1;
	g->units = UNITS_AT_FIRST;
	g->units_at_ms = clock_mono_ms();
	const struct web_conf w = {.protocol = "gmail",
		.account = c->account,
		.base = c->api ? c->api : GMAIL_BASE,
		.ca_file = c->ca_file,
		.token = c->token,
		.token_ctx = c->password_ctx,
		.cancel = gmail_cancel_of(g),
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	if (web_open(&g->web, &w, e)) {
		gmail_close(&g->base);
		return -1;
	}
	*out = &g->base;
	return 0;
}

static uint32_t gmail_caps(const struct provider *p)
{
	(void)p;
	return PROV_LABELS | PROV_THREAD_ID | PROV_ACCOUNT_CURSOR | PROV_FILES_SENT | PROV_SEARCH;
}

static void gmail_cancel(struct provider *p)
{
	net_cancel_trigger(gmail_cancel_of(gmail_of(p)));
}

const struct provider_ops gmail_provider_ops = {
	.name = "gmail",
	.open = gmail_open,
	.close = gmail_close,
	.caps = gmail_caps,
	.folders = gmail_folders,
	.pull = gmail_pull,
	.fetch = gmail_fetch,
	.apply = gmail_apply,
	.apply_most = GMAIL_MODIFY_MOST,
	.apply_many = gmail_apply_many,
	.find = gmail_find,
	.search = gmail_search,
	.contacts = gmail_contacts,
	.cancel = gmail_cancel,
};
