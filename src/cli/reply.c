/* reply.c - `crmail reply FILE --print`: the reply crmail would begin, as a message. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/rng.h"
#include "crmail/mail/compose.h"

#include "args.h"
#include "mail_file.h"
#include "verbs.h"

#define REPLY_MAX_BYTES ((size_t)256 << 20)

/* The address given, else the first one the original went to. False when `given` is none. */
static bool pick_from(struct mail_file *f, const char *given, struct addr *from)
{
	struct addr_list l;
	*from = (struct addr){.name = NULL, .addr = "unknown@invalid"};
	if (!given) {
		if (f->m.to.n > 0)
			from->addr = f->m.to.v[0].addr;
		return true;
	}
	addr_parse(&f->a, given, strlen(given), &l);
	if (l.n != 1 || l.bad || !addr_domain(l.v[0].addr)[0])
		return false;
	*from = l.v[0];
	return true;
}

static int zone_at(int64_t t)
{
	struct tm tm;
	time_t when = (time_t)t;
	return localtime_r(&when, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

/* "hex@domain": the domain as it compares, so that it is ASCII. */
static const char *make_id(struct arena *a, struct rng *rng, const char *addr)
{
	char hex[33];
	CLEANUP(buf_release) struct buf plain = BUF_INIT(2000);
	addr_normalise(&plain, addr, false);
	const char *domain = addr_domain(plain.p);
	rng_hex(rng, hex, sizeof(hex) - 1);
	return arena_printf(a, "%s@%s", hex, domain[0] ? domain : "invalid");
}

static int print_reply(struct cli *c, struct mail_file *f, const struct addr *from, bool all)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(REPLY_MAX_BYTES);
	struct err e = ERR_INIT;
	struct compose r;
	char seed[25];
	rng_hex(c->rng, seed, sizeof(seed) - 1);
	compose_reply(&f->a, &f->m, from, NULL, 0, all ? REPLY_ALL : 0, &r);
	r.date = clock_now(c->clock);
	r.date_offset_min = zone_at(r.date);
	r.message_id = make_id(&f->a, c->rng, from->addr);
	r.boundary_seed = seed;
	if (compose_write(&r, &out, &e))
		return cli_fail(c, &e);
	if (fwrite(out.p, 1, out.len, c->out) != out.len)
		return CLI_FAILED;
	return CLI_OK;
}

int cli_reply(struct cli *c, int argc, char **argv)
{
	const char *given = NULL;
	bool print = false, all = false;
	struct cli_list files = {.n = 0};
	const struct cli_arg table[] = {{.name = "--from", .value = &given},
		{.name = "--print", .flag = &print}, {.name = "--all", .flag = &all},
		{.name = NULL}};
	struct err e = ERR_INIT;
	struct addr from;
	if (cli_args_parse(argc, argv, table, &files, &e))
		return cli_usage(c, cli_verb_find(argv[0]), e.msg);
	if (files.n != 1 || !print)
		return cli_usage(c, cli_verb_find(argv[0]), _("Name one file, and --print."));
	CLEANUP(mail_file_release) struct mail_file f;
	int code = mail_file_open(&f, c, files.v[0]);
	if (code != CLI_OK)
		return code;
	if (!pick_from(&f, given, &from))
		return cli_usage(c, cli_verb_find(argv[0]), _("--from takes one address."));
	tzset();
	return print_reply(c, &f, &from, all);
}
