/*
 * signature.c - what a mail's signature tells about its writer: lines are looked at one by one,
 * each for numbers, addresses and hosts (signature_places.c), then for a name, a job and a company.
 * The words are in signature_words.c, the parts of names in signature_name.c.
 */
#include "config.h"

#include "signature_private.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "signature_words.h"

#define PIECE_BYTES 90 /* a job or a company */
#define TAIL_LINES 16  /* of the own words, in which the signature may begin */
#define DOMAIN_LABEL_LEAST 3

const char *signature_fold(struct arena *a, struct span s)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(8 * SIGNATURE_LINE_BYTES);

	fold_plain(&b, s.p, s.len);
	return arena_strndup(a, b.p, b.len);
}

/* ---- which lines ----------------------------------------------------------------------------- */

/* Marks that lines of signatures are dressed with. */
static struct span undress(struct span s)
{
	s = span_trim(s);
	while (s.len > 0 && strchr("*_|-=~# ", s.p[0]))
		s.p++, s.len--;
	while (s.len > 0 && strchr("*_|-=~# ", s.p[s.len - 1]))
		s.len--;
	return s;
}

static void add_line(struct reading *r, struct span line)
{
	line = undress(line);
	if (line.len > 0 && line.len <= SIGNATURE_LINE_BYTES && r->n < SIGNATURE_LINES)
		r->lines[r->n++] = line;
}

/* The line is the name alone, or a first or last word of it. */
static bool is_name_line(struct reading *r, struct span line)
{
	const char *folded = signature_fold(r->a, line);
	size_t n = strlen(folded);

	while (n > 0 && strchr(" ,.", folded[n - 1]))
		n--;
	return n >= 2 && r->name[0] && strlen(r->name) == n && memcmp(r->name, folded, n) == 0;
}

/* Own words end in the signature: what follows the last closing phrase, else the name. */
static void take_tail(struct reading *r, struct span text)
{
	struct span tail[TAIL_LINES], line;
	size_t n = 0, from = 0;

	while (text.len > 0 && n < TAIL_LINES) {
		const char *end = text.p + text.len, *lf = end;

		while (lf > text.p && lf[-1] != '\n')
			lf--;
		line = undress((struct span){lf, (size_t)(end - lf)});
		if (line.len > 0)
			tail[n++] = line;
		text.len = lf > text.p ? (size_t)(lf - text.p) - 1 : 0;
	}
	/* tail[0] is the last line. */
	while (from < n && !(tail[from].len <= SIGNATURE_LINE_BYTES &&
				   (signature_is_closing(signature_fold(r->a, tail[from])) ||
					   is_name_line(r, tail[from]))))
		from++;
	if (from == n)
		return;
	if (is_name_line(r, tail[from]))
		from++;
	while (from-- > 0)
		add_line(r, tail[from]);
}

static void take_signature(struct reading *r, struct span text)
{
	struct span line;

	while (r->n < SIGNATURE_LINES && span_next(&text, '\n', &line))
		add_line(r, line);
}

/* Of the last own words before a forwarded mail, and of every block of signature. */
static void gather_lines(struct reading *r, const struct signature_in *in)
{
	size_t end = 0;
	const struct render_block *own = NULL;

	while (end < in->n_blocks && in->blocks[end].kind != BLOCK_FORWARD)
		end++;
	for (size_t i = 0; i < end; i++)
		if (in->blocks[i].kind == BLOCK_TEXT && span_trim(in->blocks[i].text).len > 0)
			own = &in->blocks[i];
	if (own)
		take_tail(r, own->text);
	for (size_t i = 0; i < end; i++)
		if (in->blocks[i].kind == BLOCK_SIGNATURE)
			take_signature(r, in->blocks[i].text);
}

/* ---- name, job, company ---------------------------------------------------------------------- */

/* "dafaneto" of "Dafaneto AG": letters and digits alone, as far as the first of them goes. */
static bool is_named_as_domain(const struct reading *r, const char *folded)
{
	size_t n = 0, len = strlen(r->own_label);

	if (len < DOMAIN_LABEL_LEAST)
		return false;
	for (; *folded && n < len; folded++) {
		if (*folded == ' ' || *folded == '-' || *folded == '.')
			continue;
		if (*folded != r->own_label[n++])
			return false;
	}
	return n == len && !ascii_isalnum(*folded);
}

static const char *keep(struct reading *r, struct span s)
{
	s = undress(s);
	while (s.len > 0 && strchr(",;:", s.p[s.len - 1]))
		s.len--;
	return s.len ? arena_strndup(r->a, s.p, s.len) : NULL;
}

static bool has_digit(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (ascii_isdigit(s.p[i]))
			return true;
	return false;
}

/* Without the slogan behind it, or the department: "Acme, Operations", but "Acme, Inc." */
static const char *keep_company(struct reading *r, struct span s)
{
	const char *end = mem_casefind(s.p, s.len, " - ");
	const char *comma = mem_casefind(s.p, s.len, ", ");
	struct span rest = {comma, comma ? (size_t)(s.p + s.len - comma) : 0};

	if (comma && (!end || comma < end) && !signature_is_company(signature_fold(r->a, rest))) {
		end = comma;
		if (!r->maybe_title && !has_digit(rest))
			r->maybe_title = keep(r, (struct span){rest.p + 1, rest.len - 1});
	}
	return keep(r, end ? (struct span){s.p, (size_t)(end - s.p)} : s);
}

static bool is_company(const struct reading *r, struct span s)
{
	const char *folded = signature_fold(r->a, s);

	return signature_is_company(folded) || is_named_as_domain(r, folded);
}

static const struct {
	const char *word;
	bool is_sure; /* what follows is a company, whatever it is called */
} joints[] = {
	{" at ", true},
	{" @ ", true},
	{" bei ", true},
	{" bei der ", true},
	{" chez ", true},
	{", ", false},
	{" - ", false},
};

/* "Head of Procurement, Dafaneto": the job in front, the company behind. */
static void take_title(struct reading *r, struct span s)
{
	struct signature *o = r->out;

	for (size_t i = 0; i < ARRAY_SIZE(joints); i++) {
		const char *at = mem_casefind(s.p, s.len, joints[i].word);
		struct span rest;

		if (!at || at == s.p)
			continue;
		rest.p = at + strlen(joints[i].word);
		rest.len = (size_t)(s.p + s.len - rest.p);
		if (rest.len == 0 || !(joints[i].is_sure || is_company(r, rest)))
			continue;
		if (!o->company)
			o->company = keep_company(r, rest);
		s.len = (size_t)(at - s.p);
		break;
	}
	o->title = keep(r, s);
}

/* Two to four words that begin with capitals, or any East Asian writing: not a sentence. */
static bool looks_like_name(struct span s)
{
	size_t words = 0;
	struct span rest = s, word;

	if (s.len > 60 || has_digit(s) || memchr(s.p, '@', s.len))
		return false;
	while (span_next(&rest, ' ', &word)) {
		if (word.len == 0)
			continue;
		words++;
		if (word.p[0] >= 'a' && word.p[0] <= 'z' && word.len > 3)
			return false;
	}
	return words >= 1 && words <= 5;
}

static bool is_own_name(struct reading *r, const char *folded)
{
	size_t n = strlen(r->name);

	return n > 0 && strncmp(folded, r->name, n) == 0 && !ascii_isalnum(folded[n]);
}

/* Some write the job in front of the name. */
static struct span without_name_behind(const struct reading *r, struct span s)
{
	size_t n = strlen(r->raw_name);

	if (n > 0 && s.len > n && s.p[s.len - n - 1] == ' ' &&
		memcmp(s.p + s.len - n, r->raw_name, n) == 0)
		s.len -= n + 1;
	return s;
}

/* What the line of the name goes on with: "Laura Palmer, Head of Procurement". */
static struct span after_name(struct span s)
{
	const char *comma = memchr(s.p, ',', s.len), *dash = mem_casefind(s.p, s.len, " - ");
	const char *at = comma ? comma : dash ? dash + 1 : s.p + s.len - 1;

	return undress((struct span){at + 1, (size_t)(s.p + s.len - at) - 1});
}

/* A part of a line between bars or dots. */
static void take_piece(struct reading *r, struct span s)
{
	struct signature *o = r->out;
	const char *folded;
	bool is_below = r->is_after_name;

	s = without_name_behind(r, undress(s));
	if (s.len == 0 || s.len > PIECE_BYTES)
		return;
	folded = signature_fold(r->a, s);
	if (is_own_name(r, folded)) {
		s = after_name(s);
		r->is_after_name = true;
		if (s.len == 0)
			return;
		folded = signature_fold(r->a, s);
		is_below = true;
	}
	r->is_after_name = false;
	if (!o->title && signature_is_title(folded))
		take_title(r, s);
	else if (!o->company && !has_digit(s) && is_company(r, s))
		o->company = keep_company(r, s);
	else if (!r->signed_name && !r->name[0] && looks_like_name(s))
		r->signed_name = keep(r, s), r->is_after_name = true;
	else if (is_below && !r->maybe_title && !has_digit(s) && s.len <= 60)
		r->maybe_title = keep(r, s);
}

static void take_line(struct reading *r, struct span line)
{
	bool has_number, has_place;
	struct span piece;

	line = signature_plain_blanks(r->a, line);
	has_number = signature_take_phones(r, line);
	has_place = signature_take_places(r, line);
	if (signature_is_closing(signature_fold(r->a, line)))
		return;
	while (span_next(&line, '|', &piece))
		if ((!has_number || !has_digit(piece)) &&
			(!has_place || !(memchr(piece.p, '.', piece.len) ||
					       memchr(piece.p, '@', piece.len))))
			take_piece(r, piece);
}

/* ---- From ------------------------------------------------------------------------------------ */

/* "Laura Palmer (Dafaneto)", "Laura Palmer | Dafaneto", "Laura Palmer via Helpdesk" */
static const char *name_of(struct arena *a, const struct addr *from)
{
	static const char *const ends[] = {" (", " |", " via ", " - ", " – ", " · "};
	struct span s = span_of(from->name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		const char *at = s.len ? mem_casefind(s.p, s.len, ends[i]) : NULL;

		if (at && at > s.p)
			s.len = (size_t)(at - s.p);
	}
	while (s.len > 0 && strchr("'\" ", s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && strchr("'\" ", s.p[0]))
		s.p++, s.len--;
	if (s.len == 0 || s.len > SIGNATURE_LINE_BYTES || memchr(s.p, '@', s.len))
		return NULL;
	return arena_strndup(a, s.p, s.len);
}

/* "laura.palmer@" has two parts; one part alone may be anything. */
static const char *name_of_address(struct arena *a, const char *addr)
{
	size_t n = strcspn(addr, "@+");
	char *name = arena_strndup(a, addr, n);
	bool has_dot = false, starts = true;

	if (n > 60)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (name[i] == '.' || name[i] == '_') {
			has_dot = has_dot || (i > 1 && i + 2 < n);
			name[i] = ' ';
			starts = true;
			continue;
		}
		if (!ascii_isalpha(name[i]) && name[i] != '-' && (unsigned char)name[i] < 0x80)
			return NULL;
		if (starts)
			name[i] = ascii_upper(name[i]);
		starts = name[i] == '-';
	}
	return has_dot ? name : NULL;
}

/* The longest label but the last: "dafaneto" of dafaneto.vn.example. */
static const char *label_of(struct arena *a, const char *domain)
{
	struct span rest = span_of(domain), label, best = {"", 0};
	char *out;
	size_t n = 0;

	while (span_next(&rest, '.', &label))
		if (rest.len > 0 && label.len > best.len)
			best = label;
	out = arena_strndup(a, best.p, best.len);
	for (size_t i = 0; i < best.len; i++)
		if (best.p[i] != '-')
			out[n++] = ascii_lower(best.p[i]);
	out[n] = '\0';
	return out;
}

static const char *name_as_signed(struct arena *a, const char *name)
{
	const char *first, *last;

	if (!name || !strchr(name, ','))
		return name ? name : "";
	signature_split_name(a, name, &first, &last);
	return first && last ? arena_printf(a, "%s %s", first, last) : name;
}

void signature_read(struct arena *a, const struct signature_in *in, struct signature *out)
{
	struct reading r = {.a = a, .out = out, .own_addr = in->from.addr ? in->from.addr : ""};
	const char *name = name_of(a, &in->from);

	*out = (struct signature){.n_phones = 0};
	if (!name)
		name = name_of(a, &in->reply_to);
	if (name && signature_is_company(signature_fold(a, span_of(name)))) {
		out->company = name;
		name = NULL;
	}
	r.raw_name = name_as_signed(a, name);
	r.name = signature_fold(a, span_of(r.raw_name));
	r.own_label = label_of(a, addr_domain(r.own_addr));
	if (in->reply_to.addr && *in->reply_to.addr)
		signature_add_address(&r, in->reply_to.addr);
	gather_lines(&r, in);
	for (size_t i = 0; i < r.n; i++)
		take_line(&r, r.lines[i]);
	if (!out->title)
		out->title = r.maybe_title;
	if (!name)
		name = r.signed_name ? r.signed_name : name_of_address(a, r.own_addr);
	if (name)
		signature_split_name(a, name, &out->first_name, &out->last_name);
}
