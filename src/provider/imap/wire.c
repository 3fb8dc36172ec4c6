/*
 * wire.c - lines and literals from the connection, and the tokens in them. What the words mean
 * is the business of command.c and of those who ask.
 */
#include "config.h"

#include "wire.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"

void imap_wire_init(struct imap_wire *w, struct imap_io io, const char *host, int line_ms)
{
	*w = (struct imap_wire){.io = io, .host = host, .line_ms = line_ms};
	buf_init(&w->line, IMAP_MAX_LINE);
	w->budget = IMAP_MAX_COMMAND;
}

void imap_wire_release(struct imap_wire *w)
{
	buf_release(&w->line);
}

void imap_answer_release(struct imap_answer *a)
{
	arena_release(&a->mem);
	*a = (struct imap_answer){.mem = ARENA_INIT};
}

static int too_big(const struct imap_wire *w, struct err *e)
{
	err_set(e, ERR_TOOBIG, _("%s sent an answer beyond all limits."), w->host);
	e->scope = ERR_ACCOUNT;
	return -1;
}

static int fill(struct imap_wire *w, struct err *e)
{
	size_t got = 0;
	if (w->io.read(w->io.ctx, w->in, sizeof w->in, &got, e))
		return -1;
	w->at = 0;
	w->end = got;
	w->bytes_in += got;
	return 0;
}

static int spend(struct imap_wire *w, uint64_t n, struct err *e)
{
	if (n > w->budget)
		return too_big(w, e);
	w->budget -= n;
	return 0;
}

/* The next line into w->line, without its end. */
static int read_line(struct imap_wire *w, struct err *e)
{
	int64_t deadline = w->line_ms > 0 ? clock_mono_ms() + w->line_ms : INT64_MAX;
	const char *lf = NULL;
	buf_reset(&w->line);
	while (!lf) {
		if (w->at == w->end && fill(w, e))
			return -1;
		const char *from = w->in + w->at;
		size_t have = w->end - w->at;
		lf = memchr(from, '\n', have);
		size_t take = lf ? (size_t)(lf - from) : have;
		buf_add(&w->line, from, take);
		w->at += take + (lf != NULL);
		if (w->line.failed || spend(w, take, e))
			return too_big(w, e);
		if (!lf && clock_mono_ms() > deadline)
			return err_set(e, ERR_NET, _("%s answers too slowly to be of use."),
				w->host);
	}
	if (w->line.len && w->line.p[w->line.len - 1] == '\r')
		buf_truncate(&w->line, w->line.len - 1);
	return 0;
}

/* Reads a literal of `size` bytes and keeps the first ones. */
static int read_literal(struct imap_wire *w, struct arena *mem, uint64_t size, struct span *out,
	struct err *e)
{
	size_t kept = 0, want = size < w->keep ? (size_t)size : w->keep;
	if (spend(w, size, e))
		return -1;
	char *p = arena_alloc(mem, want + 1);
	for (uint64_t left = size; left;) {
		if (w->at == w->end && fill(w, e))
			return -1;
		size_t have = w->end - w->at;
		size_t take = have < left ? have : (size_t)left;
		size_t use = take < want - kept ? take : want - kept;
		memcpy(p + kept, w->in + w->at, use);
		kept += use;
		w->at += take;
		left -= take;
	}
	*out = (struct span){p, kept};
	return 0;
}

/* "{123}", "{123+}" or "~{123}" at the end of a line: another line end would have to follow a
 * quoted string's last quote, so that this cannot be text. Cuts it off. */
static bool cut_literal(struct span *line, uint64_t *size)
{
	size_t end = line->len;
	int64_t n = 0;
	if (!end || line->p[end - 1] != '}')
		return false;
	end--;
	if (end && line->p[end - 1] == '+')
		end--;
	size_t start = end;
	while (start && ascii_isdigit(line->p[start - 1]))
		start--;
	if (!start || line->p[start - 1] != '{' ||
		!span_to_i64((struct span){line->p + start, end - start}, 0, INT64_MAX, &n))
		return false;
	start--;
	if (start && line->p[start - 1] == '~')
		start--;
	line->len = start;
	*size = (uint64_t)n;
	return true;
}

static int add_piece(const struct imap_wire *w, struct imap_answer *a, struct span text,
	uint64_t size, struct err *e)
{
	if (a->n == IMAP_MAX_PIECES)
		return too_big(w, e);
	a->v = arena_grow(&a->mem, a->v, &a->cap, a->n + 1, sizeof *a->v);
	a->v[a->n++] = (struct imap_piece){text, size};
	return 0;
}

/* Texts for people never go on with a literal, whatever they end in. */
static bool is_status(struct span line)
{
	static const char *const words[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
	struct span rest = line, star, word;
	if (!span_next(&rest, ' ', &star) || !span_next(&rest, ' ', &word))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_caseeq(word, words[i]))
			return true;
	return false;
}

/* Tells the kind of an answer by its first line and cuts "* " or the tag off. */
static void read_kind(struct imap_answer *a, struct span *line)
{
	size_t n = 0;
	a->kind = ANSWER_TAGGED;
	while (n < line->len && line->p[n] != ' ')
		n++;
	a->tag = (struct span){line->p, n};
	if (span_eq(a->tag, "*"))
		a->kind = ANSWER_UNTAGGED;
	else if (n && line->p[0] == '+')
		a->kind = ANSWER_CONTINUE;
	n += n < line->len;
	*line = (struct span){line->p + n, line->len - n};
}

int imap_wire_read(struct imap_wire *w, struct imap_answer *a, struct err *e)
{
	bool goes_on = true;
	arena_reset(&a->mem);
	*a = (struct imap_answer){.mem = a->mem};
	while (goes_on) {
		uint64_t size = 0;
		if (read_line(w, e))
			return -1;
		char *copy = arena_alloc(&a->mem, w->line.len + 1);
		memcpy(copy, w->line.p, w->line.len);
		struct span line = {copy, w->line.len};
		bool can_go_on = a->n || !is_status(line);
		if (!a->n)
			read_kind(a, &line);
		goes_on = can_go_on && a->kind == ANSWER_UNTAGGED && cut_literal(&line, &size);
		struct span data = {NULL, 0};
		if (add_piece(w, a, line, line.len, e) ||
			(goes_on && (read_literal(w, &a->mem, size, &data, e) ||
					    add_piece(w, a, data, size, e))))
			return -1;
	}
	return 0;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

struct imap_lex imap_lex_start(const struct imap_answer *a)
{
	return (struct imap_lex){.a = a};
}

static bool token(struct imap_lex *l, enum imap_token kind, const char *p, size_t len)
{
	l->kind = kind;
	l->text = (struct span){p, len};
	l->size = len;
	return kind != TOKEN_END;
}

static bool at_end(struct imap_lex *l)
{
	l->piece = l->a->n;
	l->at = 0;
	return token(l, TOKEN_END, NULL, 0);
}

/* Behind the opening quote. A string that is never closed goes to the end of its line. */
static bool quoted(struct imap_lex *l, struct span line)
{
	size_t start = l->at;
	while (l->at < line.len && line.p[l->at] != '"')
		l->at += line.p[l->at] == '\\' ? 2 : 1;
	if (l->at > line.len)
		l->at = line.len;
	size_t end = l->at;
	l->at += l->at < line.len;
	l->is_quoted = true;
	return token(l, TOKEN_STRING, line.p + start, end - start);
}

/* "BODY[HEADER.FIELDS (DATE)]<0>" is one atom: what stands in brackets belongs to it. */
static bool atom(struct imap_lex *l, struct span line)
{
	size_t start = l->at;
	bool in_brackets = false;
	for (; l->at < line.len; l->at++) {
		char c = line.p[l->at];
		if (c == '[' || c == ']')
			in_brackets = c == '[';
		else if (!in_brackets && (c == ' ' || c == '(' || c == ')' || c == '"'))
			break;
	}
	return token(l, TOKEN_ATOM, line.p + start, l->at - start);
}

static bool in_line(struct imap_lex *l, struct span line)
{
	switch (line.p[l->at]) {
	case '(':
		l->at++;
		if (++l->depth > IMAP_MAX_NESTING)
			return at_end(l);
		return token(l, TOKEN_OPEN, NULL, 0);
	case ')':
		l->at++;
		l->depth -= l->depth > 0;
		return token(l, TOKEN_CLOSE, NULL, 0);
	case '"':
		l->at++;
		return quoted(l, line);
	default:
		return atom(l, line);
	}
}

bool imap_lex_next(struct imap_lex *l)
{
	l->is_quoted = false;
	for (; l->piece < l->a->n; l->piece++, l->at = 0) {
		const struct imap_piece *p = &l->a->v[l->piece];
		if (l->piece % 2) { /* a literal */
			l->piece++;
			l->at = 0;
			token(l, TOKEN_STRING, p->text.p, p->text.len);
			l->size = p->size;
			return true;
		}
		while (l->at < p->text.len && p->text.p[l->at] == ' ')
			l->at++;
		if (l->at < p->text.len)
			return in_line(l, p->text);
	}
	return at_end(l);
}

void imap_lex_skip(struct imap_lex *l)
{
	if (l->kind != TOKEN_OPEN)
		return;
	unsigned outside = l->depth - 1;
	while (l->depth > outside && imap_lex_next(l))
		;
}

bool imap_lex_number(const struct imap_lex *l, uint64_t max, uint64_t *out)
{
	int64_t n = 0;
	int64_t most = max > INT64_MAX ? INT64_MAX : (int64_t)max;
	if ((l->kind != TOKEN_ATOM && l->kind != TOKEN_STRING) ||
		!span_to_i64(l->text, 0, most, &n))
		return false;
	*out = (uint64_t)n;
	return true;
}

bool imap_lex_is(const struct imap_lex *l, const char *word)
{
	return l->kind == TOKEN_ATOM && span_caseeq(l->text, word);
}

struct span imap_lex_rest(const struct imap_lex *l)
{
	if (l->piece >= l->a->n)
		return (struct span){"", 0};
	struct span line = l->a->v[l->piece].text;
	return span_trim((struct span){line.p + l->at, line.len - l->at});
}

char *imap_lex_string(const struct imap_lex *l, struct arena *a)
{
	char *out = arena_strndup(a, l->text.p ? l->text.p : "", l->text.len);
	if (!l->is_quoted)
		return out;
	size_t n = 0;
	for (size_t i = 0; i < l->text.len; i++) {
		if (out[i] == '\\' && i + 1 < l->text.len)
			i++;
		out[n++] = out[i];
	}
	out[n] = '\0';
	return out;
}
