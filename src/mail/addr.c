/*
 * addr.c - reads address lists as they really come: groups, comments, routes, missing quotes,
 * missing commas. One pass with explicit state: nothing recurses, nothing is scanned twice.
 */
#include "config.h"

#include "crmail/mail/addr.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/header.h"

#define ADDR_MAX_ENTRIES 250000
#define CARRY_MAX_BYTES 1000 /* of words without an address kept for the next entry's name */
#define WORD_LOOK_BYTES 400  /* of an encoded word */
#define GAP '\n'             /* between words; never inside one */

struct parser {
	struct arena *a;
	const char *p;
	size_t n, i;
	struct buf phrase;  /* words of the open entry, unquoted, one blank between them */
	struct buf words;   /* the same as written, GAP between them */
	struct buf angle;   /* what stands in <>, without blanks and comments */
	struct buf comment; /* the last comment */
	bool has_angle;
	bool gap;              /* blanks stand before the next piece */
	bool has_at;           /* words holds an '@' */
	bool carried;          /* phrase begins with words of the entry before */
	bool no_quote, no_end; /* no closing quote or parenthesis ahead: not looked for again */
	struct addr *v;
	size_t n_out, cap;
	bool bad;
};

static void reset_entry(struct parser *s)
{
	buf_reset(&s->phrase);
	buf_reset(&s->words);
	buf_reset(&s->angle);
	buf_reset(&s->comment);
	s->has_angle = s->gap = s->has_at = s->carried = false;
}

/* Decoded and trimmed; NULL when nothing is left. */
static const char *decode_name(struct parser *s, const struct buf *raw)
{
	if (raw->len == 0)
		return NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * raw->len + 16);
	rfc2047_decode(&text, raw->p, raw->len);
	struct span name = span_trim((struct span){text.p, text.len});
	return name.len > 0 ? arena_strndup(s->a, name.p, name.len) : NULL;
}

static void emit(struct parser *s, const char *p, size_t n, const char *name)
{
	struct addr *v = NULL;
	if (s->n_out < ADDR_MAX_ENTRIES)
		v = arena_grow(s->a, s->v, &s->cap, s->n_out + 1, sizeof(*v));
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * n + 16);
	IGNORE_RESULT(!charset_decode(&text, NULL, p, n), "no name, no wrong name");
	const char *addr = v ? arena_strndup(s->a, text.p, text.len) : NULL;
	if (!addr) {
		s->bad = true;
		return;
	}
	s->v = v;
	s->v[s->n_out++] = (struct addr){.name = name, .addr = addr};
}

static bool is_address(const char *p, size_t n)
{
	const char *at = memchr(p, '@', n);
	return at && at > p && at + 1 < p + n;
}

/* Without backslashes and line ends. */
static void add_unescaped(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 1 < n)
			i++;
		else if (p[i] == '\r' || p[i] == '\n')
			continue;
		buf_addch(out, p[i]);
	}
}

/* An entry without <>: one word is the address. Where commas are missing, each address counts and
 * the words before it are its name. */
static void end_bare(struct parser *s)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(s->words.len + 1);
	const char *rest = s->words.p;
	size_t found = 0;
	while (*rest) {
		const char *stop = strchr(rest, GAP);
		size_t len = stop ? (size_t)(stop - rest) : strlen(rest);
		if (is_address(rest, len)) {
			const char *comment = found++ ? NULL : decode_name(s, &s->comment);
			const char *before = decode_name(s, &name);
			emit(s, rest, len, before ? before : comment);
			buf_reset(&name);
		} else {
			s->bad = true;
			if (name.len > 0)
				buf_addch(&name, ' ');
			bool quoted = len >= 2 && rest[0] == '"' && rest[len - 1] == '"';
			add_unescaped(&name, rest + quoted, len - 2 * quoted);
		}
		rest += len + (stop != NULL);
	}
	if (found != 1 || s->carried)
		s->bad = true;
}

static void end_entry(struct parser *s, char separator)
{
	if (s->has_angle) {
		const char *name = decode_name(s, &s->phrase);
		if (s->angle.len > 0)
			emit(s, s->angle.p, s->angle.len,
				name ? name : decode_name(s, &s->comment));
		else
			s->bad = true;
	} else if (s->has_at) {
		end_bare(s);
	} else if (s->phrase.len > 0) {
		/* `Doe, John <a@b>`: quotes are missing, the comma belongs to the name. */
		if (separator == ',' && s->phrase.len <= CARRY_MAX_BYTES) {
			buf_addch(&s->phrase, ',');
			buf_reset(&s->words);
			buf_reset(&s->comment);
			s->gap = s->carried = true;
			return;
		}
		s->bad = true;
	} else if (s->comment.len > 0) {
		s->bad = true;
	}
	reset_entry(s);
}

/* One piece of an entry: as written, and what it means in a name. */
static void add_piece(struct parser *s, struct span raw, struct span text)
{
	if (s->gap && s->phrase.len > 0)
		buf_addch(&s->phrase, ' ');
	buf_add(&s->phrase, text.p, text.len);
	/* Blanks around '@', and around the dots of a domain, are of the address (RFC 5322
	 * §4.4). */
	char last = s->words.len > 0 ? s->words.p[s->words.len - 1] : GAP;
	char next = raw.len > 0 ? raw.p[0] : 0;
	bool glued = last == '@' || next == '@' || (s->has_at && (last == '.' || next == '.'));
	if (s->gap && last != GAP && !glued)
		buf_addch(&s->words, GAP);
	buf_add(&s->words, raw.p, raw.len);
	s->gap = false;
}

/* Where the quoted string that opens at i closes (index of the quote), or n. */
static size_t find_quote(struct parser *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && !s->no_quote; k++) {
		if (s->p[k] == '\\')
			k++;
		else if (s->p[k] == '"')
			return k;
	}
	s->no_quote = true;
	return s->n;
}

static size_t find_comment_end(struct parser *s, size_t i)
{
	size_t depth = 0;
	for (size_t k = i; k < s->n && !s->no_end; k++) {
		if (s->p[k] == '\\')
			k++;
		else if (s->p[k] == '(')
			depth++;
		else if (s->p[k] == ')' && --depth == 0)
			return k;
	}
	s->no_end = true;
	return s->n;
}

static void read_quoted(struct parser *s)
{
	size_t end = find_quote(s, s->i);
	if (end == s->n) {
		s->bad = true;
		s->i++; /* a stray quote: what follows is read without it */
		return;
	}
	CLEANUP(buf_release) struct buf raw = BUF_INIT(end - s->i + 2);
	CLEANUP(buf_release) struct buf text = BUF_INIT(end - s->i + 2);
	add_unescaped(&text, s->p + s->i + 1, end - s->i - 1);
	for (size_t k = s->i; k <= end; k++) {
		if (s->p[k] != '\r' && s->p[k] != '\n')
			buf_addch(&raw, s->p[k]);
	}
	add_piece(s, (struct span){raw.p, raw.len}, (struct span){text.p, text.len});
	s->i = end + 1;
}

static void read_comment(struct parser *s)
{
	size_t end = find_comment_end(s, s->i);
	if (end == s->n) {
		s->bad = true;
		s->i++;
		return;
	}
	buf_reset(&s->comment);
	add_unescaped(&s->comment, s->p + s->i + 1, end - s->i - 1);
	s->i = end + 1;
}

/* Copies [i, end) into angle without blanks, comments and the route before the last ':'. */
static void copy_angle(struct parser *s, size_t i, size_t end)
{
	while (i < end) {
		char c = s->p[i];
		size_t stop = i;
		if (c == '"' && (stop = find_quote(s, i)) < end) {
			buf_add(&s->angle, s->p + i, stop + 1 - i);
			i = stop + 1;
		} else if (c == '(' && (stop = find_comment_end(s, i)) < end) {
			i = stop + 1;
		} else {
			if (c == ':' && s->angle.len > 0 && s->angle.p[0] == '@')
				buf_reset(&s->angle);
			else if (!ascii_isspace(c))
				buf_addch(&s->angle, c);
			i++;
		}
	}
}

static void read_angle(struct parser *s)
{
	if (s->has_angle) {
		s->bad = true;
		end_entry(s, ' ');
	}
	size_t start = ++s->i, k = start, cut = 0;
	while (k < s->n && s->p[k] != '>' && s->p[k] != '<') {
		if (s->p[k] == '"' && !s->no_quote) {
			size_t close = find_quote(s, k);
			k = close < s->n ? close : k;
		} else if (!cut && (s->p[k] == ',' || s->p[k] == ';')) {
			cut = k;
		}
		k++;
	}
	bool closed = k < s->n && s->p[k] == '>';
	size_t end = !closed && cut ? cut : k;
	s->bad = s->bad || !closed;
	copy_angle(s, start, end);
	s->has_angle = s->angle.len > 0 || closed;
	s->gap = true;
	s->i = closed ? end + 1 : end;
}

/* Length of the encoded word at i, 0 = none. Its text may hold commas and the like, wrongly. */
static size_t encoded_word_len(const struct parser *s, size_t i)
{
	size_t max = s->n - i < WORD_LOOK_BYTES ? s->n - i : WORD_LOOK_BYTES;
	const char *p = s->p + i;
	unsigned marks = 0;
	if (max < 8 || p[0] != '=' || p[1] != '?')
		return 0;
	for (size_t k = 2; k + 1 < max && !ascii_isspace(p[k]) && p[k] != '<'; k++) {
		if (p[k] == '?' && ++marks >= 3 && p[k + 1] == '=')
			return k + 2;
	}
	return 0;
}

static size_t atom_len(const struct parser *s, size_t i)
{
	size_t k = i;
	if (s->p[i] == '[') { /* a domain literal; IPv6 ones hold colons */
		const char *close = memchr(s->p + i, ']', s->n - i < 80 ? s->n - i : 80);
		return close ? (size_t)(close - s->p) + 1 - i : 1;
	}
	while (k < s->n && !ascii_isspace(s->p[k]) && !strchr("\"(<,;:[\\", s->p[k])) {
		size_t word = encoded_word_len(s, k);
		k += word ? word : 1;
	}
	return k > i ? k - i : 1;
}

static void read_atom(struct parser *s)
{
	bool escaped = s->p[s->i] == '\\' && s->i + 1 < s->n;
	size_t len = escaped ? 2 : atom_len(s, s->i);
	struct span raw = {s->p + s->i, len};
	add_piece(s, raw, escaped ? (struct span){raw.p + 1, 1} : raw);
	s->has_at = s->has_at || memchr(raw.p, '@', raw.len);
	s->i += len;
}

static void read_piece(struct parser *s)
{
	char c = s->p[s->i];
	if (ascii_isspace(c)) {
		s->gap = true;
		s->i++;
	} else if (c == '"') {
		read_quoted(s);
	} else if (c == '(') {
		read_comment(s);
	} else if (c == '<') {
		read_angle(s);
	} else if (c == '>' && s->has_angle) {
		s->bad = true; /* one too many */
		s->i++;
	} else if (c == ',' || c == ';') {
		end_entry(s, c);
		s->i++;
	} else if (c == ':' && !s->has_at && !s->has_angle) {
		reset_entry(s); /* the name of a group; nested ones are no different */
		s->i++;
	} else {
		read_atom(s);
	}
}

void addr_parse(struct arena *a, const char *p, size_t n, struct addr_list *out)
{
	struct parser s = {.a = a,
		.p = p,
		.n = n,
		.phrase = BUF_INIT(n + 16),
		.words = BUF_INIT(n + 16),
		.angle = BUF_INIT(n + 16),
		.comment = BUF_INIT(n + 16)};
	while (s.i < s.n)
		read_piece(&s);
	end_entry(&s, 0);
	buf_release(&s.phrase);
	buf_release(&s.words);
	buf_release(&s.angle);
	buf_release(&s.comment);
	*out = (struct addr_list){.v = s.v, .n = s.n_out, .bad = s.bad};
}
