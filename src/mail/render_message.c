/*
 * render_message.c - which displayed parts of a message are read, and which member of an
 * alternative. How text and HTML are shown: render.c.
 */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "html_flow.h"
#include "render_into.h"
#include "render_limits.h"

#define STUB_WORDS 60     /* a stub has fewer words than this */
#define STUB_TEXT_WORDS 5 /* so few words beside a long HTML part are no mail */
#define STUB_HTML_WORDS 50

/* "See this mail in your browser", "your program cannot show HTML": one of these in a short plain
 * part says that the mail is the HTML. Compared with ASCII case folded. */
static const char *const stub_words[] = {
	"browser",
	"html",
	"navigateur",
	"navegador",
	"browserem",
	"web version",
	"webversion",
	"version en ligne",
	"versi\u00f3n en l\u00ednea",
	"online version",
	"onlineversion",
	"\u0431\u0440\u0430\u0443\u0437\u0435\u0440",
	"\u30d6\u30e9\u30a6\u30b6",
	"\u6d4f\u89c8\u5668",
	"\u700f\u89bd\u5668",
	"tr\u00ecnh duy\u1ec7t",
	"\u0627\u0644\u0645\u062a\u0635\u0641\u062d",
};

/* A multipart in which no part was found is read as the text it holds, like message_text() does. */
static bool is_type(const struct mime_part *p, const char *type)
{
	bool partless = !p->child && str_starts(p->type, "multipart/");
	return strcmp(partless ? "text/plain" : p->type, type) == 0;
}

static bool is_alternative(const struct mime_part *p)
{
	return is_type(p, "multipart/alternative") && p->child;
}

/* A leaf that is read in place; everything else is an attachment (formats.md "parse"). */
static bool is_displayed(const struct mime_part *p)
{
	return !p->child && p->disposition != DISP_ATTACHMENT && !p->filename &&
	       (is_type(p, "text/plain") || is_type(p, "text/html"));
}

/* The part after p in reading order, below p first; NULL behind `root`. Of a
 * multipart/alternative only the member that was entered is visited by render_message(). */
static const struct mime_part *following(const struct mime_part *p, const struct mime_part *root,
	bool one_alternative)
{
	if (p->child && strncmp(p->type, "message/", 8) != 0)
		return p->child;
	while (p != root) {
		bool last = !p->next || (one_alternative && is_alternative(p->parent));
		if (!last)
			return p->next;
		p = p->parent;
	}
	return NULL;
}

static const struct mime_part *find_displayed(const struct mime_part *root, const char *type)
{
	for (const struct mime_part *p = root; p; p = following(p, root, false)) {
		if (is_displayed(p) && is_type(p, type))
			return p;
	}
	return NULL;
}

static size_t count_words(const char *p, size_t n, size_t limit)
{
	size_t words = 0;
	bool in_word = false;

	for (size_t i = 0; i < n && words < limit; i++) {
		/* a character of a script without blanks between words counts as one */
		bool wide = (unsigned char)p[i] >= 0xE3 && (unsigned char)p[i] <= 0xED;
		bool space = ascii_isspace(p[i]);
		words += wide || (!space && !in_word);
		in_word = !space;
	}
	return words;
}

/* The text of a leaf, of a very long one its beginning. True when something is missing. */
static bool part_text(const struct mime_part *p, struct buf *out)
{
	struct mime_part begin = *p;
	unsigned warnings = 0; /* told by the parser's callers */

	if (begin.body.len > RENDER_MAX_ENCODED)
		begin.body.len = RENDER_MAX_ENCODED;
	mime_part_text(&begin, out, &warnings);
	return out->failed || begin.body.len < p->body.len;
}

/* The rule of render.h: whether the plain part only points to the HTML part. */
static bool is_stub(const struct mime_part *plain, const struct mime_part *html)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(RENDER_MAX_SOURCE);
	if (part_text(plain, &text))
		return false;
	size_t words = count_words(text.p, text.len, STUB_WORDS);
	bool pointing = false;

	if (words == 0)
		return true;
	if (words >= STUB_WORDS)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stub_words); i++)
		pointing = pointing || mem_casefind(text.p, text.len, stub_words[i]);
	if (!pointing && words > STUB_TEXT_WORDS)
		return false;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc doc;
	buf_reset(&text);
	IGNORE_RESULT(part_text(html, &text), "the beginning has words enough");
	render_html(&a, text.p, text.len, &doc);
	size_t more = pointing ? 2 * words : STUB_HTML_WORDS;
	return count_words(doc.text.p, doc.text.len, more + 1) > more;
}

/* The member of a multipart/alternative that is read. */
static const struct mime_part *choose(const struct mime_part *alt, enum render_prefer prefer)
{
	const struct mime_part *plain = NULL, *html = NULL;
	const struct mime_part *plain_leaf = NULL, *html_leaf = NULL;

	for (const struct mime_part *p = alt->child; p; p = p->next) {
		const struct mime_part *leaf = find_displayed(p, "text/plain");
		const struct mime_part *rich = find_displayed(p, "text/html");
		if (leaf && !rich && !plain) {
			plain = p;
			plain_leaf = leaf;
		}
		if (rich) {
			html = p;
			html_leaf = rich;
		}
	}
	if (!plain || !html)
		return plain ? plain : html;
	if (prefer == RENDER_AUTO)
		return is_stub(plain_leaf, html_leaf) ? html : plain;
	return prefer == RENDER_HTML ? html : plain;
}

/* A message that is one part of some other text type (enriched, markdown) is read as it is. */
static bool is_only_text(const struct message *m, const struct mime_part *p)
{
	return p == m->root && !p->child && p->disposition != DISP_ATTACHMENT && !p->filename &&
	       strncmp(p->type, "text/", 5) == 0;
}

static void render_part(struct flow *f, const struct mime_part *p, struct render_doc *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(RENDER_MAX_SOURCE);

	bool cut = part_text(p, &text);
	if (is_type(p, "text/html"))
		render_html_into(f, text.p, text.len, out);
	else if (span_trim((struct span){text.p, text.len}).len)
		render_plain_into(f, text.p, text.len);
	f->cut = f->cut || cut;
}

void render_message(struct arena *a, const struct message *m, enum render_prefer prefer,
	struct render_doc *out)
{
	CLEANUP(flow_release) struct flow f;
	const struct mime_part *p = m->root;

	*out = (struct render_doc){.n_blocks = 0};
	flow_init(&f, a);
	while (p) {
		const struct mime_part *chosen = is_alternative(p) ? choose(p, prefer) : NULL;
		if (chosen) {
			p = chosen;
			continue;
		}
		if (is_displayed(p) || is_only_text(m, p))
			render_part(&f, p, out);
		p = following(p, m->root, true);
	}
	render_finish(&f, out);
}
