/*
 * crm_check.c - `crmail crm check`: every request that a profile would make, without a network.
 */
#include "config.h"

#include "crm_args.h"

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/crm/crm.h"
#include "crmail/crm/profile.h"
#include "crmail/sync/crm_sync.h"

static void show_request(void *ctx, const char *what, const struct crm_request *rq)
{
	FILE *out = ctx;
	fprintf(out, "# %s\n%s %s\n", what, rq->method, rq->url);
	for (size_t i = 0; i < rq->n_headers; i++)
		fprintf(out, "%s: %s\n", rq->headers[i].name, rq->headers[i].value);
	if (rq->body)
		fprintf(out, "\n%s\n", rq->body);
	fputc('\n', out);
}

/* Words that are not given on the command line stand for themselves. */
static int show_profile(struct adding *a, struct err *e)
{
	struct crm_profile_key key;
	struct crm_config config[CLI_LIST_MAX + 32];
	size_t n = 0;
	if (crm_sync_profile(a->args->rest.v[1], a->c->share_dir, &a->profile, e) ||
		crm_words_put(a, e))
		return -1;
	config[n++] =
		(struct crm_config){"url", a->args->url ? a->args->url : "https://crm.example"};
	for (size_t i = 0; i < a->n; i++)
		config[n++] = (struct crm_config){a->settings[i].key, a->settings[i].value};
	for (size_t i = 0; crm_profile_key_at(a->profile, i, &key) && n < ARRAY_SIZE(config); i++) {
		if (key.is_secret || crm_words_find(a, key.name))
			continue;
		char *word = arena_strdup(&a->arena, key.name);
		for (char *p = word; *p; p++)
			*p = ascii_lower(*p) == *p && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
		config[n++] = (struct crm_config){key.name, word};
	}
	const struct crm_env env = {.clock = a->c->clock, .config = config, .n_config = n};
	struct crm *crm = NULL;
	if (crm_open(&crm, a->profile, &env, e))
		return -1;
	int rc = crm_show_requests(crm, show_request, a->c->out, e);
	crm_close(crm);
	return rc;
}

int cli_crm_check(struct cli *c, const struct crm_args *args)
{
	struct err e = ERR_INIT;
	struct adding a = {.c = c, .args = args, .arena = ARENA_INIT};
	int rc = show_profile(&a, &e);
	crm_words_release(&a);
	return rc ? cli_fail(c, &e) : CLI_OK;
}
