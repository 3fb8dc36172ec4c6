/*
 * doctor.c - `crmail doctor`: recounts what can be recounted, mends counters, and says what it
 * found. Reads no server.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"
#include "crmail/store/store.h"

#include "args.h"

int cli_doctor(struct cli *c, int argc, char **argv)
{
	const struct cli_arg table[] = {{.name = NULL}};
	const struct cli_verb *v = cli_verb_find("doctor");
	struct err e = ERR_INIT;
	struct store_check k = {0};
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
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
	return CLI_OK;
}
