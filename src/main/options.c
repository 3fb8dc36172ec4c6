/*
 * options.c - parses what stands before the verb, and the variable of the test hooks.
 */
#include "config.h"

#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

int options_parse(int argc, char **argv, struct options *out, struct err *e)
{
	*out = (struct options){.mode = MODE_TUI};
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if (strcmp(a, "--home") == 0 && i + 1 < argc)
			out->home = argv[++i];
		else if (str_starts(a, "--home="))
			out->home = a + strlen("--home=");
		else if (strcmp(a, "--passphrase-fd") == 0 && i + 1 < argc)
			out->passphrase_fd = argv[++i];
		else if (str_starts(a, "--passphrase-fd="))
			out->passphrase_fd = a + strlen("--passphrase-fd=");
		else if (strcmp(a, "--demo") == 0)
			out->is_demo = true;
		else if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0)
			out->mode = MODE_HELP;
		else if (strcmp(a, "--version") == 0 || strcmp(a, "-V") == 0)
			out->mode = MODE_VERSION;
		else if (strcmp(a, "--auth-helper") == 0)
			out->mode = MODE_AUTH_HELPER;
		else if (strcmp(a, "--home") == 0 || strcmp(a, "--passphrase-fd") == 0)
			return err_set(e, ERR_USAGE, _("%s needs a value. Try crmail --help."), a);
		else if (a[0] == '-')
			return err_set(e, ERR_USAGE, _("Unknown option %s. Try crmail --help."), a);
		else {
			out->mode = MODE_VERB;
			out->verb_at = i;
			return 0;
		}
	}
	return 0;
}

#ifdef ENABLE_TEST_HOOKS
static void hook_set(struct test_hooks *h, const char *key, const char *value)
{
	int64_t v = 0;
	if (strcmp(key, "clock") == 0)
		h->clock_file = value;
	else if (strcmp(key, "seed") == 0 && str_to_i64(value, 0, INT64_MAX, &v))
		h->seed = (uint64_t)v;
	else if (strcmp(key, "crash") == 0 && str_to_i64(value, 0, INT64_MAX, &v))
		h->crash_at = v;
	else if (strcmp(key, "deadlines") == 0 && str_to_i64(value, 1, 3600000, &v))
		h->deadline_ms = (int)v;
}

void test_hooks_read(struct test_hooks *out)
{
	*out = (struct test_hooks){0};
	const char *env = getenv("CRMAIL_TEST");
	if (!env || strlen(env) >= sizeof out->text)
		return;
	memcpy(out->text, env, strlen(env) + 1);
	for (char *p = out->text; *p;) {
		char *end = p + strcspn(p, ",");
		bool is_last = *end == '\0';
		*end = '\0';
		char *eq = strchr(p, '=');
		if (eq) {
			*eq = '\0';
			hook_set(out, p, eq + 1);
		}
		p = is_last ? end : end + 1;
	}
}
#else
void test_hooks_read(struct test_hooks *out)
{
	*out = (struct test_hooks){0};
}
#endif
