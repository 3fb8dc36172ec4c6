/* args.c - the one option parser of the verbs. */
#include "config.h"

#include "args.h"

#include <string.h>

#include "crmail/base/i18n.h"

static const struct cli_arg *find_arg(const struct cli_arg *table, const char *word, size_t len)
{
	for (const struct cli_arg *t = table; t->name; t++)
		if (strlen(t->name) == len && strncmp(t->name, word, len) == 0)
			return t;
	return NULL;
}

static int add_to(struct cli_list *l, const char *word, struct err *e)
{
	if (l->n == CLI_LIST_MAX)
		return err_set(e, ERR_USAGE, _("Too many arguments."));
	l->v[l->n++] = word;
	return 0;
}

static int take_option(int argc, char **argv, int *i, const struct cli_arg *table, struct err *e)
{
	const char *word = argv[*i], *eq = strchr(word, '=');
	const struct cli_arg *t = find_arg(table, word, eq ? (size_t)(eq - word) : strlen(word));
	if (!t)
		return err_set(e, ERR_USAGE, _("Unknown option %s."), word);
	if (t->flag) {
		*t->flag = true;
		return eq ? err_set(e, ERR_USAGE, _("%s takes no value."), t->name) : 0;
	}
	if (!eq && *i + 1 >= argc)
		return err_set(e, ERR_USAGE, _("%s needs a value."), t->name);
	const char *value = eq ? eq + 1 : argv[++*i];
	if (t->list)
		return add_to(t->list, value, e);
	*t->value = value;
	return 0;
}

int cli_args_parse(int argc, char **argv, const struct cli_arg *table, struct cli_list *rest,
	struct err *e)
{
	bool options_end = false;
	for (int i = 1; i < argc; i++) {
		bool is_option = !options_end && argv[i][0] == '-' && argv[i][1] == '-';
		if (is_option && strcmp(argv[i], "--") == 0) {
			options_end = true;
			continue;
		}
		if (is_option  ? take_option(argc, argv, &i, table, e)
			: rest ? add_to(rest, argv[i], e)
			       : err_set(e, ERR_USAGE, _("\"%s\" was not expected."), argv[i]))
			return -1;
	}
	return 0;
}

bool cli_split_setting(const char *text, char *key, size_t size, const char **value)
{
	const char *eq = strchr(text, '=');
	if (!eq || eq == text || (size_t)(eq - text) >= size)
		return false;
	memcpy(key, text, (size_t)(eq - text));
	key[eq - text] = '\0';
	*value = eq + 1;
	return true;
}
