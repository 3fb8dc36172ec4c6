/*
 * discover.c - `crmail discover ADDR`: how the mailbox of an address can be connected; and the same
 * for `crmail account add` without servers.
 */
#include "config.h"

#include "verbs.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/net/discover.h"

#include "args.h"
#include "discovered.h"
#include "print.h"

static int find(struct cli *c, const char *email, struct offers *out, struct err *e)
{
	const struct discover_conf conf = {.share_dir = c->share_dir,
		.config_dir = c->config_dir,
		.trust = c->trust,
		.deadline_ms = c->deadline_ms};
	return discover(&conf, email, out, e);
}

static const char *source_word(enum offer_source s)
{
	switch (s) {
	case OFFER_BY_TABLE:
		return "table";
	case OFFER_BY_MX:
		return "mx";
	case OFFER_BY_SRV:
		return "srv";
	case OFFER_BY_AUTOCONFIG:
		return "autoconfig";
	case OFFER_BY_GUESS:
		return "guess";
	}
	return "";
}

static const char *end_word(enum offers_end end)
{
	switch (end) {
	case OFFERS_FOUND:
		return "found";
	case OFFERS_NONE:
		return "none";
	case OFFERS_NO_DOMAIN:
		return "no-domain";
	case OFFERS_SLOW:
		return "slow";
	case OFFERS_OFFLINE:
		return "offline";
	}
	return "";
}

static int set_end(enum offers_end end, struct err *e)
{
	switch (end) {
	case OFFERS_NO_DOMAIN:
		return err_set(e, ERR_NOTFOUND,
			_("There is no such domain: is the address right?"));
	case OFFERS_SLOW:
		return err_set(e, ERR_NOTFOUND,
			_("Its mail servers were not found in time: name them with --imap and "
			  "--smtp."));
	case OFFERS_OFFLINE:
		return err_set(e, ERR_NOTFOUND,
			_("Nothing could be looked up: is this computer online? The mail servers "
			  "can be named with --imap and --smtp."));
	case OFFERS_NONE:
	case OFFERS_FOUND:
		break;
	}
	return err_set(e, ERR_NOTFOUND,
		_("Its mail servers were not found: name them with --imap and --smtp."));
}

/* ---- printing -------------------------------------------------------------------------------- */

static void add_text(cJSON *o, const char *key, const char *text)
{
	json_add_str(o, key, *text ? text : NULL);
}

static int print_all(struct cli *c, const struct offers *all)
{
	cJSON *doc = cJSON_CreateObject();
	json_add_str(doc, "result", end_word(all->end));
	cJSON *list = cJSON_AddArrayToObject(doc, "offers");
	for (size_t i = 0; i < all->n; i++) {
		const struct offer *o = &all->v[i];
		cJSON *row = cJSON_CreateObject();
		cJSON_AddItemToArray(list, row);
		json_add_str(row, "source", source_word(o->source));
		add_text(row, "provider", o->title);
		add_text(row, "oauth", o->oauth);
		add_text(row, "kind", o->kind);
		if (o->oauth[0])
			cJSON_AddBoolToObject(row, "client", !o->lacks_client);
		add_text(row, "imap", o->imap);
		add_text(row, "smtp", o->smtp);
		add_text(row, "tls", o->tls);
		add_text(row, "user", o->user);
		if (o->wants_app_password)
			cJSON_AddBoolToObject(row, "app_password", true);
	}
	return cli_print_json(c, doc);
}

/* --gmail and --graph have a provider that need not be named. */
static bool is_usual(const struct offer *o)
{
	return (!strcmp(o->kind, "gmail") && !strcmp(o->oauth, "google")) ||
	       (!strcmp(o->kind, "graph") && !strcmp(o->oauth, "microsoft"));
}

static void say_grant(FILE *to, const struct offer *o)
{
	/* TRANSLATORS: the first placeholder is a provider's name, the rest are options */
	fprintf(to, _("%s: sign in in the browser with %s%s%s%s\n"), o->title,
		o->kind[0] ? "--" : "", o->kind,
		is_usual(o)  ? ""
		: o->kind[0] ? " --oauth "
			     : "--oauth ",
		is_usual(o) ? "" : o->oauth);
	if (o->lacks_client)
		fprintf(to, "  %s\n",
			_("It wants your organisation's client id first (--client-id); "
			  "crmail-config(5) says how to get one."));
}

static void say(FILE *to, const struct offer *o)
{
	if (o->oauth[0]) {
		say_grant(to, o);
		return;
	}
	/* TRANSLATORS: a server to read from, one to send by, and a user's name; options are not
	 * translated */
	fprintf(to, _("With a password: --imap %s --smtp %s --user %s"), o->imap, o->smtp, o->user);
	if (o->tls[0])
		fprintf(to, " --tls %s", o->tls);
	fputc('\n', to);
	if (o->wants_app_password)
		fprintf(to, "  %s\n",
			_("It takes an app password, which its own settings give you."));
}

int cli_discover(struct cli *c, int argc, char **argv)
{
	bool is_json = false;
	struct cli_list rest = {.n = 0};
	const struct cli_arg table[] = {{.name = "--json", .flag = &is_json}, {.name = NULL}};
	const struct cli_verb *v = cli_verb_find("discover");
	struct offers all;
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &rest, &e))
		return cli_usage(c, v, e.msg);
	if (rest.n != 1)
		return cli_usage(c, v, NULL);
	if (find(c, rest.v[0], &all, &e))
		return cli_fail(c, &e);
	int code = is_json ? print_all(c, &all) : CLI_OK;
	for (size_t i = 0; !is_json && i < all.n; i++)
		say(c->out, &all.v[i]);
	if (code != CLI_OK || all.n)
		return code;
	set_end(all.end, &e);
	return is_json ? CLI_NOT_FOUND : cli_fail(c, &e);
}

/* ---- for account add ------------------------------------------------------------------------- */

/* A sign-in that lacks only the client says what to do; better is a way that works as it is. */
static const struct offer *best_of(const struct offers *all, bool has_client)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].lacks_client || has_client)
			return &all->v[i];
	return &all->v[0];
}

int discovered_choose(struct cli *c, const struct discovered_wish *w, struct offer *out,
	struct err *e)
{
	struct offers all;
	if (find(c, w->email, &all, e))
		return -1;
	if (all.n == 0)
		return set_end(all.end, e);
	for (size_t i = 0; i < all.n; i++)
		say(c->err, &all.v[i]);
	*out = *best_of(&all, w->has_client);
	if (out->oauth[0] || w->is_sure || out->source == OFFER_BY_TABLE)
		return 0;
	return err_set(e, ERR_USAGE,
		_("Say that your password may go there: with --found, or with these options."));
}
