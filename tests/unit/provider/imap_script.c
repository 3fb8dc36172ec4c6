/* imap_script.c - see imap_script.h. */
#include "config.h"

#include "imap_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/str.h"

static int read_answer(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	struct imap_script *sc = ctx;
	size_t left = sc->answers.len - sc->read_at;
	if (!left)
		return err_set(e, ERR_NET, "end of the script");
	*got = left < max ? left : max;
	memcpy(p, sc->answers.p + sc->read_at, *got);
	sc->read_at += *got;
	return 0;
}

static void answer(struct imap_script *sc, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (p[0] == '%' && p[1] == 'T')
			buf_addstr(&sc->answers, sc->tag);
		else
			buf_addch(&sc->answers, *p);
		p += p[0] == '%' && p[1] == 'T';
	}
}

static void take_line(struct imap_script *sc, const char *line)
{
	const char *rest = line;
	if (ascii_isdigit(line[0])) { /* a command; else what follows a literal's size */
		size_t n = strcspn(line, " ");
		snprintf(sc->tag, sizeof sc->tag, "%.*s", (int)n, line);
		rest = line + n + (line[n] == ' ');
	}
	if (sc->at == sc->n)
		fail_msg("no step for: %s", rest);
	assert_string_equal(rest, sc->steps[sc->at].want);
	answer(sc, sc->steps[sc->at++].answer);
}

static int write_line(void *ctx, const void *p, size_t n, struct err *e)
{
	struct imap_script *sc = ctx;
	(void)e;
	for (size_t i = 0; i < n; i++) {
		char c = ((const char *)p)[i];
		if (c == '\r')
			continue;
		if (c != '\n') {
			buf_addch(&sc->line, c);
			continue;
		}
		take_line(sc, sc->line.p);
		buf_reset(&sc->line);
	}
	return 0;
}

static int a_password(void *ctx, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_addstr(out, "secret");
	return 0;
}

static int nothing_known(void *ctx, const char *name, const char *const *ids, size_t n_ids,
	struct arena *a, const struct prov_flag **out, size_t *n, struct err *e)
{
	static const struct prov_flag known[] = {
		{.id = "1"}, {.id = "2", .flags = MSG_SEEN}, {.id = "5"}};
	(void)ctx;
	(void)name;
	(void)ids; /* more than was asked for is no harm */
	(void)n_ids;
	(void)a;
	(void)e;
	*out = known;
	*n = ARRAY_SIZE(known);
	return 0;
}

static void set_clock(struct imap_script *sc)
{
	snprintf(sc->clock_file, sizeof sc->clock_file, "/tmp/crmail-clock-XXXXXX");
	int fd = mkstemp(sc->clock_file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, IMAP_SCRIPT_NOW "\n", sizeof IMAP_SCRIPT_NOW),
		sizeof IMAP_SCRIPT_NOW);
	close(fd);
	sc->clock = clock_new(sc->clock_file);
	sc->conf.clock = sc->clock;
}

static void begin(struct imap_script *sc)
{
	*sc = (struct imap_script){.line = BUF_INIT(1 << 20), .answers = BUF_INIT(1 << 24)};
	sc->conf = (struct account_conf){.kind = "imap",
		.name = "work",
		.email = "me@own.test",
		.host = "mail.test",
		.port = 993,
		.tls = TLS_INSECURE_NONE,
		.password = a_password,
		.known = nothing_known};
	set_clock(sc);
}

int imap_script_sign_in(struct imap_script *sc, const struct imap_step *steps, size_t n,
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e), void *ctx,
	struct err *e)
{
	begin(sc);
	sc->conf.user = "a,b=c";
	sc->conf.token = token;
	sc->conf.password_ctx = ctx;
	sc->steps = steps;
	sc->n = n;
	answer(sc, "* OK ready\r\n");
	int rc =
		imap_open_over(&sc->s, &sc->conf, (struct imap_io){read_answer, write_line, sc}, e);
	imap_script_close(sc);
	return rc;
}

void imap_script_open(struct imap_script *sc, const char *caps, const struct imap_step *steps,
	size_t n)
{
	CLEANUP(buf_release) struct buf said = BUF_INIT(1024);
	struct err e = ERR_INIT;
	begin(sc);
	buf_addf(&said, "* CAPABILITY IMAP4rev1 %s\r\n%%T OK done\r\n", caps);
	const struct imap_step opening[] = {
		{"LOGIN \"me@own.test\" \"secret\"", "%T OK in\r\n"},
		{"CAPABILITY", said.p},
		{"ENABLE QRESYNC", "* ENABLED QRESYNC\r\n%T OK done\r\n"},
	};
	sc->steps = opening;
	sc->n = ARRAY_SIZE(opening) - !strstr(caps, "ENABLE");
	answer(sc, "* OK ready\r\n");
	assert_int_equal(imap_open_over(&sc->s, &sc->conf,
				 (struct imap_io){read_answer, write_line, sc}, &e),
		0);
	assert_int_equal(sc->at, sc->n);
	sc->steps = steps;
	sc->n = n;
	sc->at = 0;
}

void imap_script_close(struct imap_script *sc)
{
	assert_int_equal(sc->at, sc->n);
	if (sc->s)
		sc->s->base.ops->close(&sc->s->base);
	clock_free(sc->clock);
	unlink(sc->clock_file);
	buf_release(&sc->line);
	buf_release(&sc->answers);
}
