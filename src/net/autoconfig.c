/* autoconfig.c - the little of XML that config-v1.1.xml needs, and what is in it. */
#include "config.h"

#include "autoconfig.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "offer_make.h"

/* ---- tokens ---------------------------------------------------------------------------------- */

enum token_kind { TOKEN_OPEN, TOKEN_CLOSE, TOKEN_TEXT, TOKEN_END, TOKEN_BAD };

struct token {
	enum token_kind kind;
	struct span name; /* of an element */
	struct span rest; /* its attributes, or the text */
	bool is_empty;    /* <name/> */
	bool is_plain;    /* CDATA: "&" is one */
};

struct scan {
	const char *p, *end;
};

static bool skips(struct scan *s, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

/* What lies before `word`, which is skipped; false: it never comes. */
static bool take_until(struct scan *s, const char *word, struct span *out)
{
	const char *at = memmem(s->p, (size_t)(s->end - s->p), word, strlen(word));
	if (!at)
		return false;
	*out = (struct span){s->p, (size_t)(at - s->p)};
	s->p = at + strlen(word);
	return true;
}

/* The inside of a tag: a ">" within quotes is none. */
static bool take_tag(struct scan *s, struct span *out)
{
	char quote = '\0';
	for (const char *p = s->p; p < s->end; p++) {
		if (quote ? *p == quote : *p == '"' || *p == '\'') {
			quote = quote ? '\0' : *p;
		} else if (!quote && *p == '>') {
			*out = (struct span){s->p, (size_t)(p - s->p)};
			s->p = p + 1;
			return true;
		}
	}
	return false;
}

static struct span take_name(struct span *tag)
{
	size_t n = 0;
	while (n < tag->len && !ascii_isspace(tag->p[n]) && !strchr("/=", tag->p[n]))
		n++;
	struct span name = {tag->p, n};
	*tag = (struct span){tag->p + n, tag->len - n};
	return name;
}

static struct token read_tag(struct scan *s)
{
	struct token t = {.kind = TOKEN_OPEN};
	if (skips(s, "/"))
		t.kind = TOKEN_CLOSE;
	if (!take_tag(s, &t.rest))
		return (struct token){.kind = TOKEN_BAD};
	t.rest = span_trim(t.rest);
	if (t.rest.len && t.rest.p[t.rest.len - 1] == '/') {
		t.is_empty = true;
		t.rest.len--;
	}
	t.name = take_name(&t.rest);
	return t;
}

static struct token next_token(struct scan *s)
{
	struct token t = {.kind = TOKEN_TEXT};
	while (s->p < s->end) {
		if (*s->p != '<') {
			const char *at = memchr(s->p, '<', (size_t)(s->end - s->p));
			t.rest = (struct span){s->p, (size_t)((at ? at : s->end) - s->p)};
			s->p += t.rest.len;
			return t;
		}
		if (skips(s, "<![CDATA[")) {
			t.is_plain = true;
			t.kind = take_until(s, "]]>", &t.rest) ? TOKEN_TEXT : TOKEN_BAD;
			return t;
		}
		bool is_comment = skips(s, "<!--");
		if (!is_comment && !skips(s, "<?"))
			return skips(s, "<!") || !skips(s, "<") ? (struct token){.kind = TOKEN_BAD}
								: read_tag(s);
		if (!take_until(s, is_comment ? "-->" : "?>", &t.rest))
			return (struct token){.kind = TOKEN_BAD};
	}
	return (struct token){.kind = TOKEN_END};
}

/* The value of the element's attribute; empty: it has none. */
static struct span attribute(struct span rest, const char *name)
{
	while ((rest = span_trim(rest)).len) {
		struct span found = take_name(&rest);
		rest = span_trim(rest);
		if (rest.len < 2 || rest.p[0] != '=')
			break;
		rest = span_trim((struct span){rest.p + 1, rest.len - 1});
		if (!rest.len || (rest.p[0] != '"' && rest.p[0] != '\''))
			break;
		const char *end = memchr(rest.p + 1, rest.p[0], rest.len - 1);
		if (!end)
			break;
		struct span value = {rest.p + 1, (size_t)(end - rest.p) - 1};
		if (span_eq(found, name))
			return value;
		rest = (struct span){end + 1, rest.len - value.len - 2};
	}
	return (struct span){NULL, 0};
}

/* The five entities that are always there; any other stands as it is. */
static void add_decoded(struct buf *out, struct span text)
{
	static const struct {
		const char *word;
		char c;
	} known[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	struct scan s = {text.p, text.p + text.len};
	while (s.p < s.end) {
		size_t i = 0;
		while (i < ARRAY_SIZE(known) && !skips(&s, known[i].word))
			i++;
		buf_addch(out, i < ARRAY_SIZE(known) ? known[i].c : *s.p++);
	}
}

/* ---- what is in them ------------------------------------------------------------------------- */

enum field { F_HOST, F_PORT, F_SOCKET, F_USER, F_COUNT };
enum server { S_IMAP, S_SMTP, S_COUNT };

struct reading {
	size_t depth;
	bool in_provider;
	enum server server; /* S_COUNT = in none that is of use */
	enum field field;   /* F_COUNT = likewise */
	struct buf v[F_COUNT];
	const char *email;
	/* The first of each kind, by TLS and by STARTTLS. */
	struct offer_server found[S_COUNT][2];
	char user[2][OFFER_USER];
};

/* The placeholders of Mozilla's format. */
static void expand(const char *text, const char *email, struct buf *out)
{
	const char *at = strrchr(email, '@');
	const struct {
		const char *word;
		struct span value;
	} known[] = {{"%EMAILADDRESS%", span_of(email)},
		{"%EMAILLOCALPART%", {email, (size_t)(at - email)}},
		{"%EMAILDOMAIN%", span_of(at + 1)}};
	struct scan s = {text, text + strlen(text)};
	while (s.p < s.end) {
		size_t i = 0;
		while (i < ARRAY_SIZE(known) && !skips(&s, known[i].word))
			i++;
		if (i < ARRAY_SIZE(known))
			buf_add(out, known[i].value.p, known[i].value.len);
		else
			buf_addch(out, *s.p++);
	}
}

static void take_server(struct reading *r)
{
	CLEANUP(buf_release) struct buf host = BUF_INIT(OFFER_SERVER);
	CLEANUP(buf_release) struct buf user = BUF_INIT(OFFER_USER - 1);
	struct offer_server s = {.text = ""};
	bool is_starttls = span_caseeq(span_of(r->v[F_SOCKET].p), "STARTTLS");
	int64_t port;
	for (size_t i = 0; i < F_COUNT; i++)
		if (r->v[i].failed)
			return;
	if ((!is_starttls && !span_caseeq(span_of(r->v[F_SOCKET].p), "SSL")) ||
		!span_to_i64(span_of(r->v[F_PORT].p), 1, 65535, &port))
		return;
	expand(r->v[F_HOST].p, r->email, &host);
	expand(r->v[F_USER].p, r->email, &user);
	struct offer_server *to = &r->found[r->server][is_starttls];
	if (host.failed || user.failed || to->text[0] ||
		!offer_server_set(&s, host.p, (unsigned)port, is_starttls))
		return;
	*to = s;
	if (r->server == S_IMAP)
		offer_put_text(r->user[is_starttls], OFFER_USER, user.p);
}

static enum server server_of(const struct token *t)
{
	struct span type = attribute(t->rest, "type");
	if (span_eq(t->name, "incomingServer") && span_caseeq(type, "imap"))
		return S_IMAP;
	if (span_eq(t->name, "outgoingServer") && span_caseeq(type, "smtp"))
		return S_SMTP;
	return S_COUNT;
}

static enum field field_of(const struct token *t)
{
	static const char *const names[F_COUNT] = {"hostname", "port", "socketType", "username"};
	for (size_t i = 0; i < F_COUNT; i++)
		if (span_eq(t->name, names[i]))
			return (enum field)i;
	return F_COUNT;
}

static void on_close(struct reading *r)
{
	r->depth--;
	if (r->depth == 3) {
		r->field = F_COUNT;
	} else if (r->depth == 2) {
		if (r->server != S_COUNT)
			take_server(r);
		r->server = S_COUNT;
	} else if (r->depth == 1) {
		r->in_provider = false;
	}
}

static bool on_open(struct reading *r, const struct token *t)
{
	if (r->depth == 0 && !span_eq(t->name, "clientConfig"))
		return false;
	if (r->depth == 1)
		r->in_provider = span_eq(t->name, "emailProvider");
	if (r->depth == 2 && r->in_provider) {
		r->server = server_of(t);
		for (size_t i = 0; i < F_COUNT; i++)
			buf_reset(&r->v[i]);
	}
	if (r->depth == 3 && r->server != S_COUNT) {
		r->field = field_of(t);
		if (r->field != F_COUNT)
			buf_reset(&r->v[r->field]);
	}
	r->depth++;
	if (t->is_empty)
		on_close(r);
	return true;
}

static void on_text(struct reading *r, const struct token *t)
{
	if (r->depth != 4 || r->field == F_COUNT)
		return;
	struct span text = t->is_plain ? t->rest : span_trim(t->rest);
	if (t->is_plain)
		buf_add(&r->v[r->field], text.p, text.len);
	else
		add_decoded(&r->v[r->field], text);
}

static bool read_all(struct reading *r, struct scan *s)
{
	for (;;) {
		struct token t = next_token(s);
		if (t.kind == TOKEN_BAD || (t.kind == TOKEN_CLOSE && r->depth == 0))
			return false;
		if (t.kind == TOKEN_END)
			return r->depth == 0;
		if (t.kind == TOKEN_TEXT)
			on_text(r, &t);
		else if (t.kind == TOKEN_CLOSE)
			on_close(r);
		else if (!on_open(r, &t))
			return false;
	}
}

/* TLS from the first byte before STARTTLS, reading before sending. */
static bool choose(const struct reading *r, struct offer *out)
{
	for (size_t i = 0; i < 4; i++) {
		size_t imap = i / 2, smtp = i % 2;
		if (!offer_put_servers(out, &r->found[S_IMAP][imap], &r->found[S_SMTP][smtp]))
			continue;
		memcpy(out->user, r->user[imap], OFFER_USER);
		return true;
	}
	return false;
}

int autoconfig_parse(const char *text, size_t len, const char *email, struct offer *out,
	struct err *e)
{
	struct reading r = {.server = S_COUNT, .field = F_COUNT, .email = email};
	struct scan s = {text, text + len};
	for (size_t i = 0; i < F_COUNT; i++)
		r.v[i] = BUF_INIT(OFFER_USER - 1);
	skips(&s, "\xEF\xBB\xBF");
	bool is_read = len <= AUTOCONFIG_MAX && read_all(&r, &s);
	for (size_t i = 0; i < F_COUNT; i++)
		buf_release(&r.v[i]);
	if (!is_read)
		return err_set(e, ERR_PARSE, _("This is not a description of mail servers."));
	if (!choose(&r, out))
		return err_set(e, ERR_NOTFOUND, _("It names no mail servers that can be used."));
	return 0;
}
