/*
 * app.c - makes the process state: clock, rng, events, folders. Where things live is decided here
 * and nowhere else.
 */
#include "config.h"

#include "app.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/rng.h"
#include "crmail/net/secret.h"
#include "crmail/net/tls.h"

/* $XDG_x_HOME/crmail, else ~/fallback/crmail. */
static char *xdg_dir(const char *variable, const char *fallback)
{
	const char *v = getenv(variable);
	if (v && v[0] == '/')
		return fsx_join(v, PACKAGE);
	const char *home = getenv("HOME");
	return xasprintf("%s/%s/%s", home && *home ? home : ".", fallback, PACKAGE);
}

static char *absolute(const char *path)
{
	if (path[0] == '/')
		return xstrdup(path);
	char cwd[4096];
	if (!getcwd(cwd, sizeof cwd))
		return xstrdup(path);
	return fsx_join(cwd, path);
}

static void settle_folders(struct app *a)
{
	if (a->options.is_demo && !a->options.home) {
		char *data = xdg_dir("XDG_DATA_HOME", ".local/share");
		a->data_dir = xasprintf("%s/demo", data);
		free(data);
	} else if (a->options.home) {
		a->data_dir = absolute(a->options.home);
	}
	if (a->data_dir) {
		a->config_dir = xstrdup(a->data_dir);
		a->runtime_dir = fsx_join(a->data_dir, "run");
		return;
	}
	a->data_dir = xdg_dir("XDG_DATA_HOME", ".local/share");
	a->config_dir = xdg_dir("XDG_CONFIG_HOME", ".config");
	const char *run = getenv("XDG_RUNTIME_DIR");
	a->runtime_dir =
		run && run[0] == '/' ? fsx_join(run, PACKAGE) : fsx_join(a->data_dir, "run");
}

/* The binary's own path, so that the auth helper is this very build. */
static char *own_path(const char *argv0)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n > 0)
		return xstrndup(path, (size_t)n);
	return absolute(argv0);
}

/* Beside the binary in a build tree, next to its folder where installed, else as configured. */
static char *share_folder(const char *program)
{
	int len = (int)(fsx_basename(program) - program);
	char *built = xasprintf("%.*sshare/" PACKAGE, len, program);
	char *installed = xasprintf("%.*s../share/" PACKAGE, len, program);
	char *found = fsx_is_dir(built)       ? xstrdup(built)
		      : fsx_is_dir(installed) ? xstrdup(installed)
					      : xstrdup(PKGDATADIR);
	free(built);
	free(installed);
	return found;
}

void app_init(struct app *a, const char *argv0)
{
	a->clock = clock_new(a->hooks.clock_file);
	a->rng = rng_new(a->hooks.seed);
	a->events = event_set_new();
	a->program = own_path(argv0);
	a->trust = tls_trust_new();
	a->share_dir = share_folder(a->program);
	settle_folders(a);
	CLEANUP(free_str) char *secrets = fsx_join(a->data_dir, "secrets");
	a->secrets = secret_store_new(a->program, secrets);
	a->cli = (struct cli){
		.out = stdout,
		.err = stderr,
		.program = a->program,
		.home = a->options.home,
		.config_dir = a->config_dir,
		.data_dir = a->data_dir,
		.runtime_dir = a->runtime_dir,
		.share_dir = a->share_dir,
		.trust = a->trust,
		.secrets = a->secrets,
		.passphrase_fd = a->options.passphrase_fd,
		.clock = a->clock,
		.rng = a->rng,
		.events = a->events,
		.crash_at = a->hooks.crash_at,
		.deadline_ms = a->hooks.deadline_ms,
	};
}

void app_release(struct app *a)
{
	cli_close_store(&a->cli);
	log_close();
	secret_store_free(a->secrets);
	event_set_free(a->events);
	rng_free(a->rng);
	clock_free(a->clock);
	tls_trust_free(a->trust);
	free(a->program);
	free(a->share_dir);
	free(a->config_dir);
	free(a->data_dir);
	free(a->runtime_dir);
}
