/*
 * vcard.c - lines unfolded, taken apart into name, parameters and value, and put into a person.
 * No recursion, one line kept at a time.
 */
#include "config.h"

#include "vcard.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/header.h"

#include "codec.h"

#define MAX_DEPTH 1000 /* of cards in cards: more is not counted */
#define MAX_PARTS 8    /* of a structured value */

struct property {
	struct span name, value;
	struct span charset; /* empty = not said */
	bool is_qp, is_binary, is_preferred;
};

void vcard_init(struct vcard *c, const struct people_handler *h)
{
	*c = (struct vcard){.h = h,
		.maker = PERSON_MAKER_INIT,
		.line = BUF_INIT(PEOPLE_MAX_FIELD),
		.at = 1,
		.line_at = 1,
		.is_fresh = true};
}

void vcard_release(struct vcard *c)
{
	buf_release(&c->line);
	person_release(&c->maker);
}

/* ---- a line ----------------------------------------------------------------------------------*/

/* Up to `stop` outside double quotes; *rest stands behind it. False when it is not there. */
static bool cut_at(struct span *rest, const char *stops, struct span *piece, char *stop)
{
	bool is_quoted = false;
	for (size_t i = 0; i < rest->len; i++) {
		char ch = rest->p[i];
		if (ch == '"')
			is_quoted = !is_quoted;
		if (is_quoted || !ch || !strchr(stops, ch))
			continue;
		*piece = (struct span){rest->p, i};
		*rest = (struct span){rest->p + i + 1, rest->len - i - 1};
		*stop = ch;
		return true;
	}
	return false;
}

static struct span unquote(struct span s)
{
	s = span_trim(s);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		return (struct span){s.p + 1, s.len - 2};
	return s;
}

static void take_type(struct property *p, struct span word)
{
	p->is_preferred = p->is_preferred || span_caseeq(word, "pref");
	p->is_qp = p->is_qp || span_caseeq(word, "quoted-printable");
	p->is_binary = p->is_binary || span_caseeq(word, "base64") || span_caseeq(word, "b");
}

/* NAME=VALUE, or the bare VALUE of 2.1. PREF is a number in 4.0, 1 the first. */
static void take_parameter(struct property *p, struct span text)
{
	struct span rest = text;
	struct span name;
	char stop;
	if (!cut_at(&rest, "=", &name, &stop)) {
		take_type(p, span_trim(text));
		return;
	}
	struct span value = unquote(rest);
	struct span word;
	if (span_caseeq(name, "charset"))
		p->charset = value;
	else if (span_caseeq(name, "pref"))
		p->is_preferred = span_eq(value, "1");
	else if (span_caseeq(name, "type") || span_caseeq(name, "encoding"))
		while (span_next(&value, ',', &word))
			take_type(p, span_trim(word));
}

static bool take_apart(struct span line, struct property *p)
{
	struct span rest = line;
	struct span piece;
	char stop = 0;
	*p = (struct property){.charset = SPAN_LIT("")};
	if (!cut_at(&rest, ";:", &piece, &stop))
		return false;
	p->name = span_trim(piece);
	const char *dot = p->name.len ? memchr(p->name.p, '.', p->name.len) : NULL;
	if (dot) /* item1.EMAIL: the group says nothing to us */
		p->name = (struct span){dot + 1, p->name.len - (size_t)(dot + 1 - p->name.p)};
	while (stop == ';') {
		if (!cut_at(&rest, ";:", &piece, &stop))
			return false;
		take_parameter(p, piece);
	}
	p->value = rest;
	return p->name.len > 0;
}

/* ---- values ----------------------------------------------------------------------------------*/

/* The value as text: quoted-printable and its charset undone. */
static struct span decode(const struct property *p, struct buf *out)
{
	if (!p->is_qp)
		return p->value;
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(PEOPLE_MAX_FIELD);
	CLEANUP(buf_release) struct buf name = BUF_INIT(100);
	codec_qp(&bytes, p->value.p, p->value.len);
	buf_add(&name, p->charset.p, p->charset.len);
	IGNORE_RESULT(!charset_decode(out, name.len ? name.p : NULL, bytes.p, bytes.len),
		"what is not valid is marked in the text");
	return (struct span){out->p, out->len};
}

/* Undoes \n \, \; \\ up to the next bare `stop`; *rest stands behind it. */
static void unescape(struct span *rest, char stop, struct buf *out)
{
	size_t i = 0;
	for (; i < rest->len && (!stop || rest->p[i] != stop); i++) {
		char ch = rest->p[i];
		if (ch == '\\' && i + 1 < rest->len) {
			ch = rest->p[++i];
			ch = ch == 'n' || ch == 'N' ? '\n' : ch;
		}
		buf_addch(out, ch);
	}
	i += i < rest->len;
	*rest = (struct span){rest->p + i, rest->len - i};
}

static void add_part(struct vcard *c, enum people_field f, struct span *rest)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(PEOPLE_MAX_FIELD);
	unescape(rest, ';', &b);
	person_add(&c->maker, f, b.p, false);
}

/* N: family; given; additional; prefixes; suffixes. */
static void take_name(struct vcard *c, struct span value)
{
	static const enum people_field parts[] = {PEOPLE_LAST, PEOPLE_FIRST, PEOPLE_MIDDLE};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		add_part(c, parts[i], &value);
}

static void take_text(struct vcard *c, enum people_field f, struct span value, bool is_preferred)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(PEOPLE_MAX_FIELD);
	unescape(&value, '\0', &b);
	person_add(&c->maker, f, b.p, is_preferred);
}

/* TEL of 4.0 may be a URI: tel:+49-30-1234;ext=5 */
static void take_phone(struct vcard *c, struct span value)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(PEOPLE_MAX_FIELD);
	unescape(&value, '\0', &b);
	const char *text = str_casestarts(b.p, "tel:") ? b.p + 4 : b.p;
	if (text != b.p)
		b.p[strcspn(b.p, ";")] = '\0';
	person_add(&c->maker, PEOPLE_PHONE, text, false);
}

static void take_value(struct vcard *c, const struct property *p)
{
	static const struct {
		const char *name;
		enum people_field field;
	} texts[] = {{"FN", PEOPLE_NAME}, {"TITLE", PEOPLE_TITLE}, {"EMAIL", PEOPLE_EMAIL},
		{"URL", PEOPLE_DOMAIN}, {"NOTE", PEOPLE_NOTE}, {"X-CRMAIL-OWNER", PEOPLE_OWNER}};
	CLEANUP(buf_release) struct buf decoded = BUF_INIT(4 * PEOPLE_MAX_FIELD);
	if (p->is_binary)
		return;
	struct span value = decode(p, &decoded);
	if (span_caseeq(p->name, "N"))
		take_name(c, value);
	else if (span_caseeq(p->name, "ORG"))
		add_part(c, PEOPLE_COMPANY, &value);
	else if (span_caseeq(p->name, "TEL"))
		take_phone(c, value);
	else if (span_caseeq(p->name, "KIND") || span_caseeq(p->name, "X-ADDRESSBOOKSERVER-KIND"))
		c->is_group = span_caseeq(span_trim(value), "group");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (span_caseeq(p->name, texts[i].name))
			take_text(c, texts[i].field, value, p->is_preferred);
}

/* ---- cards -----------------------------------------------------------------------------------*/

static void tell_open(struct vcard *c)
{
	if (c->h->passed)
		c->h->passed(c->h->ctx, c->card_at, _("The card that begins here has no end."));
}

/* Inside a card only AGENT begins another; else the card before lacks its end. */
static void begin_card(struct vcard *c)
{
	if (c->depth && !c->is_agent) {
		tell_open(c);
		c->depth = 0;
	}
	c->depth += c->depth < MAX_DEPTH;
	if (c->depth > 1)
		return;
	person_begin(&c->maker, c->line_at);
	c->card_at = c->line_at;
	c->is_group = false;
	c->kept = 0;
}

static int end_card(struct vcard *c, struct err *e)
{
	if (!c->depth || --c->depth)
		return 0;
	c->maker.p.is_group = c->is_group;
	return c->h->person(c->h->ctx, person_end(&c->maker), e);
}

static int take_line(struct vcard *c, struct err *e)
{
	struct property p;
	struct span line = {c->line.p, c->line.len};
	int rc = 0;
	if (take_apart(line, &p)) {
		bool is_card = span_caseeq(span_trim(p.value), "VCARD");
		if (is_card && span_caseeq(p.name, "BEGIN"))
			begin_card(c);
		else if (is_card && span_caseeq(p.name, "END"))
			rc = end_card(c, e);
		else if (c->depth == 1 && c->kept < PEOPLE_MAX_ROW)
			take_value(c, &p);
		c->is_agent = span_caseeq(p.name, "AGENT");
		c->kept += line.len;
	}
	buf_reset(&c->line);
	c->quoting = VCARD_UNKNOWN;
	return rc;
}

/* Quoted-printable of 2.1 ends its lines in "=" where they go on, and does not indent the next. */
static bool goes_on(struct vcard *c)
{
	struct property p;
	if (!c->line.len || c->line.failed || c->line.p[c->line.len - 1] != '=')
		return false;
	if (c->quoting == VCARD_UNKNOWN) {
		bool is_whole = take_apart((struct span){c->line.p, c->line.len}, &p);
		c->quoting = is_whole && p.is_qp ? VCARD_QP : VCARD_PLAIN;
	}
	return c->quoting == VCARD_QP;
}

static void end_file_line(struct vcard *c)
{
	c->is_soft = goes_on(c);
	if (c->is_soft)
		buf_truncate(&c->line, c->line.len - 1);
	c->is_fresh = true;
	c->at++;
}

/* The first byte of a line says whether it goes on with the one before. */
static int begin_file_line(struct vcard *c, char ch, bool *is_eaten, struct err *e)
{
	bool is_folded = ch == ' ' || ch == '\t';
	c->is_fresh = false;
	*is_eaten = is_folded && !c->is_soft;
	if (c->is_soft || (is_folded && c->line.len))
		return 0;
	if (c->line.len && take_line(c, e))
		return -1;
	c->line_at = c->at;
	return 0;
}

int vcard_add(struct vcard *c, const char *p, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		char ch = p[i];
		bool is_second = ch == '\n' && c->was_cr;
		bool is_eaten = false;
		c->was_cr = ch == '\r';
		if (is_second)
			continue;
		if (ch == '\r' || ch == '\n') {
			end_file_line(c);
			continue;
		}
		if (c->is_fresh && begin_file_line(c, ch, &is_eaten, e))
			return -1;
		if (!is_eaten && !c->line.failed)
			buf_addch(&c->line, ch);
	}
	return 0;
}

int vcard_end(struct vcard *c, struct err *e)
{
	if (c->line.len && take_line(c, e))
		return -1;
	if (c->depth)
		tell_open(c);
	return 0;
}
