/*
 * mail_template.c - the language of mail templates: tags taken apart, checked, filled. One pass,
 * no recursion; what is filled in is not looked at again.
 */
#include "config.h"

#include "mail_template_private.h"

#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#define DAYS_MOST 3660 /* from today */
#define FOLDED_MOST ((size_t)16 << 10)

static const char *const known[] = {"contact.name", "contact.first_name", "contact.last_name",
	"contact.title", "contact.email", "contact.phone", "partner.name", "partner.domain",
	"deal.name", "deal.number", "deal.value", "deal.amount", "deal.currency", "deal.stage",
	"deal.next_step", "deal.close_date", "me.name", "me.first_name", "me.email",
	"thread.subject", "thread.date", "date", NULL};

enum tag_kind { TAG_VALUE, TAG_IF, TAG_ELSE, TAG_ELSE_IF, TAG_END };
enum test { TEST_GIVEN, TEST_EQUAL, TEST_DIFFERS };

struct tag {
	enum tag_kind kind;
	struct span whole; /* "{{...}}" */
	struct span name;
	struct span filters; /* what follows the first '|' */
	int64_t offset;      /* of date */
	char unit;
	bool is_not;
	enum test test;
	struct span operand;
};

struct level {         /* of conditions */
	bool was_live; /* around it */
	bool is_taken; /* one of its branches was */
	bool has_else;
	size_t line; /* of its "if" */
};

struct walk {
	const char *text, *at;
	size_t line;
	struct level levels[MAIL_TEMPLATE_DEPTH];
	size_t depth;
	bool is_live;
};

const char *const *mail_template_known(void)
{
	return known;
}

/* ---- names ------------------------------------------------------------------------------------*/

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_isdigit(c) || c == '_' || c == '.';
}

bool mail_template_is_name(struct span name)
{
	static const char *const words[] = {"if", "else", "end", "not"};
	bool is_start = true;
	if (!name.len || name.len >= MAIL_TEMPLATE_NAME)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!is_name_char(name.p[i]) || (is_start && !ascii_isalpha(name.p[i])))
			return false;
		is_start = name.p[i] == '.';
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_eq(name, words[i]))
			return false;
	return !is_start;
}

static bool is_known(struct span name)
{
	for (size_t i = 0; known[i]; i++)
		if (span_eq(name, known[i]))
			return true;
	return false;
}

/* Of one of the groups whose names are all known. */
static bool is_grouped(struct span name)
{
	const char *dot = memchr(name.p, '.', name.len);
	size_t len = dot ? (size_t)(dot - name.p) + 1 : 0;
	for (size_t i = 0; len && known[i]; i++)
		if (strlen(known[i]) > len && !memcmp(name.p, known[i], len))
			return true;
	return false;
}

static int refuse_name(struct span name, struct err *e)
{
	return err_set(e, ERR_PARSE,
		_("\"%.*s\" is no name: small letters, digits, \"_\" and \".\" make one."),
		name.len > 40 ? 40 : (int)name.len, name.len ? name.p : "");
}

static int check_name(struct span name, struct err *e)
{
	if (!mail_template_is_name(name))
		return refuse_name(name, e);
	if (is_grouped(name) && !is_known(name))
		return err_set(e, ERR_PARSE, _("There is no variable \"%.*s\"."), (int)name.len,
			name.p);
	return 0;
}

/* ---- tags -------------------------------------------------------------------------------------*/

static struct span unquoted(struct span s)
{
	s = span_trim(s);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		return (struct span){s.p + 1, s.len - 2};
	return s;
}

static bool filter_next(struct span *rest, struct span *name, struct span *arg, bool *has_arg)
{
	struct span piece;
	if (!rest->len || !span_next(rest, '|', &piece))
		return false;
	const char *colon = memchr(piece.p, ':', piece.len);
	size_t len = colon ? (size_t)(colon - piece.p) : piece.len;
	*has_arg = colon != NULL;
	*name = span_trim((struct span){piece.p, len});
	*arg = colon ? unquoted((struct span){colon + 1, piece.len - len - 1}) : SPAN_LIT("");
	return true;
}

static int check_filters(struct span rest, struct err *e)
{
	struct span name, arg;
	bool has_arg;
	for (size_t n = 1; filter_next(&rest, &name, &arg, &has_arg); n++) {
		if (n > MAIL_TEMPLATE_FILTERS)
			return err_set(e, ERR_PARSE, _("A variable has %d filters at most."),
				MAIL_TEMPLATE_FILTERS);
		if (template_filter_check(name, has_arg ? &arg : NULL, e))
			return -1;
	}
	return 0;
}

/* "+3d" behind date. */
static bool parse_offset(struct span s, struct tag *t)
{
	if (s.len < 3 || (s.p[0] != '+' && s.p[0] != '-') || !strchr("dbwm", s.p[s.len - 1]))
		return false;
	if (!span_to_i64(span_trim((struct span){s.p + 1, s.len - 2}), 0, DAYS_MOST, &t->offset))
		return false;
	t->unit = s.p[s.len - 1];
	t->offset = s.p[0] == '-' ? -t->offset : t->offset;
	return true;
}

static int parse_value(struct span inner, struct tag *t, struct err *e)
{
	const char *bar = memchr(inner.p, '|', inner.len);
	struct span name = {inner.p, bar ? (size_t)(bar - inner.p) : inner.len};
	size_t n = 0;
	t->kind = TAG_VALUE;
	if (bar)
		t->filters = (struct span){bar + 1, inner.len - name.len - 1};
	name = span_trim(name);
	while (n < name.len && is_name_char(name.p[n]))
		n++;
	t->name = (struct span){name.p, n};
	struct span rest = span_trim((struct span){name.p + n, name.len - n});
	if (rest.len && (!span_eq(t->name, "date") || !parse_offset(rest, t))) {
		if (!span_eq(t->name, "date"))
			return refuse_name(name, e);
		return err_set(e, ERR_PARSE,
			_("\"%.*s\" is no day: date+3d, date-1w, date+2m or date+5b is one."),
			name.len > 40 ? 40 : (int)name.len, name.p);
	}
	if (bar && !span_trim(t->filters).len)
		return err_set(e, ERR_PARSE, _("A \"|\" has no filter behind it."));
	return check_name(t->name, e) || check_filters(t->filters, e) ? -1 : 0;
}

/* NAME, NAME = TEXT, NAME != TEXT, each with "not" before it. */
static int parse_test(struct span s, struct tag *t, struct err *e)
{
	s = span_trim(s);
	if (s.len > 4 && !memcmp(s.p, "not", 3) && ascii_isspace(s.p[3])) {
		t->is_not = true;
		s = span_trim((struct span){s.p + 4, s.len - 4});
	}
	const char *equal = memchr(s.p, '=', s.len);
	size_t n = equal ? (size_t)(equal - s.p) : s.len;
	if (equal) {
		t->operand = unquoted((struct span){equal + 1, s.len - n - 1});
		t->test = n && s.p[n - 1] == '!' ? TEST_DIFFERS : TEST_EQUAL;
		n -= t->test == TEST_DIFFERS;
	}
	t->name = span_trim((struct span){s.p, n});
	if (!t->name.len)
		return err_set(e, ERR_PARSE, _("An \"if\" needs a variable to look at."));
	return check_name(t->name, e);
}

static bool takes_word(struct span *s, const char *word)
{
	size_t n = strlen(word);
	if (s->len < n || memcmp(s->p, word, n) != 0 || (s->len > n && !ascii_isspace(s->p[n])))
		return false;
	*s = span_trim((struct span){s->p + n, s->len - n});
	return true;
}

static int parse_tag(struct span whole, struct tag *t, struct err *e)
{
	struct span inner = span_trim((struct span){whole.p + 2, whole.len - 4});
	struct span rest = inner;
	*t = (struct tag){.whole = whole, .unit = 'd'};
	if (takes_word(&rest, "if")) {
		t->kind = TAG_IF;
		return parse_test(rest, t, e);
	}
	if (takes_word(&rest, "else")) {
		t->kind = rest.len ? TAG_ELSE_IF : TAG_ELSE;
		if (!rest.len)
			return 0;
		if (takes_word(&rest, "if"))
			return parse_test(rest, t, e);
		return err_set(e, ERR_PARSE, _("After \"else\" comes nothing, or \"if\"."));
	}
	if (span_eq(inner, "end")) {
		t->kind = TAG_END;
		return 0;
	}
	return parse_value(inner, t, e);
}

/* ---- walking ----------------------------------------------------------------------------------*/

static const char *tag_end(const char *open)
{
	for (const char *p = open + 2; *p && *p != '\n'; p++)
		if (p[0] == '}' && p[1] == '}')
			return p + 2;
	return NULL;
}

/* The text up to the next tag, and the tag; 1, 0 at the end (the rest of the text is in
 * *literal), -1. */
static int walk_next(struct walk *w, struct span *literal, struct tag *t, struct err *e)
{
	const char *open = strstr(w->at, "{{");
	*literal = (struct span){w->at, open ? (size_t)(open - w->at) : strlen(w->at)};
	for (size_t i = 0; i < literal->len; i++)
		w->line += literal->p[i] == '\n';
	w->at += literal->len;
	if (!open)
		return 0;
	const char *end = tag_end(open);
	if (!end)
		return err_set(e, ERR_PARSE, _("A \"{{\" is not closed on its line."));
	w->at = end;
	return parse_tag((struct span){open, (size_t)(end - open)}, t, e) ? -1 : 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A condition alone on its line takes the line away: what it left of it in `out` goes, and what
 * follows is passed over. */
static void take_line(struct walk *w, const struct tag *t, struct buf *out)
{
	const char *from = t->whole.p, *to = w->at;
	while (from > w->text && is_blank(from[-1]))
		from--;
	while (is_blank(*to))
		to++;
	if ((from > w->text && from[-1] != '\n') || (*to && *to != '\n'))
		return;
	if (w->is_live && out)
		buf_truncate(out, out->len - (size_t)(t->whole.p - from));
	w->line += *to == '\n';
	w->at = to + (*to == '\n');
}

static int enter(struct walk *w, bool holds, size_t line, struct err *e)
{
	if (w->depth == MAIL_TEMPLATE_DEPTH)
		return err_set(e, ERR_PARSE, _("Conditions lie %d deep at most."),
			MAIL_TEMPLATE_DEPTH);
	w->levels[w->depth++] =
		(struct level){.was_live = w->is_live, .is_taken = holds, .line = line};
	w->is_live = w->is_live && holds;
	return 0;
}

static int turn(struct walk *w, const struct tag *t, bool holds, struct err *e)
{
	struct level *l = w->depth ? &w->levels[w->depth - 1] : NULL;
	if (!l)
		return err_set(e, ERR_PARSE, _("\"%s\" has no \"if\" before it."),
			t->kind == TAG_END ? "end" : "else");
	if (t->kind == TAG_END) {
		w->is_live = l->was_live;
		w->depth--;
		return 0;
	}
	if (l->has_else)
		return err_set(e, ERR_PARSE, _("An \"else\" follows the last \"else\"."));
	l->has_else = t->kind == TAG_ELSE;
	w->is_live = l->was_live && !l->is_taken && (l->has_else || holds);
	l->is_taken = l->is_taken || holds || l->has_else;
	return 0;
}

static int at_line(size_t line, struct err *e)
{
	/* TRANSLATORS: what is wrong with a file follows the colon */
	return err_wrap(e, _("Line %zu"), line);
}

static int walk_end(const struct walk *w, struct err *e)
{
	if (!w->depth)
		return 0;
	err_set(e, ERR_PARSE, _("An \"if\" has no \"end\"."));
	return at_line(w->levels[w->depth - 1].line, e);
}

int mail_template_check(const char *text, size_t first_line, struct err *e)
{
	struct walk w = {.text = text, .at = text, .line = first_line, .is_live = true};
	struct span literal;
	struct tag t;
	int more;
	while ((more = walk_next(&w, &literal, &t, e)) > 0) {
		size_t line = w.line;
		int rc = t.kind == TAG_VALUE ? 0
			 : t.kind == TAG_IF  ? enter(&w, true, line, e)
					     : turn(&w, &t, false, e);
		if (rc)
			return at_line(line, e);
	}
	return more < 0 ? at_line(w.line, e) : walk_end(&w, e);
}

/* ---- filling ----------------------------------------------------------------------------------*/

static void add_foreign(struct buf *out, const char *text)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(MAIL_TEMPLATE_VALUE * 4);
	size_t n = strnlen(text, MAIL_TEMPLATE_VALUE);
	while (text[n] && n && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	utf8_sanitise(&clean, text, n, SANITISE_LINE | SANITISE_KEEP_ZW);
	struct span s = span_trim((struct span){clean.p, clean.len});
	buf_add(out, s.p, s.len);
}

static void look_up(const struct mail_template_values *values, const struct tag *t,
	struct template_value *v)
{
	v->is_absent = true;
	v->kind = MAIL_TEMPLATE_TEXT;
	if (span_eq(t->name, "date")) {
		int64_t today = template_date_today(values->now, values->utc_offset_min);
		v->is_absent = false;
		v->kind = MAIL_TEMPLATE_DATE;
		template_date_write(v->text, template_date_add(today, t->offset, t->unit), NULL,
			DATE_ISO);
		return;
	}
	for (size_t i = 0; i < values->n && v->is_absent; i++) {
		if (!span_eq(t->name, values->v[i].name) || !values->v[i].text)
			continue;
		add_foreign(v->text, values->v[i].text);
		v->is_absent = v->text->len == 0;
		v->kind = values->v[i].kind;
	}
}

static bool test_holds(const struct mail_template_values *values, const struct tag *t)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_TEMPLATE_FILLED);
	CLEANUP(buf_release) struct buf left = BUF_INIT(FOLDED_MOST);
	CLEANUP(buf_release) struct buf right = BUF_INIT(FOLDED_MOST);
	struct template_value v = {.text = &text};
	bool holds;
	look_up(values, t, &v);
	if (t->test == TEST_GIVEN) {
		holds = !v.is_absent;
	} else {
		fold_plain(&left, text.p, text.len);
		fold_plain(&right, t->operand.p, t->operand.len);
		holds = (strcmp(left.p, right.p) == 0) == (t->test == TEST_EQUAL);
	}
	return holds != t->is_not;
}

static int add_gap(struct mail_template_gaps *gaps, const struct tag *t, size_t line, struct err *e)
{
	for (size_t i = 0; i < gaps->n; i++)
		if (span_eq(t->name, gaps->v[i].name))
			return 0;
	if (gaps->n == MAIL_TEMPLATE_GAPS)
		return err_set(e, ERR_TOOBIG, _("It asks for more than %d things."),
			MAIL_TEMPLATE_GAPS);
	struct mail_template_gap *g = &gaps->v[gaps->n++];
	memcpy(g->name, t->name.p, t->name.len);
	g->name[t->name.len] = '\0';
	g->line = line;
	return 0;
}

static int add_value(const struct mail_template_values *values, const struct tag *t, size_t line,
	struct buf *out, struct mail_template_gaps *gaps, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_TEMPLATE_FILLED);
	struct template_value v = {.text = &text};
	struct span rest = t->filters, name, arg;
	bool has_arg;
	look_up(values, t, &v);
	while (filter_next(&rest, &name, &arg, &has_arg))
		template_filter_apply(name, arg, values->lang, &v);
	template_value_settle(&v, values->lang);
	if (v.is_absent) {
		buf_add(out, t->whole.p, t->whole.len);
		return add_gap(gaps, t, line, e);
	}
	buf_add(out, text.p, text.len);
	return 0;
}

static int fill_tag(struct walk *w, const struct mail_template_values *values, const struct tag *t,
	struct buf *out, struct mail_template_gaps *gaps, struct err *e)
{
	if (t->kind == TAG_VALUE)
		return w->is_live ? add_value(values, t, w->line, out, gaps, e) : 0;
	bool has_test = t->kind == TAG_IF || t->kind == TAG_ELSE_IF;
	bool holds = has_test && test_holds(values, t);
	size_t line = w->line;
	take_line(w, t, out);
	return t->kind == TAG_IF ? enter(w, holds, line, e) : turn(w, t, holds, e);
}

int mail_template_fill(const char *text, const struct mail_template_values *values, struct buf *out,
	struct mail_template_gaps *gaps, struct err *e)
{
	struct walk w = {.text = text, .at = text, .line = 1, .is_live = true};
	struct span literal;
	struct tag t;
	int more;
	do {
		more = walk_next(&w, &literal, &t, e);
		size_t line = w.line;
		if (w.is_live)
			buf_add(out, literal.p, literal.len);
		if (more > 0 && fill_tag(&w, values, &t, out, gaps, e))
			return at_line(line, e);
	} while (more > 0 && !out->failed);
	if (out->failed || out->len > MAIL_TEMPLATE_FILLED)
		return err_set(e, ERR_TOOBIG, _("The filled template is longer than 1 MB."));
	return more < 0 ? at_line(w.line, e) : walk_end(&w, e);
}

/* ---- what is left -----------------------------------------------------------------------------*/

static bool gap_in(struct span line, struct span *gap)
{
	const char *open = line.len ? memmem(line.p, line.len, "{{", 2) : NULL;
	size_t before = open ? (size_t)(open - line.p) : 0;
	const char *close = open ? memmem(open, line.len - before, "}}", 2) : NULL;
	if (!close)
		return false;
	*gap = (struct span){open, (size_t)(close - open) + 2};
	return true;
}

static bool is_forward_mark(struct span line)
{
	static const char mark[] = "---------- ";
	size_t n = sizeof(mark) - 1;
	return line.len > 2 * n && !memcmp(line.p, mark, n) && line.p[line.len - 1] == '-' &&
	       line.p[n] != '-';
}

bool mail_template_find_gap(const char *text, struct span *gap, size_t *line)
{
	struct span rest = span_of(text), at;
	for (size_t n = 1; span_next(&rest, '\n', &at); n++) {
		if (is_forward_mark(at))
			return false; /* what follows are the words of others */
		if ((at.len && at.p[0] == '>') || !gap_in(at, gap))
			continue;
		*line = n;
		return true;
	}
	return false;
}
