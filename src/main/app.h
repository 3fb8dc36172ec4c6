/* app.h - process state, made in main() and passed down. Main thread. */
#ifndef CRMAIL_APP_H
#define CRMAIL_APP_H

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/cli/cli.h"

#include "options.h"

struct app {
	struct options options;
	struct test_hooks hooks;
	struct clock_src *clock;
	struct rng *rng;
	struct event_set *events;
	struct tls_trust *trust;
	struct secret_store *secrets; /* the file of saved passwords */
	bool wants_demo;              /* the screen was left for the demo */
	char *share_dir;
	char *program; /* path of this binary */
	char *config_dir, *data_dir, *runtime_dir;
	struct cli cli;
};

void app_init(struct app *a, const char *argv0);
void app_release(struct app *a);
int app_run_tui(struct app *a); /* until the user quits; the exit code */

#endif
