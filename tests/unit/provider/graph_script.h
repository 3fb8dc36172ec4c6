/*
 * graph_script.h - a Graph of the test's own: what it answers to which request, and what it was
 * asked. One connection at a time.
 */
#ifndef CRMAIL_TEST_GRAPH_SCRIPT_H
#define CRMAIL_TEST_GRAPH_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/provider/provider.h"
#include "tests/unit/net/fake_server.h"
#include "src/provider/web.h"

#define GRAPH_SCRIPT_RULES 24
#define GRAPH_SCRIPT_ASKED 4096

/* The first rule whose `ask` begins the request ("GET /me/messages") and that has answers left
 * answers it; in its body and in its headers every ^ is the service's own address, and every ~ the
 * number of the request. Else: 404. */
struct graph_rule {
	const char *ask;
	int status;
	const char *headers, *body; /* NULL = none; a header ends in CRLF */
	int times;                  /* 0 = always */
};

struct graph_script {
	struct graph_rule rules[GRAPH_SCRIPT_RULES];
	int used[GRAPH_SCRIPT_RULES];
	char *asked[GRAPH_SCRIPT_ASKED]; /* method, path and query, then a blank and the range */
	size_t n_asked;
	bool has_token[GRAPH_SCRIPT_ASKED];
	char base[64];
	struct fake_server *srv;
	struct clock_src *clock;
	struct account_conf conf;
	struct provider *provider;
	struct arena a;
	struct err e;
	const struct prov_flag *known; /* what conf.known() tells */
	size_t n_known;
};

/* The rules are set; for /me there is one. */
void graph_script_start(struct graph_script *s);
/* The connection's thread has ended when this returns: read what was asked behind it. */
void graph_script_stop(struct graph_script *s);
void graph_script_release(struct graph_script *s);
size_t graph_script_count(const struct graph_script *s, const char *ask);

#endif
