/*
 * mail_template_file.c - the Markdown file of a template: front matter and body. Nothing of it is
 * guessed: what is not understood is told with its line.
 */
#include "config.h"

#include "mail_template_private.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#define TITLE_MOST 200 /* bytes of a name, a line about it, a question */
#define QUESTIONS_MOST MAIL_TEMPLATE_GAPS

struct file_reader {
	struct arena *a;
	struct span rest;
	size_t line; /* of what was taken last, from 1 */
	size_t subject_line;
	struct mail_template *out;
	struct mail_template_question *questions;
};

static int at_line(size_t line, struct err *e)
{
	return err_wrap(e, _("Line %zu"), line);
}

static bool next_line(struct file_reader *r, struct span *line)
{
	if (!span_next(&r->rest, '\n', line))
		return false;
	r->line++;
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static struct span unquoted(struct span s)
{
	s = span_trim(s);
	bool is_quoted =
		s.len >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.len - 1] == s.p[0];
	return is_quoted ? (struct span){s.p + 1, s.len - 2} : s;
}

static int add_question(struct file_reader *r, struct span name, const char *label, struct err *e)
{
	struct mail_template *t = r->out;
	if (!mail_template_is_name(name))
		return err_set(e, ERR_PARSE,
			_("Behind \"ask.\" stands the name of a variable, as in \"ask.offer\"."));
	if (t->n_questions == QUESTIONS_MOST)
		return err_set(e, ERR_PARSE, _("It asks for more than %d things."), QUESTIONS_MOST);
	r->questions[t->n_questions++] =
		(struct mail_template_question){arena_strndup(r->a, name.p, name.len), label};
	return 0;
}

static int take_pair(struct file_reader *r, struct span key, struct span value, struct err *e)
{
	struct mail_template *t = r->out;
	const struct {
		const char *name;
		const char **target;
	} keys[] = {{"name", &t->name}, {"about", &t->about}, {"lang", &t->lang}, {"crm", &t->crm}};
	CLEANUP(buf_release) struct buf clean = BUF_INIT(MAIL_TEMPLATE_BYTES * 4);
	utf8_sanitise(&clean, value.p, value.len, SANITISE_LINE | SANITISE_KEEP_ZW);
	if (!clean.len)
		return 0;
	const char *text = arena_strndup(r->a, clean.p, clean.len);
	if (key.len > 4 && !memcmp(key.p, "ask.", 4))
		return add_question(r, (struct span){key.p + 4, key.len - 4}, text, e);
	if (span_eq(key, "subject")) {
		t->subject = text;
		r->subject_line = r->line;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!span_eq(key, keys[i].name))
			continue;
		if (clean.len > TITLE_MOST)
			return err_set(e, ERR_PARSE, _("\"%s\" is too long."), keys[i].name);
		*keys[i].target = text;
		return 0;
	}
	return err_set(e, ERR_PARSE,
		_("There is no \"%.*s\": name, about, subject, lang, crm and ask.NAME are what "
		  "there is."),
		key.len > 40 ? 40 : (int)key.len, key.p);
}

static int take_line(struct file_reader *r, struct span line, struct err *e)
{
	struct span s = span_trim(line);
	if (!s.len || s.p[0] == '#')
		return 0;
	const char *colon = memchr(s.p, ':', s.len);
	if (!colon)
		return err_set(e, ERR_PARSE,
			_("Before the text stand lines like \"name: Offer sent\"."));
	size_t n = (size_t)(colon - s.p);
	return take_pair(r, span_trim((struct span){s.p, n}),
		unquoted((struct span){colon + 1, s.len - n - 1}), e);
}

/* 1: there is none, and nothing was taken. */
static int read_front_matter(struct file_reader *r, struct err *e)
{
	const struct file_reader begin = *r;
	struct span line;
	if (!next_line(r, &line) || !span_eq(span_trim(line), "---")) {
		*r = begin;
		return 1;
	}
	while (next_line(r, &line)) {
		if (span_eq(span_trim(line), "---"))
			return 0;
		if (take_line(r, line, e))
			return -1;
	}
	r->line = 1;
	return err_set(e, ERR_PARSE, _("The \"---\" at the beginning has no \"---\" after it."));
}

static void read_body(struct file_reader *r)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(MAIL_TEMPLATE_BYTES * 2);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(MAIL_TEMPLATE_BYTES * 4);
	struct span line;
	r->out->body_line = r->line + 1;
	while (next_line(r, &line)) {
		if (!raw.len && !span_trim(line).len) {
			r->out->body_line++;
			continue; /* between front matter and text */
		}
		buf_add(&raw, line.p, line.len);
		buf_addch(&raw, '\n');
	}
	buf_rtrim(&raw);
	if (raw.len)
		buf_addch(&raw, '\n');
	utf8_sanitise(&clean, raw.p, raw.len, SANITISE_KEEP_ZW);
	r->out->body = arena_strndup(r->a, clean.p, clean.len);
}

/* The line of the first byte that is no UTF-8, or 0; NUL is none. */
static size_t bad_line(const char *p, size_t n)
{
	size_t line = 1;
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_decode(p + i, n - i, &cp);
		if (!p[i] || (cp == UTF8_REPLACEMENT && !utf8_is_valid(p + i, len)))
			return line;
		line += p[i] == '\n';
		i += len;
	}
	return 0;
}

int mail_template_parse(struct arena *a, const char *p, size_t n, struct mail_template *out,
	struct err *e)
{
	static const char mark[] = "\xEF\xBB\xBF";
	if (n > MAIL_TEMPLATE_BYTES)
		return err_set(e, ERR_TOOBIG, _("A template holds 64 KB at most."));
	size_t bad = bad_line(p, n);
	if (bad) {
		err_set(e, ERR_PARSE, _("This is no text in UTF-8."));
		return at_line(bad, e);
	}
	*out = (struct mail_template){.body = ""};
	size_t skip = n >= 3 && !memcmp(p, mark, 3) ? 3 : 0;
	struct file_reader r = {.a = a, .rest = {p + skip, n - skip}, .out = out};
	r.questions = arena_array(a, QUESTIONS_MOST, sizeof(*r.questions));
	out->questions = r.questions;
	if (read_front_matter(&r, e) < 0)
		return at_line(r.line, e);
	read_body(&r);
	if (out->subject && mail_template_check(out->subject, r.subject_line, e))
		return -1;
	return mail_template_check(out->body, out->body_line, e);
}

void mail_template_add_label(const struct mail_template *t, const char *name, struct buf *out)
{
	for (size_t i = 0; t && i < t->n_questions; i++) {
		if (strcmp(t->questions[i].name, name) != 0)
			continue;
		buf_addstr(out, t->questions[i].label);
		return;
	}
	for (const char *p = name; *p; p++)
		buf_addch(out, *p == '_' || *p == '.' ? ' ' : p == name ? ascii_upper(*p) : *p);
}
