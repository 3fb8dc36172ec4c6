/*
 * doctor.c - `crmail doctor`: recounts what can be recounted, mends counters, and says what it
 * found; goes back to a daily copy of crmail.db. Reads no server.
 */
#include "config.h"

#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/care.h"
#include "crmail/store/store.h"

#include "args.h"
#include "secrets.h"

static int print_care(struct cli *c, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct care_row *rows = NULL;
	size_t n = 0;
	if (store_reader_open(c->store, &r, e))
		return -1;
	int rc = care_list(r, &a, &rows, &n, e);
	store_reader_close(r);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char when[32];
		clock_rfc3339(rows[i].at, when, sizeof when);
		/* TRANSLATORS: "check", "copy" or "cache", then a time and what was found. */
		fprintf(c->out, _("%s of %s: %s\n"), rows[i].what, when,
			rows[i].text ? rows[i].text : _("fine"));
	}
	return rc;
}

static int examine(struct cli *c)
{
	struct err e = ERR_INIT;
	struct store_check k = {0};
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (store_doctor(c->store, &k, &e))
		return cli_fail(c, &e);
	fprintf(c->out, _("%lld messages in %lld conversations\n"), (long long)k.messages,
		(long long)k.threads);
	fprintf(c->out, _("counters mended: %lld\n"), (long long)k.wrong_counters);
	fprintf(c->out, _("bodies to be fetched again: %lld\n"), (long long)k.missing_bodies);
	fprintf(c->out, _("leftovers removed: %lld\n"), (long long)k.orphans);
	secrets_print_place(c);
	return print_care(c, &e) ? cli_fail(c, &e) : CLI_OK;
}

static int restore(struct cli *c, const char *day)
{
	const struct store_options o = {.dir = c->data_dir, .clock = c->clock, .rng = c->rng};
	struct err e = ERR_INIT;
	CLEANUP(free_str) char *restored = NULL;
	if (care_restore(&o, day, &restored, &e))
		return cli_fail(c, &e);
	int code = cli_open_store(c); /* settles it */
	if (code == CLI_OK)
		fprintf(c->out, _("The copy of %s is in place.\n"), restored);
	return code;
}

int cli_doctor(struct cli *c, int argc, char **argv)
{
	bool must_restore = false;
	struct cli_list words = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--restore", .flag = &must_restore},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("doctor");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &words, &e))
		return cli_usage(c, v, e.msg);
	if (words.n > (must_restore ? 1 : 0))
		return cli_usage(c, v, NULL);
	return must_restore ? restore(c, words.n ? words.v[0] : NULL) : examine(c);
}
