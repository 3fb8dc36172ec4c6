/*
 * command.c - commands to the server and the books kept about what it says meanwhile. An answer
 * that nobody asked for, or that nobody knows, is no error (RFC 3501 section 7).
 */
#include "config.h"

#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "src/provider/trace.h"

#define COMMAND_ROOM 4096 /* so that a password is not copied about while the line grows */
#define QUOTED_MAX 900    /* longer ones go as literals */

/* ---- building -------------------------------------------------------------------------------- */

struct imap_command imap_command(struct imap_session *s, const char *what)
{
	struct imap_command c = {.s = s, .what = what};
	buf_init(&c.out, BUF_UNLIMITED);
	buf_init(&c.trace, 1024);
	for (size_t i = 0; i < COMMAND_ROOM; i++)
		buf_addch(&c.out, ' ');
	buf_reset(&c.out);
	buf_addf(&c.out, "%u ", ++s->tags);
	return c;
}

void imap_add(struct imap_command *c, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	buf_vaddf(&c->out, fmt, ap);
	buf_vaddf(&c->trace, fmt, again);
	va_end(again);
	va_end(ap);
}

static bool is_quotable(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || (unsigned char)p[i] >= 0x7f)
			return false;
	return n <= QUOTED_MAX;
}

static void start_literal(struct imap_command *c, size_t len)
{
	bool at_once = c->s->caps & CAP_LITERAL_PLUS;
	buf_addf(&c->out, at_once ? "{%zu+}\r\n" : "{%zu}\r\n", len);
	buf_addf(&c->trace, "{%zu}", len);
	if (!at_once && c->n_stops < ARRAY_SIZE(c->stops))
		c->stops[c->n_stops++] = c->out.len;
}

void imap_add_string(struct imap_command *c, const char *text, size_t len)
{
	if (!is_quotable(text, len)) {
		start_literal(c, len);
		buf_add(&c->out, text, len);
		return;
	}
	buf_addch(&c->out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_addch(&c->out, '\\');
		buf_addch(&c->out, text[i]);
	}
	buf_addch(&c->out, '"');
	buf_addch(&c->trace, '?');
}

void imap_add_folder(struct imap_command *c, const char *server_name)
{
	imap_add_string(c, server_name, strlen(server_name));
}

void imap_add_day(struct imap_command *c, const struct tm *tm)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	imap_add(c, "%d-%.3s-%d", tm->tm_mday, months + (size_t)tm->tm_mon * 3, tm->tm_year + 1900);
}

void imap_add_uids(struct imap_command *c, const uint32_t *uids, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t k = i;
		while (k + 1 < n && uids[k + 1] == uids[k] + 1)
			k++;
		imap_add(c, i ? ",%u" : "%u", uids[i]);
		if (k > i)
			imap_add(c, ":%u", uids[k]);
		i = k + 1;
	}
}

void imap_command_drop(struct imap_command *c)
{
	secret_wipe(c->out.p, c->out.len);
	buf_release(&c->out);
	buf_release(&c->trace);
}

/* ---- what the server says -------------------------------------------------------------------- */

static int dead(struct imap_session *s)
{
	s->is_dead = true;
	return -1;
}

static void see_caps(struct imap_session *s, struct imap_lex *lex)
{
	static const struct {
		const char *name;
		unsigned cap;
	} table[] = {
		{"UIDPLUS", CAP_UIDPLUS},
		{"MOVE", CAP_MOVE},
		{"CONDSTORE", CAP_CONDSTORE},
		{"QRESYNC", CAP_QRESYNC | CAP_CONDSTORE}, /* RFC 7162: the one implies the other */
		{"IDLE", CAP_IDLE},
		{"ID", CAP_ID},
		{"LITERAL+", CAP_LITERAL_PLUS},
		{"ENABLE", CAP_ENABLE},
		{"STARTTLS", CAP_STARTTLS},
		{"LOGINDISABLED", CAP_NO_LOGIN},
		{"AUTH=PLAIN", CAP_AUTH_PLAIN},
		{"X-GM-EXT-1", CAP_GMAIL},
		{"LIST-STATUS", CAP_LIST_STATUS},
		{"ESEARCH", CAP_ESEARCH},
		{"SASL-IR", CAP_SASL_IR},
		{"AUTH=XOAUTH2", CAP_XOAUTH2},
		{"AUTH=OAUTHBEARER", CAP_OAUTHBEARER},
	};
	s->caps = 0;
	while (imap_lex_next(lex))
		for (size_t i = 0; i < ARRAY_SIZE(table); i++)
			if (imap_lex_is(lex, table[i].name))
				s->caps |= table[i].cap;
}

/* The first UID of the last word: "APPENDUID validity uid", "COPYUID validity from to". */
static uint32_t uid_of_code(struct span words)
{
	struct span piece, last = {NULL, 0};
	size_t n = 0;
	int64_t uid = 0;
	while (span_next(&words, ' ', &piece))
		last = piece;
	while (n < last.len && ascii_isdigit(last.p[n]))
		n++;
	return span_to_i64((struct span){last.p, n}, 1, UINT32_MAX, &uid) ? (uint32_t)uid : 0;
}

static void see_number(struct span words, uint64_t max, uint64_t *out)
{
	int64_t n = 0;
	if (span_to_i64(span_trim(words), 0, (int64_t)max, &n))
		*out = (uint64_t)n;
}

static void see_select_code(struct imap_session *s, const char *name, struct span words)
{
	uint64_t n = 0;
	struct imap_selected *now = &s->selected;
	if (strcmp(name, "UIDVALIDITY") == 0) {
		see_number(words, UINT32_MAX, &n);
		now->uidvalidity = (uint32_t)n;
	} else if (strcmp(name, "UIDNEXT") == 0) {
		see_number(words, UINT32_MAX, &n);
		now->uidnext = (uint32_t)n;
	} else if (strcmp(name, "HIGHESTMODSEQ") == 0) {
		see_number(words, INT64_MAX, &now->modseq);
	} else if (strcmp(name, "NOMODSEQ") == 0) {
		now->modseq = 0;
	} else if (strcmp(name, "PERMANENTFLAGS") == 0) {
		free(now->permanent);
		now->permanent = xstrndup(words.p, words.len);
	}
}

/* "[CODE words] text": what stands in brackets. Texts are never kept: they may hold anything. */
static void see_code(struct imap_session *s, struct span text)
{
	const char *end = text.len && text.p[0] == '[' ? memchr(text.p, ']', text.len) : NULL;
	s->code = (struct imap_code){.name = ""};
	if (!end)
		return;
	struct span words = {text.p + 1, (size_t)(end - text.p - 1)}, name;
	if (!span_next(&words, ' ', &name) || name.len >= sizeof s->code.name)
		return;
	for (size_t i = 0; i < name.len; i++)
		s->code.name[i] = ascii_upper(name.p[i]);
	if (words.len < sizeof s->code.line)
		memcpy(s->code.line, words.p, words.len);
	if (strcmp(s->code.name, "COPYUID") == 0 || strcmp(s->code.name, "APPENDUID") == 0)
		s->code.uid = uid_of_code(words);
	else
		see_select_code(s, s->code.name, words);
}

/* MOVE says COPYUID before its own OK (RFC 6851): what was said once stays. */
void imap_see_result(struct imap_session *s, const struct imap_lex *lex)
{
	uint32_t uid = s->code.uid;
	see_code(s, imap_lex_rest(lex));
	s->code.uid = s->code.uid ? s->code.uid : uid;
}

static void count_range(void *ctx, uint32_t lo, uint32_t hi)
{
	uint32_t *exists = ctx, n = hi - lo + 1;
	*exists -= n < *exists ? n : *exists;
}

/* RFC 7162 section 3.2.10: VANISHED comes for EXPUNGE, and with EARLIER for what went before. */
static void see_vanished(struct imap_session *s, struct imap_lex lex)
{
	if (imap_lex_next(&lex) && lex.kind == TOKEN_ATOM)
		imap_uids_parse(lex.text, count_range, &s->selected.exists);
}

static void enter(struct imap_session *s, const struct imap_untagged *u)
{
	if (strcmp(u->word, "EXISTS") == 0) {
		s->has_news |= u->number != s->selected.exists;
		s->selected.exists = u->number;
	} else if (strcmp(u->word, "EXPUNGE") == 0) {
		s->selected.exists -= s->selected.exists > 0;
		s->has_news = true;
	} else if (strcmp(u->word, "VANISHED") == 0) {
		see_vanished(s, *u->lex);
		s->has_news = true;
	} else if (strcmp(u->word, "FETCH") == 0) {
		s->has_news = true;
	} else if (strcmp(u->word, "CAPABILITY") == 0) {
		struct imap_lex lex = *u->lex;
		see_caps(s, &lex);
	} else if (strcmp(u->word, "OK") == 0 || strcmp(u->word, "NO") == 0 ||
		   strcmp(u->word, "BAD") == 0 || strcmp(u->word, "PREAUTH") == 0) {
		imap_see_result(s, u->lex);
	}
}

static void take_word(struct imap_lex *lex, char word[32])
{
	size_t n = lex->kind == TOKEN_ATOM && lex->text.len < 32 ? lex->text.len : 0;
	for (size_t i = 0; i < n; i++)
		word[i] = ascii_upper(lex->text.p[i]);
	word[n] = '\0';
}

int imap_next(struct imap_session *s, struct imap_untagged *u, struct imap_lex *lex, char word[32],
	struct err *e)
{
	uint64_t number = 0;
	if (imap_wire_read(&s->wire, &s->answer, e)) {
		e->scope = ERR_ACCOUNT;
		return dead(s);
	}
	*lex = imap_lex_start(&s->answer);
	imap_lex_next(lex);
	if (s->answer.kind == ANSWER_UNTAGGED && imap_lex_number(lex, UINT32_MAX, &number))
		imap_lex_next(lex);
	take_word(lex, word);
	*u = (struct imap_untagged){.word = word, .number = (uint32_t)number, .lex = lex};
	if (s->answer.kind == ANSWER_UNTAGGED)
		enter(s, u);
	return 0;
}

/* ---- running --------------------------------------------------------------------------------- */

bool imap_is_refusal(const struct err *e)
{
	return e->scope == ERR_ITEM && (e->code == ERR_PROTO || e->code == ERR_RATE);
}

static bool code_is(const struct imap_session *s, const char *name)
{
	return strcmp(s->code.name, name) == 0;
}

/* NO or BAD: what its response code (RFC 5530) says in words, where people can do something. */
int imap_refused(const struct imap_session *s, const char *what, struct err *e)
{
	const char *host = s->conf->host;
	if (code_is(s, "OVERQUOTA")) {
		err_set(e, ERR_PROTO, _("The mailbox on %s is full: delete something there."),
			host);
	} else if (code_is(s, "READ-ONLY") || code_is(s, "NOPERM")) {
		err_set(e, ERR_PROTO, _("%s does not let you change this folder."), host);
		e->retry = RETRY_NEVER;
	} else if (code_is(s, "UNAVAILABLE") || code_is(s, "INUSE")) {
		err_set(e, ERR_PROTO, _("%s cannot serve the mailbox just now."), host);
	} else if (code_is(s, "LIMIT") || code_is(s, "THROTTLED")) {
		err_set(e, ERR_RATE, _("%s asks to slow down."), host);
	} else {
		err_set(e, ERR_PROTO, _("%s refused %s."), host, what);
	}
	e->scope = ERR_ITEM;
	return -1;
}

bool imap_is_own_tag(const struct imap_session *s)
{
	char tag[16];
	snprintf(tag, sizeof tag, "%u", s->tags);
	return s->answer.kind == ANSWER_TAGGED && span_eq(s->answer.tag, tag);
}

int imap_not_imap(struct imap_session *s, struct err *e)
{
	err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."), s->conf->host,
		"IMAP");
	e->scope = ERR_ACCOUNT;
	return dead(s);
}

/* Reads on to the tagged answer, or to "+" where one is waited for: *is_tagged says which. */
static int read_to(struct imap_session *s, bool stops_at_plus, imap_on_untagged *on, void *ctx,
	bool *is_tagged, char word[32], struct err *e)
{
	unsigned garbage = 0, seen = 0;
	for (;;) {
		struct imap_untagged u;
		struct imap_lex lex;
		if (imap_next(s, &u, &lex, word, e))
			return -1;
		seen++;
		if (s->answer.kind == ANSWER_UNTAGGED) {
			if (on)
				on(ctx, &u);
			continue;
		}
		*is_tagged = imap_is_own_tag(s);
		if (*is_tagged) {
			imap_see_result(s, &lex);
			trace_answer("imap", s->conf->account, word, s->code.name, seen);
			return 0;
		}
		if (s->answer.kind == ANSWER_CONTINUE && stops_at_plus)
			return 0;
		if (++garbage > IMAP_GARBAGE_MAX)
			return imap_not_imap(s, e);
	}
}

static int send_bytes(struct imap_session *s, const char *p, size_t n, struct err *e)
{
	if (!n || s->wire.io.write(s->wire.io.ctx, p, n, e) == 0)
		return 0;
	e->scope = ERR_ACCOUNT;
	return dead(s);
}

/* Sends up to and behind each stop. A server may refuse a literal instead of asking for it. */
static int send_parts(struct imap_command *c, imap_on_untagged *on, void *ctx, bool *is_tagged,
	char word[32], struct err *e)
{
	size_t from = 0;
	for (size_t i = 0; i < c->n_stops; i++) {
		if (send_bytes(c->s, c->out.p + from, c->stops[i] - from, e) ||
			read_to(c->s, true, on, ctx, is_tagged, word, e))
			return -1;
		if (*is_tagged)
			return 0;
		from = c->stops[i];
	}
	if (c->data.p && (send_bytes(c->s, c->out.p + from, c->out.len - from, e) ||
				 send_bytes(c->s, c->data.p, c->data.len, e)))
		return -1;
	return c->data.p ? send_bytes(c->s, "\r\n", 2, e)
			 : send_bytes(c->s, c->out.p + from, c->out.len - from, e);
}

void imap_expect(struct imap_session *s, size_t keep)
{
	s->wire.budget = IMAP_MAX_COMMAND;
	s->wire.keep = keep;
	s->code = (struct imap_code){.name = ""};
}

static void finish_line(struct imap_command *c)
{
	if (c->data.p)
		start_literal(c, c->data.len);
	else
		buf_addstr(&c->out, "\r\n");
	imap_expect(c->s, c->keep);
	trace_sent("imap", c->s->conf->account, c->trace.p);
}

int imap_send(struct imap_command *c, struct err *e)
{
	bool is_tagged = false;
	char word[32];
	finish_line(c);
	int rc = send_parts(c, NULL, NULL, &is_tagged, word, e);
	imap_command_drop(c);
	return rc;
}

static int judge_result(struct imap_session *s, const char *what, const char *word, struct err *e)
{
	if (strcmp(word, "OK") == 0)
		return 0;
	if (strcmp(word, "NO") == 0 || strcmp(word, "BAD") == 0)
		return imap_refused(s, what, e);
	return imap_not_imap(s, e);
}

int imap_run(struct imap_command *c, imap_on_untagged *on, void *ctx, struct err *e)
{
	struct imap_session *s = c->s;
	const char *what = c->what;
	bool is_tagged = false;
	char word[32] = "";
	finish_line(c);
	int rc = send_parts(c, on, ctx, &is_tagged, word, e);
	imap_command_drop(c);
	if (rc || (!is_tagged && read_to(s, false, on, ctx, &is_tagged, word, e)))
		return -1;
	return judge_result(s, what, word, e);
}

int imap_run_sasl(struct imap_command *c, const char *const *lines, size_t n, struct err *e)
{
	struct imap_session *s = c->s;
	const char *what = c->what;
	bool is_tagged = false;
	char word[32] = "";
	finish_line(c);
	int rc = send_bytes(s, c->out.p, c->out.len, e);
	imap_command_drop(c);
	for (size_t i = 0; !rc && !is_tagged; i++) {
		rc = read_to(s, true, NULL, NULL, &is_tagged, word, e);
		if (!rc && !is_tagged && i > n) /* it will never be content */
			rc = imap_not_imap(s, e);
		if (!rc && !is_tagged && i < n)
			rc = send_bytes(s, lines[i], strlen(lines[i]), e);
		if (!rc && !is_tagged)
			rc = send_bytes(s, "\r\n", 2, e);
	}
	return rc ? -1 : judge_result(s, what, word, e);
}

/* RFC 2177: "+" says that the server has begun; servers may send news before it. */
int imap_begin_idle(struct imap_session *s, struct err *e)
{
	struct imap_command c = imap_command(s, "IDLE");
	bool is_tagged = false;
	char word[32] = "";
	imap_add(&c, "IDLE");
	finish_line(&c);
	int rc = send_bytes(s, c.out.p, c.out.len, e);
	imap_command_drop(&c);
	if (rc || read_to(s, true, NULL, NULL, &is_tagged, word, e))
		return -1;
	return is_tagged ? imap_refused(s, "IDLE", e) : 0;
}

int imap_end_idle(struct imap_session *s, struct err *e)
{
	bool is_tagged = false;
	char word[32] = "";
	s->wire.budget = IMAP_MAX_COMMAND;
	trace_sent("imap", s->conf->account, "DONE");
	if (send_bytes(s, "DONE\r\n", 6, e))
		return -1;
	return read_to(s, false, NULL, NULL, &is_tagged, word, e);
}
