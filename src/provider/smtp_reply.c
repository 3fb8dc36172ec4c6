/* smtp_reply.c - reading SMTP replies, and what they mean when they are refusals. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/net/stream.h"
#include "smtp.h"
#include "transport_kinds.h"

#define LINE_MOST 4096 /* RFC 5321 asks for 512; servers and their URLs are longer */
#define LINES_MOST 100
#define TEXT_MOST 2000

static int not_a_reply(const struct smtp *s, struct err *e)
{
	return err_set(e, ERR_PROTO, _("%s does not answer as a mail server should."), s->host);
}

/* Takes "250-words" or "250 words" or "250" apart; false for anything else. */
static bool parse_line(const struct buf *line, int *code, bool *is_last, const char **words)
{
	int64_t n;

	if (line->len < 3 || !span_to_i64((struct span){line->p, 3}, 200, 599, &n))
		return false;
	char sep = line->p[3];
	if (line->len > 3 && sep != ' ' && sep != '-')
		return false;
	*code = (int)n;
	*is_last = line->len == 3 || sep == ' ';
	*words = line->p + (line->len > 3 ? 4 : 3);
	return true;
}

/* "5.1.1 words": class, subject and detail, each at most three digits (RFC 2034). */
static void take_enhanced(struct smtp_reply *r, const char *words)
{
	size_t n = strspn(words, "0123456789.");
	struct span rest = {words, n}, part;
	int parts = 0;

	if (n < 5 || n >= sizeof(r->enhanced) || words[0] - '0' != r->code / 100)
		return;
	while (span_next(&rest, '.', &part)) {
		if (!part.len || part.len > 3)
			return;
		parts++;
	}
	if (parts != 3)
		return;
	memcpy(r->enhanced, words, n);
	r->enhanced[n] = '\0';
}

int smtp_read_reply(struct smtp *s, smtp_line *each, struct smtp_reply *out, struct err *e)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MOST), text = BUF_INIT(TEXT_MOST);
	const char *words;
	bool is_last = false;
	int code;

	*out = (struct smtp_reply){.code = 0};
	for (int i = 0; !is_last; i++) {
		if (stream_read_line(s->stream, &line, e))
			return -1;
		if (i == LINES_MOST || !parse_line(&line, &code, &is_last, &words) ||
			(out->code && code != out->code))
			return not_a_reply(s, e);
		if (!out->code) {
			out->code = code;
			take_enhanced(out, words);
			buf_addf(&text, "%d", code);
		}
		/* A line that no longer fits is left out: this is only for reading. */
		buf_addf(&text, " %s", words);
		if (each)
			each(s, words);
	}
	transport_put_reply(out->text, sizeof(out->text), text.p, text.len);
	log_line(LOG_DEBUG, "smtp", "%s < %d%s%s", s->host, out->code, out->enhanced[0] ? " " : "",
		out->enhanced);
	return 0;
}

void smtp_trace(const struct smtp *s, const char *name, size_t len, size_t n)
{
	log_line(LOG_DEBUG, "smtp", "%s > %zu %.*s", s->host, n, (int)len, name);
}

int smtp_command(struct smtp *s, struct smtp_reply *out, struct err *e, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MOST);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&line, fmt, ap);
	va_end(ap);
	buf_addstr(&line, "\r\n");
	BUG_ON(line.failed);
	smtp_trace(s, fmt, strcspn(fmt, " %"), 1);
	if (stream_write(s->stream, line.p, line.len, e))
		return -1;
	return smtp_read_reply(s, NULL, out, e);
}

bool smtp_is_ok(const struct smtp_reply *r)
{
	return r->code / 100 == 2;
}

bool smtp_is_temporary(const struct smtp_reply *r)
{
	return r->code / 100 == 4;
}

/* The server's words may hold addresses, so that only its codes reach the sentence. */
int smtp_refusal(const struct smtp *s, const struct smtp_reply *r, struct err *e)
{
	const char *gap = r->enhanced[0] ? " " : "";
	enum err_code code = ERR_PROTO;

	if (r->code == 421)
		code = ERR_NET;
	else if (smtp_is_temporary(r))
		code = ERR_RATE;
	else if (r->code == 530 || r->code == 535)
		code = ERR_AUTH;
	err_set(e, code, _("The mail server %s refused (%d%s%s)."), s->host, r->code, gap,
		r->enhanced);
	if (code == ERR_PROTO)
		e->retry = RETRY_NEVER;
	e->sys = r->code;
	return -1;
}
