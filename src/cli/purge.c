/*
 * purge.c - `crmail purge --message ID --yes`: takes a message out of the data folder for good, and
 * says what of it remains elsewhere.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/store/purge.h"
#include "crmail/store/store.h"

#include "args.h"

static void print_remains(struct cli *c, const struct purge_report *r)
{
	if (r->on_servers)
		fprintf(c->out,
			ngettext("It still lies in %lld folder of a mail server.\n",
				"It still lies in %lld folders of mail servers.\n",
				(unsigned long)r->on_servers),
			(long long)r->on_servers);
	if (r->in_crms)
		fprintf(c->out,
			ngettext("%lld activity in a CRM is about it.\n",
				"%lld activities in CRMs are about it.\n",
				(unsigned long)r->in_crms),
			(long long)r->in_crms);
}

static int run(struct cli *c, int64_t id, bool is_sure)
{
	struct purge_report r = {0};
	struct err e = ERR_INIT;
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	if (message_purge(c->store, id, !is_sure, &r, &e))
		return cli_fail(c, &e);
	if (is_sure)
		fprintf(c->out,
			ngettext("%lld copy of the message is purged and will not come back.\n",
				"%lld copies of the message are purged and will not come back.\n",
				(unsigned long)r.messages),
			(long long)r.messages);
	print_remains(c, &r);
	if (is_sure)
		return CLI_OK;
	fprintf(c->err, _("crmail: nothing was changed. A purge cannot be undone: with --yes the "
			  "message goes from this computer for good.\n"));
	return CLI_USAGE;
}

int cli_purge(struct cli *c, int argc, char **argv)
{
	const char *message = NULL;
	bool is_sure = false;
	int64_t id = 0;
	const struct cli_arg table[] = {
		{.name = "--message", .value = &message},
		{.name = "--yes", .flag = &is_sure},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("purge");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (!message)
		return cli_usage(c, v, NULL);
	if (!str_to_i64(message, 1, INT64_MAX, &id))
		return cli_usage(c, v, _("--message takes the id that crmail search prints."));
	return run(c, id, is_sure);
}
