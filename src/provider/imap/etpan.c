/*
 * etpan.c - the stream under libetpan: what it writes goes to the server, what it reads is what our
 * reader made of the answers.
 */
#include "config.h"

#include "etpan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "src/provider/trace.h"

#define STREAM_BUFFER 4096
#define HEARD_MAX 256 /* bytes of one answer as the library hears it */

struct imap_etpan {
	struct imap_session *s;
	struct mailimap *m;
	struct buf heard; /* not read yet, from `at` on */
	size_t at;
	unsigned lines;
	char word[32]; /* how the command ended: "OK", "NO", "BAD" */
	struct err io_error;
};

/* One answer, as plain as it can be said. Untagged ones are in the session's books by now. */
static int hear(struct imap_etpan *p)
{
	struct imap_untagged u;
	struct imap_lex lex;
	unsigned garbage = 0;
	do {
		if (garbage > IMAP_GARBAGE_MAX)
			return imap_not_imap(p->s, &p->io_error);
		if (imap_next(p->s, &u, &lex, p->word, &p->io_error))
			return -1;
		p->lines++;
		garbage += p->s->answer.kind == ANSWER_TAGGED;
	} while (p->s->answer.kind == ANSWER_UNTAGGED ||
		 (p->s->answer.kind == ANSWER_TAGGED && !imap_is_own_tag(p->s)));
	buf_reset(&p->heard);
	p->at = 0;
	if (p->s->answer.kind == ANSWER_CONTINUE) {
		buf_addstr(&p->heard, "+ go\r\n");
		return 0;
	}
	imap_see_result(p->s, &lex);
	buf_addf(&p->heard, "%u %s done\r\n", p->s->tags,
		strcmp(p->word, "OK") == 0   ? "OK"
		: strcmp(p->word, "NO") == 0 ? "NO"
					     : "BAD");
	return 0;
}

/* Never 0: the library would ask again for ever. */
static ssize_t low_read(mailstream_low *low, void *to, size_t max)
{
	struct imap_etpan *p = low->data;
	if (p->at == p->heard.len && hear(p))
		return -1;
	size_t n = p->heard.len - p->at;
	n = n < max ? n : max;
	memcpy(to, p->heard.p + p->at, n);
	p->at += n;
	return (ssize_t)n;
}

static ssize_t low_write(mailstream_low *low, const void *from, size_t n)
{
	struct imap_etpan *p = low->data;
	struct imap_io *io = &p->s->wire.io;
	if (io->write(io->ctx, from, n, &p->io_error) == 0)
		return (ssize_t)n;
	p->s->is_dead = true;
	return -1;
}

static int low_close(mailstream_low *low)
{
	(void)low; /* the session closes its stream itself */
	return 0;
}

static int low_fd(mailstream_low *low)
{
	(void)low; /* nobody waits for it but the session */
	return -1;
}

static void low_free(mailstream_low *low)
{
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	imap_cancel(&((struct imap_etpan *)low->data)->s->base);
}

static mailstream_low_driver low_driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
};

/* The stream goes first: mailimap_free() would say LOGOUT. */
void imap_etpan_free(struct imap_etpan *p)
{
	if (!p)
		return;
	if (p->m && p->m->imap_stream) {
		mailstream_close(p->m->imap_stream);
		p->m->imap_stream = NULL;
	}
	if (p->m)
		mailimap_free(p->m);
	buf_release(&p->heard);
	free(p);
}

/* The session has greeted and signed in; the library is told so in a greeting of ours. */
static struct imap_etpan *etpan_new(struct imap_session *s)
{
	struct imap_etpan *p = xcalloc(1, sizeof *p);
	p->s = s;
	p->heard = (struct buf)BUF_INIT(HEARD_MAX);
	p->io_error = ERR_INIT;
	buf_addstr(&p->heard, "* PREAUTH ready\r\n");
	mailstream_low *low = mailstream_low_new(p, &low_driver);
	mailstream *stream = low ? mailstream_new(low, STREAM_BUFFER) : NULL;
	p->m = mailimap_new(0, NULL);
	if (stream && p->m && mailimap_connect(p->m, stream) == MAILIMAP_NO_ERROR_AUTHENTICATED)
		return p;
	imap_etpan_free(p);
	return NULL;
}

struct mailimap *imap_etpan_begin(struct imap_session *s, const char *what, const char *trace,
	struct err *e)
{
	if (s->is_dead) {
		err_set(e, ERR_NET, _("The connection to %s broke."), s->conf->host);
		e->scope = ERR_ACCOUNT;
		return NULL;
	}
	if (!s->etpan)
		s->etpan = etpan_new(s);
	if (!s->etpan) {
		err_set(e, ERR_BUG, _("%s could not be prepared."), what);
		return NULL;
	}
	struct imap_etpan *p = s->etpan;
	imap_expect(s, 0);
	p->lines = 0;
	p->word[0] = '\0';
	p->io_error = ERR_INIT;
	p->at = p->heard.len;
	p->m->imap_tag = (int)s->tags++; /* one count for both; the library adds its one first */
	p->m->imap_state =
		s->selected.folder ? MAILIMAP_STATE_SELECTED : MAILIMAP_STATE_AUTHENTICATED;
	trace_sent("imap", s->conf->account, trace);
	return p->m;
}

int imap_etpan_end(struct imap_session *s, int rc, const char *what, struct err *e)
{
	struct imap_etpan *p = s->etpan;
	if (p->io_error.code != ERR_NONE) {
		*e = p->io_error;
		e->scope = ERR_ACCOUNT;
		s->is_dead = true;
		return -1;
	}
	trace_answer("imap", s->conf->account, p->word, s->code.name, p->lines);
	if (rc == MAILIMAP_NO_ERROR)
		return 0;
	if (strcmp(p->word, "NO") == 0 || strcmp(p->word, "BAD") == 0)
		return imap_refused(s, what, e);
	return imap_not_imap(s, e);
}

int imap_etpan_folder(const struct imap_session *s, const char *server_name, struct err *e)
{
	for (const char *p = server_name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, ERR_UNSUPPORTED,
				_("A folder's name on %s holds control characters."),
				s->conf->host);
	return 0;
}
