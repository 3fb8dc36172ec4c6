/*
 * main.c - the process: locale, signals, options, and which of screen, verb or helper runs.
 */
#include "config.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"
#include "demo.h"

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"
#include "crmail/sync/seat.h"

static int print_help(void)
{
	puts(_("Usage: crmail [--home DIR] [--demo]          open the screen\n"
	       "       crmail [--home DIR] VERB [ARGUMENTS]  do one thing without a screen\n"
	       "       --passphrase-fd N                     reads the passphrase of saved "
	       "passwords\n"
	       "\n"
	       "Verbs:"));
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		printf("  %-9s %s\n", v->name, _(v->help));
	puts(_("\nThe manual: man crmail"));
	return CLI_OK;
}

static int run_verb(struct app *a, int argc, char **argv)
{
	const char *name = argv[a->options.verb_at];
	const struct cli_verb *v = cli_verb_find(name);
	if (!v) {
		fprintf(stderr, _("crmail: there is no verb \"%s\". Try crmail --help.\n"), name);
		return CLI_USAGE;
	}
	int code = v->run(&a->cli, argc - a->options.verb_at, argv + a->options.verb_at);
	if (a->cli.store)
		seat_tell(a->data_dir, a->events);
	if (fflush(stdout) && code == CLI_OK)
		code = CLI_FAILED;
	return code;
}

static int prepare_demo(struct app *a)
{
	struct err e = ERR_INIT;
	int code = cli_open_store(&a->cli);
	if (code == CLI_OK && demo_prepare(&a->cli, &e))
		code = cli_fail(&a->cli, &e);
	return code;
}

/* Writing to a closed pipe is an error code, not death; and dying children are waited for. */
static void settle_signals(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &sa, NULL);
}

/* Freed large blocks go back to the system. glibc learns from each of them to keep the next: after
 * a mail of twenty megabytes the process would stay that large. */
static void settle_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

/* A core dump would hold mail, and passwords while connected [R44]; a handler that the system pipes
 * dumps to ignores the limit, but not the flag. With the flag no other process of the user can look
 * into this one either, which the leak checker of sanitizer builds does. */
static void forbid_core_dumps(void)
{
	static const struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* Only the categories that are used: each is a file to open, and numbers are written for
 * programs. */
static void settle_locale(void)
{
	setlocale(LC_MESSAGES, "");
	setlocale(LC_TIME, "");
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8"); /* mail is read the same everywhere */
	bindtextdomain(PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
}

/* The demo is a program of its own, with a folder of its own. Returns only when it cannot be
 * run. */
static int run_demo(const char *program, const char *home)
{
	if (home)
		execl(program, PACKAGE, "--home", home, "--demo", (char *)NULL);
	else
		execl(program, PACKAGE, "--demo", (char *)NULL);
	fprintf(stderr, _("crmail: the demo cannot be started: %s\n"), strerror(errno));
	return CLI_FAILED;
}

int main(int argc, char **argv)
{
	struct app a = {0};
	struct err e = ERR_INIT;
	forbid_core_dumps();
	settle_signals();
	settle_memory();
	settle_locale();
	if (options_parse(argc, argv, &a.options, &e)) {
		fprintf(stderr, "crmail: %s\n", e.msg);
		return CLI_USAGE;
	}
	switch (a.options.mode) {
	case MODE_AUTH_HELPER:
		return secret_helper_main();
	case MODE_VERSION:
		puts(PACKAGE_STRING);
		return CLI_OK;
	case MODE_HELP:
		return print_help();
	case MODE_VERB:
	case MODE_TUI:
		break;
	}
	test_hooks_read(&a.hooks);
	app_init(&a, argv[0]);
	int code = a.options.is_demo ? prepare_demo(&a) : CLI_OK;
	if (code == CLI_OK)
		code = a.options.mode == MODE_VERB ? run_verb(&a, argc, argv) : app_run_tui(&a);
	char *demo_home = a.wants_demo && a.options.home ? fsx_join(a.data_dir, "demo") : NULL;
	char *program = a.wants_demo ? xstrdup(a.program) : NULL;
	app_release(&a);
	if (program)
		code = run_demo(program, demo_home);
	free(program);
	free(demo_home);
	return code;
}
