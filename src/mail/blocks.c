/*
 * blocks.c - render_blocks(): which lines are quoted, which are the writer's own. One pass with a
 * bounded look ahead; the phrases are in blocks_words.c.
 *
 * The rules lean to one side: a quote that stays unfolded costs a glance, own words that get
 * folded cost the reader the mail. So a line is an attribution only if it looks like one of a mail
 * program and a quote follows; "--" begins a signature only if it is short and nothing but quotes
 * comes behind; a header block counts only with the fields that programs write.
 */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "blocks.h"
#include "blocks_words.h"
#include "crmail/base/arena.h"
#include "quote_mark.h"
#include "render_limits.h"

#define ATTRIBUTION_LINES 4
#define ATTRIBUTION_BYTES 400
#define ATTRIBUTION_BLANKS 3 /* blank lines between an attribution and its quote */
#define HEADER_LINES 40      /* of a header block, with the folded ones */
#define SIGNATURE_LINES 20
#define DEVICE_BYTES 120
#define PROMPT_LINES 20
#define RULE_CELLS 10

struct line {
	struct span s;   /* without the line end */
	size_t at, next; /* next is past the text behind the last line */
};

struct scanner {
	struct arena *a;
	struct span text;
	struct render_block *blocks;
	size_t n, cap;
	bool has_own;    /* text that is not blank was seen */
	size_t probed;   /* lines before it were asked by starts_quoted_part(): none starts one */
	uint64_t *reads; /* bytes looked at; shared with the copies that only ask */
	bool bar_ok;     /* an attribution just ended: "|" quotes too */
};

static bool line_at(const struct scanner *s, size_t at, struct line *out)
{
	if (at > s->text.len)
		return false;
	const char *p = s->text.p + at;
	const char *lf = at < s->text.len ? memchr(p, '\n', s->text.len - at) : NULL;
	size_t end = lf ? (size_t)(lf - s->text.p) : s->text.len;
	*out = (struct line){.s = {p, end - at}, .at = at, .next = end + 1};
	*s->reads += end - at + 1;
	return true;
}

static bool is_blank(struct span s)
{
	return span_trim(s).len == 0;
}

/* The first line at or after `at` that is not blank, looking at most `limit` blank ones over. */
static bool next_filled(const struct scanner *s, size_t at, unsigned limit, struct line *out)
{
	while (line_at(s, at, out)) {
		if (!is_blank(out->s))
			return true;
		if (limit-- == 0)
			return false;
		at = out->next;
	}
	return false;
}

static bool is_quoted(struct span line)
{
	unsigned depth;
	return quote_marks(line.p, line.len, &depth) > 0;
}

/* "| text": only behind an attribution, and no row of a table. */
static bool is_bar_quoted(struct span line)
{
	struct span t = span_trim(line);
	return t.len >= 1 && *t.p == '|' && (t.len == 1 || t.p[1] == ' ') &&
	       (t.len < 3 || !memchr(t.p + 2, '|', t.len - 2));
}

/* Puts the lines from `at` up to `next` into a block, or to the last one of the same kind. */
static void add_block(struct scanner *s, enum block_kind kind, size_t at, size_t next)
{
	size_t end = next > s->text.len ? s->text.len : next - 1;
	struct render_block *last = s->n ? &s->blocks[s->n - 1] : NULL;

	if (last && (last->kind == kind || s->n == RENDER_MAX_BLOCKS)) {
		if (last->kind != kind)
			last->kind = BLOCK_TEXT;
		last->text.len = (size_t)(s->text.p + end - last->text.p);
		return;
	}
	struct render_block *blocks =
		arena_grow(s->a, s->blocks, &s->cap, s->n + 1, sizeof(*blocks));
	if (!blocks)
		return;
	s->blocks = blocks;
	blocks[s->n++] = (struct render_block){kind, {s->text.p + at, end - at}};
}

/* Cuts the dashes around "-----Original Message-----"; how many stood in front. */
static size_t strip_dashes(struct span *t)
{
	size_t n = 0;

	*t = span_trim(*t);
	while (t->len && strchr("-_=*", *t->p)) {
		t->p++;
		t->len--;
		n++;
	}
	while (t->len && strchr("-_=* ", t->p[t->len - 1]))
		t->len--;
	*t = span_trim(*t);
	return n;
}

/* A line of dashes, underscores or our own rule. */
static bool is_rule(struct span line)
{
	struct span t = span_trim(line);
	const size_t mark = sizeof(RENDER_RULE) - 1;

	if (t.len >= mark * 2 && memcmp(t.p, RENDER_RULE, mark) == 0)
		return true;
	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] != '_' && t.p[i] != '-')
			return false;
	}
	return t.len >= RULE_CELLS;
}

struct header_seen {
	bool from, addr, date, to, subject;
};

static bool is_header_block(const struct header_seen *h)
{
	/* without an address it may be somebody's list: then every field is asked for */
	return h->from && h->date && (h->addr ? h->subject || h->to : h->subject && h->to);
}

static void note_label(struct header_seen *h, enum header_label label, struct span line)
{
	h->from |= label == LABEL_FROM;
	h->addr |= label == LABEL_FROM && memchr(line.p, '@', line.len);
	h->date |= label == LABEL_DATE;
	h->to |= label == LABEL_TO;
	h->subject |= label == LABEL_SUBJECT;
}

/* Where the header block that begins at `at` ends, 0 = there is none. */
static size_t header_block_end(const struct scanner *s, size_t at)
{
	struct header_seen seen = {false};
	struct line l, ahead;
	enum header_label last = LABEL_NONE;
	size_t end = 0;

	for (unsigned i = 0; i < HEADER_LINES && line_at(s, at, &l); i++, at = l.next) {
		enum header_label label = words_label(l.s);
		if (i == 0 && label != LABEL_FROM)
			return 0;
		if (is_blank(l.s)) {
			if (!line_at(s, l.next, &ahead) || words_label(ahead.s) == LABEL_NONE)
				break;
			continue;
		}
		bool complete = seen.from && seen.date && seen.subject;
		bool can_fold = last == LABEL_TO || last == LABEL_CC || last == LABEL_SUBJECT;
		if (label == LABEL_NONE && (complete || !(can_fold || *l.s.p == ' ')))
			break;
		if (label == LABEL_FROM && i > 0)
			break;
		last = label == LABEL_NONE ? last : label;
		note_label(&seen, label, l.s);
		end = l.next;
	}
	return is_header_block(&seen) ? end : 0;
}

/* What stands behind a header block or a separator carries no marks: one block to the end. */
static size_t add_unmarked(struct scanner *s, size_t at, size_t head_end)
{
	struct line l;
	bool marked = next_filled(s, head_end, ATTRIBUTION_BLANKS, &l) && is_quoted(l.s);
	size_t past = s->text.len + 1;

	if (marked) {
		add_block(s, BLOCK_ATTRIBUTION, at, head_end);
		return head_end;
	}
	if (!s->has_own) {
		add_block(s, BLOCK_FORWARD, at, past);
		return past;
	}
	add_block(s, BLOCK_ATTRIBUTION, at, head_end);
	if (head_end <= s->text.len)
		add_block(s, BLOCK_QUOTE, head_end, past);
	return past;
}

static size_t match_header_block(struct scanner *s, const struct line *l)
{
	struct line from = *l;

	if (is_rule(l->s) && !next_filled(s, l->next, 2, &from))
		return 0;
	if (words_label(from.s) != LABEL_FROM)
		return 0;
	size_t end = header_block_end(s, from.at);
	return end ? add_unmarked(s, l->at, end) : 0;
}

static size_t match_original(struct scanner *s, const struct line *l)
{
	struct span t = l->s;
	struct line from;

	if (l->s.len > ATTRIBUTION_BYTES || strip_dashes(&t) < 2 || !words_are_original(t))
		return 0;
	size_t end = next_filled(s, l->next, 2, &from) ? header_block_end(s, from.at) : 0;
	return add_unmarked(s, l->at, end ? end : l->next);
}

static bool ends_in_colon(struct span s)
{
	s = span_trim(s);
	return (s.len && s.p[s.len - 1] == ':') ||
	       (s.len >= 3 && memcmp(s.p + s.len - 3, "\uFF1A", 3) == 0);
}

static size_t match_forward(struct scanner *s, const struct line *l)
{
	struct span t = l->s;
	struct line from;
	bool bare;

	if (l->s.len > ATTRIBUTION_BYTES)
		return 0;
	size_t dashes = strip_dashes(&t);
	if (!t.len || (dashes < 2 && !ends_in_colon(t)) || !words_are_forward(t, &bare))
		return 0;
	if (dashes < 2 &&
		!(bare && next_filled(s, l->next, 3, &from) && words_label(from.s) != LABEL_NONE))
		return 0;
	add_block(s, BLOCK_FORWARD, l->at, s->text.len + 1);
	return s->text.len + 1;
}

static size_t count_digits(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ascii_isdigit(s.p[i]);
	return n;
}

/* "Laura Palmer wrote:": every word but the last begins with a capital or is not ASCII. */
static bool is_name_and_verb(struct span s)
{
	struct span word;
	size_t words = 0, small = 0;

	while (span_next(&s, ' ', &word)) {
		if (!word.len)
			continue;
		words++;
		small += *word.p >= 'a' && *word.p <= 'z';
	}
	return words >= 2 && words <= 6 && small <= 1;
}

/* Whether the text reads like the line that a mail program writes above a quote. */
static bool reads_like_attribution(struct span s)
{
	bool verb = words_have_verb(s);
	bool addr = memchr(s.p, '@', s.len) != NULL;
	size_t digits = count_digits(s);

	if (addr && (digits >= 4 || verb))
		return !words_have_own(s) || words_are_lead(s);
	if (!verb || words_have_own(s))
		return false;
	return digits >= 4 || words_are_phrase_lead(s) || is_name_and_verb(s);
}

/* Joins the lines [from, to) with blanks, as far as an attribution may be long. */
static struct span join_lines(char *to, const struct line *l, size_t from, size_t end)
{
	size_t n = 0;

	for (size_t i = from; i < end; i++) {
		struct span t = span_trim(l[i].s);
		if (n + t.len + 1 > ATTRIBUTION_BYTES)
			return (struct span){to, 0};
		if (n)
			to[n++] = ' ';
		if (t.len)
			memcpy(to + n, t.p, t.len);
		n += t.len;
	}
	return (struct span){to, n};
}

/* Whether lines [from, end) are an attribution as a whole. Of several lines the first must begin
 * like one, or hold the address that the others then lack: what somebody wrote on the line above
 * is not part of it. */
static bool is_attribution(const struct line *l, size_t from, size_t end)
{
	char joined[ATTRIBUTION_BYTES + 1];
	struct span s = join_lines(joined, l, from, end);

	if (!s.len || !reads_like_attribution(s))
		return false;
	if (end - from == 1)
		return true;
	struct span first = span_trim(l[from].s);
	struct span rest = {joined + first.len, s.len - first.len};
	if (words_are_lead(first))
		return true;
	return memchr(first.p, '@', first.len) && !memchr(rest.p, '@', rest.len);
}

static size_t match_attribution(struct scanner *s, const struct line *first)
{
	struct line l[ATTRIBUTION_LINES], quote;
	size_t n = 0;
	size_t at = first->at;

	while (n < ATTRIBUTION_LINES && line_at(s, at, &l[n]) && !is_blank(l[n].s) &&
		!is_quoted(l[n].s) && l[n].s.len <= ATTRIBUTION_BYTES) {
		at = l[n].next;
		n++;
		if (ends_in_colon(l[n - 1].s))
			break;
	}
	if (!n || !ends_in_colon(l[n - 1].s) || !next_filled(s, at, ATTRIBUTION_BLANKS, &quote) ||
		!(is_quoted(quote.s) || is_bar_quoted(quote.s)) || !is_attribution(l, 0, n))
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (words_are_lead(span_trim(l[i].s)) && is_attribution(l, i, n) &&
			!words_are_phrase_lead(span_trim(l[0].s)))
			return 0;
	}
	add_block(s, BLOCK_ATTRIBUTION, first->at, quote.at);
	s->bar_ok = true;
	return quote.at;
}

/* ">From" is how mbox files write "From" at the start of a line: somebody's own word. */
static bool is_from_stuffed(const struct scanner *s, const struct line *l)
{
	struct line ahead;
	bool before = s->n && s->blocks[s->n - 1].kind == BLOCK_QUOTE;

	return l->s.len > 6 && memcmp(l->s.p, ">From ", 6) == 0 && !before &&
	       !(line_at(s, l->next, &ahead) && is_quoted(ahead.s));
}

/* ">>> print(x)" of an interpreter: three marks at once, and no line of fewer marks behind them, as
 * quotes that begin with their oldest lines have. */
static bool is_prompt(const struct scanner *s, const struct line *l)
{
	bool attributed = s->n && s->blocks[s->n - 1].kind != BLOCK_TEXT;
	struct line now = *l;

	if (attributed)
		return false;
	for (unsigned i = 0; i < PROMPT_LINES; i++) {
		if (now.s.len < 5 || memcmp(now.s.p, ">>> ", 4) != 0 || now.s.p[4] == '>')
			return i > 0 && !is_quoted(now.s);
		if (!line_at(s, now.next, &now))
			return true;
	}
	return false;
}

static size_t match_quote(struct scanner *s, const struct line *l)
{
	bool bars = s->bar_ok && is_bar_quoted(l->s);
	struct line now = *l;
	size_t end = l->next;

	if (!bars && (!is_quoted(l->s) || is_from_stuffed(s, l) || is_prompt(s, l)))
		return 0;
	/* blank lines between quoted ones belong to the quote, those behind the last do not */
	bool apart = false;
	for (size_t at = l->next; line_at(s, at, &now); at = now.next) {
		if (is_blank(now.s)) {
			apart = true;
			continue;
		}
		if (bars ? !is_bar_quoted(now.s)
			 : !is_quoted(now.s) || (apart && is_from_stuffed(s, &now)))
			break;
		end = now.next;
		apart = false;
	}
	add_block(s, BLOCK_QUOTE, l->at, end);
	return end;
}

static bool starts_quoted_part(struct scanner *s, const struct line *l)
{
	/* asks by trying on a copy that writes its blocks nowhere that counts */
	if (l->at < s->probed)
		return false;
	struct arena probe = ARENA_INIT;
	struct scanner copy = *s;
	copy.a = &probe;
	copy.blocks = NULL;
	copy.n = copy.cap = 0;
	bool yes = is_quoted(l->s) || match_forward(&copy, l) || match_original(&copy, l) ||
		   match_header_block(&copy, l) || match_attribution(&copy, l);
	arena_release(&probe);
	if (!yes)
		s->probed = l->next;
	return yes;
}

static size_t match_signature(struct scanner *s, const struct line *l)
{
	struct span t = l->s;
	struct line now = *l;
	size_t end = l->next;

	while (t.len && (t.p[t.len - 1] == ' '))
		t.len--;
	if (!span_eq(t, "--"))
		return 0;
	for (unsigned i = 0; line_at(s, end, &now); i++, end = now.next) {
		if (starts_quoted_part(s, &now))
			break;
		if (i >= SIGNATURE_LINES)
			return 0;
	}
	add_block(s, BLOCK_SIGNATURE, l->at, end);
	return end;
}

/* Whether the line behind a footer leaves it one: a cheap question that most lines answer. */
static bool may_follow_footer(struct span line)
{
	struct span t = span_trim(line);

	return !t.len || strchr("-_=*>|", *t.p) || is_rule(line) || words_are_lead(t) ||
	       words_label(t) != LABEL_NONE || ends_in_colon(t) || memchr(t.p, '@', t.len);
}

/* The first line at or after `at` that is not blank, however far; false at the end. */
static bool first_filled(const struct scanner *s, size_t from, struct line *out)
{
	size_t at = from, start = from;

	for (; at < s->text.len && ascii_isspace(s->text.p[at]); at++) {
		if (s->text.p[at] == '\n')
			start = at + 1;
	}
	*s->reads += at - from;
	return at < s->text.len && line_at(s, start, out);
}

/* One or two lines such as "Sent from my iPhone", with nothing but quotes behind them. */
static size_t match_device(struct scanner *s, const struct line *l)
{
	struct span t = span_trim(l->s);
	struct line behind, third;
	size_t end = l->next;

	if (!t.len || t.len > DEVICE_BYTES)
		return 0;
	bool more = first_filled(s, l->next, &behind);
	if (more && !may_follow_footer(behind.s)) {
		bool last = !first_filled(s, behind.next, &third);
		if (behind.s.len > DEVICE_BYTES || (!last && !may_follow_footer(third.s)) ||
			!words_are_device(span_trim(behind.s)))
			return 0;
		end = behind.next;
		more = !last;
		behind = third;
	}
	if (!words_are_device(t) || (more && !starts_quoted_part(s, &behind)))
		return 0;
	add_block(s, BLOCK_SIGNATURE, l->at, end);
	return end;
}

/* What begins at the line: puts its blocks and returns where it ends; 0 = the line is text. */
static size_t match_any(struct scanner *s, const struct line *l)
{
	static size_t (*const matches[])(struct scanner *, const struct line *) = {
		match_forward,
		match_original,
		match_header_block,
		match_attribution,
		match_quote,
		match_signature,
		match_device,
	};

	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		size_t next = matches[i](s, l);
		if (next)
			return next;
	}
	return 0;
}

void blocks_split(struct arena *a, struct span text, const struct render_block **out, size_t *n,
	uint64_t *reads)
{
	struct scanner s = {.a = a, .text = text, .reads = reads};
	struct line l;
	size_t at = 0;

	while (text.len && line_at(&s, at, &l)) {
		bool bars = s.bar_ok;
		size_t next = is_blank(l.s) ? 0 : match_any(&s, &l);
		if (!next) {
			add_block(&s, BLOCK_TEXT, l.at, l.next);
			s.has_own = s.has_own || !is_blank(l.s);
			next = l.next;
		}
		if (bars)
			s.bar_ok = false;
		at = next;
	}
	*out = s.blocks;
	*n = s.n;
}

void render_blocks(struct arena *a, struct span text, const struct render_block **out, size_t *n)
{
	uint64_t reads = 0;
	blocks_split(a, text, out, n, &reads);
}
