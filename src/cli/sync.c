/*
 * sync.c - `crmail sync --once [--json]`: one pass over every account and CRM (formats.md "sync");
 * `crmail sync --daemon`: the host without a screen.
 */
#include "config.h"

#include "verbs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/sync/report.h"
#include "crmail/sync/seat.h"

#include "args.h"
#include "ask_secret.h"
#include "print.h"

#define LOOK_AGAIN_MS 50 /* a host that ends lets go of its lock within moments */

/* ---- one pass -------------------------------------------------------------------------------- */

static long long count(const cJSON *entry, const char *pointer)
{
	int64_t n = 0;
	return json_i64(entry, pointer, &n) ? n : 0;
}

static void print_failure(struct cli *c, const cJSON *entry)
{
	const char *why = json_str(entry, "/error/message");
	if (why)
		fprintf(c->err, "crmail: %s: %s\n", json_str(entry, "/name"), why);
}

static void print_text(struct cli *c, const cJSON *doc)
{
	const cJSON *o;
	cJSON_ArrayForEach(o, json_at(doc, "/accounts"))
	{
		fprintf(c->out, _("%s: %lld new, %lld changed, %lld gone, %lld sent\n"),
			json_str(o, "/name"), count(o, "/new"), count(o, "/changed"),
			count(o, "/gone"), count(o, "/sent"));
		print_failure(c, o);
	}
	cJSON_ArrayForEach(o, json_at(doc, "/crms"))
	{
		fprintf(c->out, _("%s: %lld contacts, %lld partners, %lld logged, %d parked\n"),
			json_str(o, "/name"), count(o, "/contacts"), count(o, "/partners"),
			count(o, "/logged"), cJSON_GetArraySize(json_at(o, "/parked")));
		print_failure(c, o);
	}
}

/* This process hosts for the time of one pass. Caller frees *text with free(). */
static int pass_here(struct cli *c, char **text, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct host_report report;
	struct seat *s = NULL;
	if (cli_open_seat(c, NULL, &s, e))
		return -1;
	int rc = cli_need_secrets(c, e) || host_pass(seat_host(s), &a, &report, e) ? -1 : 0;
	cJSON *doc = rc ? NULL : report_json(&report);
	*text = doc ? json_print(doc) : NULL;
	cJSON_Delete(doc);
	seat_close(s);
	return rc;
}

/* Here, or by whoever hosts. The lock and the socket of a host that begins or ends come and go one
 * after the other, so both are tried until one of them is there. */
static int make_pass(struct cli *c, cJSON **doc, struct err *e)
{
	CLEANUP(free_str) char *text = NULL;
	while (pass_here(c, &text, e)) {
		if (e->code != ERR_CONFLICT)
			return -1;
		err_clear(e);
		if (seat_borrow_pass(c->data_dir, &text, e))
			return -1;
		if (text)
			break;
		IGNORE_RESULT(poll(NULL, 0, LOOK_AGAIN_MS), "a moment is all it is");
	}
	return json_parse(text, strlen(text), doc, e);
}

static int run_once(struct cli *c, bool as_json)
{
	cJSON *doc = NULL;
	int64_t code = CLI_FAILED;
	struct err e = ERR_INIT;
	if (make_pass(c, &doc, &e))
		return cli_fail(c, &e);
	if (!json_i64(doc, "/exit", &code))
		code = CLI_FAILED;
	if (!as_json) {
		print_text(c, doc);
		cJSON_Delete(doc);
	} else if (cli_print_json(c, doc) != CLI_OK) {
		code = CLI_FAILED;
	}
	return (int)code;
}

/* ---- the host without a screen --------------------------------------------------------------- */

static void wait_for_end(const sigset_t *ends)
{
	int signal_number;
	while (sigwait(ends, &signal_number))
		continue; /* interrupted by another signal's handler */
	log_line(LOG_NOTE, "daemon", "ends by signal %d", signal_number);
}

/* It stays in the foreground, as systemd likes it; what was begun when the signal comes is
 * committed, and what waits is a row that the next host finds. */
static int run_daemon(struct cli *c)
{
	struct err e = ERR_INIT;
	struct seat *s = NULL;
	sigset_t ends, before;
	/* Without a passphrase other accounts go on; these say that it is missing. */
	if ((c->passphrase_fd || cli_can_ask()) && cli_need_secrets(c, &e))
		return cli_fail(c, &e);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ends, &before);
	int rc = cli_open_seat(c, "daemon", &s, &e);
	if (rc == 0)
		wait_for_end(&ends);
	seat_close(s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc ? cli_fail(c, &e) : CLI_OK;
}

int cli_sync(struct cli *c, int argc, char **argv)
{
	bool once = false, daemon = false, as_json = false;
	const struct cli_arg table[] = {
		{.name = "--once", .flag = &once},
		{.name = "--daemon", .flag = &daemon},
		{.name = "--json", .flag = &as_json},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("sync");
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, NULL, &e))
		return cli_usage(c, v, e.msg);
	if (once == daemon || (daemon && as_json))
		return cli_usage(c, v, NULL);
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	return daemon ? run_daemon(c) : run_once(c, as_json);
}
