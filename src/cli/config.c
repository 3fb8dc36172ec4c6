/*
 * config.c - `crmail config check|show`: what is wrong with the configuration file, and what
 * holds.
 */
#include "config.h"

#include "verbs.h"

#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/cli/config.h"

#include "args.h"
#include "secrets.h"

struct checking {
	struct cli *c;
	const char *path;
	int wrong;
};

static void print_wrong(void *ctx, int line, const char *what)
{
	struct checking *k = ctx;
	fprintf(k->c->out, "%s:%d: %s\n", k->path, line, what);
	k->wrong++;
}

static void print_values(struct cli *c, const struct config *conf)
{
	for (int i = 0; i < CONFIG_COUNT; i++)
		fprintf(c->out, "%s = %s\n", config_name((enum config_key)i), conf->text[i]);
}

int cli_config(struct cli *c, int argc, char **argv)
{
	struct cli_list words = {.n = 0};
	const struct cli_arg table[] = {{.name = NULL}};
	const struct cli_verb *v = cli_verb_find("config");
	struct err e = ERR_INIT;
	struct config conf;
	if (cli_args_parse(argc, argv, table, &words, &e))
		return cli_usage(c, v, e.msg);
	if (words.n != 1 || (strcmp(words.v[0], "check") && strcmp(words.v[0], "show")))
		return cli_usage(c, v, NULL);
	CLEANUP(free_str) char *path = fsx_join(c->config_dir, "config");
	struct checking k = {.c = c, .path = path};
	bool is_check = strcmp(words.v[0], "check") == 0;
	if (config_read(&conf, path, is_check ? print_wrong : NULL, &k, &e))
		return cli_fail(c, &e);
	if (!is_check)
		print_values(c, &conf);
	else if (!k.wrong)
		fprintf(c->out,
			fsx_exists(path) ? _("%s is fine.\n")
					 : _("There is no %s; the defaults hold.\n"),
			path);
	if (is_check) {
		cli_place_secrets(c, &conf);
		secrets_print_place(c);
	}
	config_release(&conf);
	return k.wrong ? CLI_FAILED : CLI_OK;
}
