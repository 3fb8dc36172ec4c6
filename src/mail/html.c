/*
 * html.c - what tags mean for a reader: blocks, emphasis, lists, quotes, links, images, hidden
 * text. Reads tokens (html_lex.c), writes to a flow (html_flow.c, html_table.c). No tree: the
 * open elements that change something are on a stack of 64, deeper ones change nothing.
 *
 * Hidden text is dropped: display:none, visibility:hidden, font-size:0, opacity:0, the hidden
 * attribute, boxes squeezed to nothing. mso-hide is not among them: it hides from Word alone, and
 * buttons that everybody else shall see carry it.
 */
#include "config.h"

#include "html.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/utf8.h"
#include "html_attr.h"
#include "html_flow.h"
#include "html_lex.h"
#include "html_table.h"
#include "links.h"
#include "render_limits.h"

#define STACK_MAX 64
#define IMAGE_NAME_MAX 32

enum tag_role {
	TAG_INLINE,
	TAG_BLOCK,
	TAG_PARA,
	TAG_HEADING,
	TAG_BR,
	TAG_HR,
	TAG_IMG,
	TAG_LINK,
	TAG_LIST,
	TAG_ITEM,
	TAG_QUOTE,
	TAG_PRE,
	TAG_TABLE,
	TAG_ROW,
	TAG_CELL,
	TAG_MARKS,
	TAG_DD,
	TAG_DL,
	TAG_VOID,
};

struct tag {
	const char *name;
	uint8_t role;  /* enum tag_role */
	uint8_t style; /* enum run_style */
};

/* clang-format off */
/* Sorted for bsearch. What is not here is inline and changes nothing. */
static const struct tag tags[] = {
	{"a", TAG_LINK, 0}, {"abbr", TAG_INLINE, 0}, {"acronym", TAG_INLINE, 0},
	{"address", TAG_BLOCK, 0}, {"area", TAG_VOID, 0}, {"article", TAG_BLOCK, 0},
	{"aside", TAG_BLOCK, 0}, {"b", TAG_INLINE, RUN_BOLD}, {"base", TAG_VOID, 0},
	{"bdi", TAG_INLINE, 0}, {"bdo", TAG_INLINE, 0}, {"big", TAG_INLINE, 0},
	{"blockquote", TAG_QUOTE, 0}, {"body", TAG_BLOCK, 0}, {"br", TAG_BR, 0},
	{"button", TAG_INLINE, 0}, {"caption", TAG_BLOCK, 0}, {"center", TAG_BLOCK, 0},
	{"cite", TAG_INLINE, RUN_ITALIC}, {"code", TAG_INLINE, RUN_CODE}, {"col", TAG_VOID, 0},
	{"dd", TAG_DD, 0}, {"del", TAG_INLINE, 0}, {"details", TAG_BLOCK, 0},
	{"dfn", TAG_INLINE, RUN_ITALIC}, {"dir", TAG_LIST, 0}, {"div", TAG_BLOCK, 0},
	{"dl", TAG_DL, 0}, {"dt", TAG_DD, 0}, {"em", TAG_INLINE, RUN_ITALIC},
	{"embed", TAG_VOID, 0}, {"fieldset", TAG_BLOCK, 0}, {"figcaption", TAG_BLOCK, 0},
	{"figure", TAG_BLOCK, 0}, {"font", TAG_INLINE, 0}, {"footer", TAG_BLOCK, 0},
	{"form", TAG_BLOCK, 0}, {"h1", TAG_HEADING, RUN_HEADING},
	{"h2", TAG_HEADING, RUN_HEADING}, {"h3", TAG_HEADING, RUN_HEADING},
	{"h4", TAG_HEADING, RUN_HEADING}, {"h5", TAG_HEADING, RUN_HEADING},
	{"h6", TAG_HEADING, RUN_HEADING}, {"head", TAG_BLOCK, 0}, {"header", TAG_BLOCK, 0},
	{"hr", TAG_HR, 0}, {"html", TAG_BLOCK, 0}, {"i", TAG_INLINE, RUN_ITALIC},
	{"img", TAG_IMG, 0}, {"input", TAG_VOID, 0}, {"ins", TAG_INLINE, 0},
	{"kbd", TAG_INLINE, RUN_CODE}, {"label", TAG_INLINE, 0}, {"legend", TAG_BLOCK, 0},
	{"li", TAG_ITEM, 0}, {"link", TAG_VOID, 0}, {"listing", TAG_PRE, RUN_CODE},
	{"main", TAG_BLOCK, 0}, {"mark", TAG_INLINE, 0}, {"menu", TAG_LIST, 0},
	{"meta", TAG_VOID, 0}, {"nav", TAG_BLOCK, 0}, {"nobr", TAG_INLINE, 0},
	{"o:p", TAG_INLINE, 0}, {"ol", TAG_LIST, 0}, {"option", TAG_BLOCK, 0}, {"p", TAG_PARA, 0},
	{"param", TAG_VOID, 0}, {"plaintext", TAG_PRE, 0}, {"pre", TAG_PRE, RUN_CODE},
	{"q", TAG_MARKS, 0}, {"s", TAG_INLINE, 0}, {"samp", TAG_INLINE, RUN_CODE},
	{"section", TAG_BLOCK, 0}, {"small", TAG_INLINE, 0}, {"source", TAG_VOID, 0},
	{"span", TAG_INLINE, 0}, {"strike", TAG_INLINE, 0}, {"strong", TAG_INLINE, RUN_BOLD},
	{"sub", TAG_INLINE, 0}, {"summary", TAG_BLOCK, 0}, {"sup", TAG_INLINE, 0},
	{"table", TAG_TABLE, 0}, {"tbody", TAG_BLOCK, 0}, {"td", TAG_CELL, 0},
	{"tfoot", TAG_BLOCK, 0}, {"th", TAG_CELL, RUN_BOLD}, {"thead", TAG_BLOCK, 0},
	{"time", TAG_INLINE, 0}, {"tr", TAG_ROW, 0}, {"track", TAG_VOID, 0},
	{"tt", TAG_INLINE, RUN_CODE}, {"u", TAG_INLINE, 0}, {"ul", TAG_LIST, 0},
	{"var", TAG_INLINE, RUN_ITALIC}, {"wbr", TAG_VOID, 0}, {"xmp", TAG_PRE, RUN_CODE},
};
/* clang-format on */

static const struct tag unknown_tag = {"", TAG_INLINE, 0};

struct open_element {
	const struct tag *tag;
	struct flow_ctx before;
	unsigned same; /* elements of this tag opened since that are not on the stack */
	bool link;     /* a link may stand open that this element's end closes */
	uint8_t gap;   /* line ends owed at its end */
};

struct hidden {                       /* the element whose content is being dropped */
	char name[HTML_NAME_MAX + 1]; /* "" = none */
	unsigned depth;               /* elements of that name open in it, itself included */
	unsigned tables;              /* opened in it: a table's end without one ends it */
};

struct walker {
	struct flow *f;
	struct table_set tables;
	struct open_element stack[STACK_MAX];
	size_t n;
	uint64_t over[TAG_VOID + 1]; /* by role: open elements that found the stack full */
	struct hidden hide;
	unsigned flags; /* enum html_flags */
	struct html_result *out;
};

static int tag_compare(const void *key, const void *entry)
{
	const struct tag *t = entry;
	return strcmp(key, t->name);
}

static const struct tag *tag_find(const char *name)
{
	const struct tag *t = bsearch(name, tags, ARRAY_SIZE(tags), sizeof(tags[0]), tag_compare);
	return t ? t : &unknown_tag;
}

static void pop_to(struct walker *w, size_t n)
{
	while (w->n > n) {
		const struct open_element *e = &w->stack[--w->n];
		if (e->link)
			flow_link_close(w->f);
		w->f->ctx = e->before;
		if (e->gap)
			flow_break(w->f, e->gap);
	}
}

/* Remembers the context before the element changes it; false when the stack is full. */
static bool push(struct walker *w, const struct tag *t, unsigned gap)
{
	if (w->n == STACK_MAX)
		return false;
	w->stack[w->n++] = (struct open_element){.tag = t,
		.before = w->f->ctx,
		.gap = (uint8_t)gap,
		.link = t->role == TAG_LINK || t->role == TAG_CELL};
	return true;
}

/* Whether a closing tag of role `closing` does not reach through an open element of role `open`. */
static bool is_barrier(unsigned open, unsigned closing)
{
	if (open == TAG_TABLE)
		return closing != TAG_TABLE;
	return open == TAG_CELL && closing != TAG_CELL && closing != TAG_TABLE &&
	       closing != TAG_ROW;
}

/* Position + 1 on the stack of the innermost open element of this tag, 0 = none in reach. */
static size_t find_open(const struct walker *w, const struct tag *t)
{
	for (size_t i = w->n; i > 0; i--) {
		const struct tag *open = w->stack[i - 1].tag;
		if (open == t || (t->role == TAG_CELL && open->role == TAG_CELL))
			return i;
		if (is_barrier(open->role, t->role))
			return 0;
	}
	return 0;
}

/* An image that is not loaded: counted when it is remote. */
static void count_image(struct walker *w, struct span src, bool dot)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(RENDER_MAX_URL);
	struct span rest = span_trim(src);

	if (rest.len > RENDER_MAX_URL)
		rest.len = RENDER_MAX_URL;
	html_decode(&url, rest);
	const char *checked = link_check(w->f->a, (struct span){url.p, url.len});
	if (!checked || !str_casestarts(checked, "http"))
		return;
	w->out->remote_images++;
	bool first_dot = dot && w->out->trackers == 0;
	w->out->trackers += dot;
	if (w->out->remote_host && !first_dot)
		return;
	CLEANUP(buf_release) struct buf host = BUF_INIT(1024);
	struct span h = link_host(checked);
	utf8_sanitise(&host, h.p, h.len < 256 ? h.len : 256, SANITISE_LINE);
	w->out->remote_host = arena_strndup(w->f->a, host.p, host.len);
}

static bool is_dot(const struct html_attrs *at)
{
	return (at->bits & (ATTR_DOT | ATTR_HIDDEN | ATTR_INVISIBLE)) ||
	       (at->width >= 0 && at->width <= 1) || (at->height >= 0 && at->height <= 1);
}

/* Text of an attribute: decoded, sanitised, on one line, collapsed by flow_text(). */
static void put_alt(struct walker *w, struct span alt, bool brackets)
{
	struct flow *f = w->f;
	bool pre = f->ctx.pre;

	if (!span_trim(alt).len)
		return;
	f->ctx.pre = false;
	if (brackets)
		flow_text(f, SPAN_LIT("["));
	flow_text(f, span_trim(alt));
	f->blanks = 0;
	if (brackets)
		flow_text(f, SPAN_LIT("]"));
	f->ctx.pre = pre;
}

/* The file's name in an image's URL, without its ending; "image" where it says nothing. */
static struct span image_name(struct span src)
{
	struct span name = {src.p, 0};

	for (size_t i = 0; i < src.len && src.p[i] != '?' && src.p[i] != '#'; i++) {
		if (src.p[i] == '/')
			name = (struct span){src.p + i + 1, 0};
		else
			name.len++;
	}
	const char *dot = name.len ? memchr(name.p, '.', name.len) : NULL;
	if (dot)
		name.len = (size_t)(dot - name.p);
	for (size_t i = 0; i < name.len; i++) {
		if (!ascii_isalnum(name.p[i]) && name.p[i] != '-' && name.p[i] != '_')
			name.len = 0;
	}
	return name.len && name.len <= IMAGE_NAME_MAX ? name : SPAN_LIT("image");
}

static void open_image(struct walker *w, const struct html_attrs *at, bool hidden)
{
	bool dot = is_dot(at) || hidden;

	if (at->src.len)
		count_image(w, at->src, dot);
	if (dot)
		return;
	w->out->images++;
	if ((w->flags & HTML_NAME_IMAGES) && !span_trim(at->alt).len)
		put_alt(w, image_name(at->src), true);
	else
		put_alt(w, at->alt, w->f->url == NULL);
}

static void open_link(struct walker *w, const struct html_attrs *at)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(RENDER_MAX_URL);

	flow_link_close(w->f);
	if (!at->href.len || at->href.len > RENDER_MAX_URL)
		return;
	html_decode(&url, at->href);
	flow_link_open(w->f, link_check(w->f->a, (struct span){url.p, url.len}));
}

/* An indented passage of one's own is written as a blockquote too (Gmail's and Outlook's indent
 * buttons): without a border, and not marked as cited. */
static bool is_indent(const struct html_attrs *at)
{
	return (at->bits & ATTR_NO_BORDER) && !at->type.len && !at->cite.len &&
	       !mem_casefind(at->klass.p, at->klass.len, "quote");
}

/* Yahoo quotes without a blockquote. */
static bool is_quoting_div(const struct tag *t, const struct html_attrs *at)
{
	return t->role == TAG_BLOCK && mem_casefind(at->klass.p, at->klass.len, "yahoo_quoted");
}

static void apply_bits(struct flow_ctx *c, unsigned bits)
{
	if (bits & ATTR_BOLD)
		c->style |= RUN_BOLD;
	if (bits & ATTR_LIGHT)
		c->style &= (uint16_t)~RUN_BOLD;
	if (bits & ATTR_ITALIC)
		c->style |= RUN_ITALIC;
	if (bits & (ATTR_TINY | ATTR_SIZED))
		c->tiny = bits & ATTR_TINY;
	if (bits & (ATTR_VISIBLE | ATTR_INVISIBLE))
		c->invisible = !(bits & ATTR_VISIBLE);
	if (bits & ATTR_PRE)
		c->pre = true;
}

static unsigned gap_before(const struct tag *t, const struct html_attrs *at, bool in_list)
{
	switch ((enum tag_role)t->role) {
	case TAG_PARA:
		if ((at->bits & ATTR_TIGHT) ||
			mem_casefind(at->klass.p, at->klass.len, "MsoNormal") ||
			mem_casefind(at->klass.p, at->klass.len, "MsoList"))
			return 1;
		return in_list ? 1 : 2;
	case TAG_HEADING:
	case TAG_QUOTE:
		return 2;
	case TAG_LIST:
		return in_list ? 1 : 2;
	case TAG_BLOCK:
	case TAG_ITEM:
	case TAG_PRE:
	case TAG_DD:
	case TAG_DL:
	case TAG_HR:
		return 1;
	case TAG_TABLE:
	case TAG_ROW:
	case TAG_CELL:
	case TAG_INLINE:
	case TAG_BR:
	case TAG_IMG:
	case TAG_LINK:
	case TAG_MARKS:
	case TAG_VOID:
		return 0;
	}
	return 0;
}

static int64_t list_number(struct span v, int64_t otherwise)
{
	int64_t n;
	return span_to_i64(span_trim(v), 0, 999999999, &n) ? n : otherwise;
}

/* What the element does besides its style; its context is pushed already. */
static void enter(struct walker *w, const struct tag *t, const struct html_attrs *at)
{
	struct flow *f = w->f;

	switch ((enum tag_role)t->role) {
	case TAG_LIST:
		flow_list_open(f, strcmp(t->name, "ol") == 0, list_number(at->start, 1));
		break;
	case TAG_ITEM:
		flow_list_item(f, list_number(at->value, -1));
		break;
	case TAG_DD:
		if (strcmp(t->name, "dd") == 0)
			flow_indent_open(f);
		break;
	case TAG_QUOTE:
		if (is_indent(at))
			flow_indent_open(f);
		else if (f->ctx.quote < FLOW_MAX_QUOTES)
			f->ctx.quote++;
		break;
	case TAG_PRE:
		f->ctx.pre = true;
		break;
	case TAG_LINK:
		open_link(w, at);
		break;
	case TAG_MARKS:
		flow_text(f, SPAN_LIT("\u201C"));
		break;
	case TAG_TABLE:
		/* browsers in quirks mode let no font-size into tables: layouts rely on it */
		f->ctx.tiny = at->bits & ATTR_TINY;
		break;
	case TAG_CELL:
		table_cell_open(&w->tables, f, t->style != 0, at->colspan, at->rowspan);
		break;
	case TAG_INLINE:
	case TAG_BLOCK:
	case TAG_PARA:
	case TAG_HEADING:
	case TAG_BR:
	case TAG_HR:
	case TAG_IMG:
	case TAG_ROW:
	case TAG_DL:
	case TAG_VOID:
		break;
	}
}

static bool must_push(const struct tag *t, unsigned bits)
{
	const unsigned changing = ATTR_BOLD | ATTR_LIGHT | ATTR_ITALIC | ATTR_TINY | ATTR_SIZED |
				  ATTR_INVISIBLE | ATTR_VISIBLE | ATTR_PRE;
	static const bool always[TAG_VOID + 1] = {
		[TAG_LIST] = true,
		[TAG_ITEM] = true,
		[TAG_DD] = true,
		[TAG_DL] = true,
		[TAG_QUOTE] = true,
		[TAG_PRE] = true,
		[TAG_LINK] = true,
		[TAG_MARKS] = true,
		[TAG_TABLE] = true,
		[TAG_CELL] = true,
		[TAG_HEADING] = true,
		[TAG_PARA] = true,
	};
	return always[t->role] || t->style || (bits & changing);
}

static bool is_void(const struct tag *t)
{
	return t->role == TAG_BR || t->role == TAG_HR || t->role == TAG_IMG || t->role == TAG_VOID;
}

static bool is_blocky(const struct tag *t)
{
	return t->role != TAG_INLINE && t->role != TAG_LINK && t->role != TAG_MARKS &&
	       t->role != TAG_BR && t->role != TAG_IMG && t->role != TAG_VOID;
}

/* p, li, dd, cells and links end where the next one begins; p before any block. */
static void close_implied(struct walker *w, const struct tag *t)
{
	bool repeats = t->role == TAG_LINK || t->role == TAG_ITEM || t->role == TAG_DD ||
		       t->role == TAG_CELL;

	if (is_blocky(t) && w->n && w->stack[w->n - 1].tag->role == TAG_PARA)
		pop_to(w, w->n - 1);
	if (!repeats || w->over[TAG_TABLE])
		return;
	for (size_t i = w->n; i > 0; i--) {
		unsigned open = w->stack[i - 1].tag->role;
		if (open == t->role) {
			pop_to(w, i - 1);
			return;
		}
		if (is_barrier(open, t->role) || (t->role == TAG_ITEM && open == TAG_LIST) ||
			(t->role == TAG_DD && open == TAG_DL) || open == TAG_QUOTE)
			return;
	}
}

/* The cell that is open in the innermost table, when its row ends. */
static void close_cell(struct walker *w)
{
	for (size_t i = w->n; i > 0 && !w->over[TAG_TABLE]; i--) {
		unsigned open = w->stack[i - 1].tag->role;
		if (open == TAG_TABLE)
			return;
		if (open != TAG_CELL)
			continue;
		pop_to(w, i - 1);
		table_cell_close(&w->tables, w->f);
		return;
	}
}

static void start_hiding(struct walker *w, const struct html_token *tok)
{
	memcpy(w->hide.name, tok->name, sizeof(w->hide.name));
	w->hide.depth = 1;
	w->hide.tables = 0;
}

/* The line ends before an element, and the elements that have no content. */
static void start_line(struct walker *w, const struct tag *t, const struct html_attrs *at,
	unsigned gap)
{
	struct flow *f = w->f;

	if (gap)
		flow_break(f, gap);
	if (t->role == TAG_BR)
		flow_br(f);
	else if (t->role == TAG_HR)
		flow_rule(f);
	else if (t->role == TAG_TABLE)
		table_open(&w->tables, f,
			span_caseeq(at->role, "presentation") || span_caseeq(at->role, "none"));
	else if (t->role == TAG_ROW)
		table_row(&w->tables, f);
}

static void start_element(struct walker *w, const struct tag *t, const struct html_attrs *at,
	unsigned gap)
{
	struct flow *f = w->f;
	bool quotes = is_quoting_div(t, at);

	if (!must_push(t, at->bits) && !quotes) {
		size_t i = find_open(w, t);
		if (i)
			w->stack[i - 1].same++;
	} else if (push(w, t, gap)) {
		f->ctx.style |= t->style;
		apply_bits(&f->ctx, at->bits);
		if (quotes && f->ctx.quote < FLOW_MAX_QUOTES)
			f->ctx.quote++;
		enter(w, t, at);
	} else {
		w->over[t->role]++;
		if (t->role == TAG_CELL)
			table_cell_open(&w->tables, f, false, at->colspan, at->rowspan);
	}
}

static void count_background(struct walker *w, const struct html_attrs *at)
{
	if (at->bits & ATTR_BACKGROUND)
		w->out->remote_images++;
	if (at->background.len)
		count_image(w, at->background, false);
}

static void open_tag(struct walker *w, const struct html_token *tok)
{
	const struct tag *t = tag_find(tok->name);
	struct flow *f = w->f;
	struct html_attrs at;

	html_attrs_read(tok->attrs, &at);
	count_background(w, &at);
	if (t->role == TAG_IMG) {
		open_image(w, &at, f->ctx.invisible);
		return;
	}
	close_implied(w, t);
	if (t->role == TAG_ROW)
		close_cell(w);
	if ((at.bits & ATTR_HIDDEN) && !is_void(t) && strcmp(tok->name, "body") != 0 &&
		strcmp(tok->name, "html") != 0) {
		start_hiding(w, tok);
		return;
	}
	unsigned gap = gap_before(t, &at, f->ctx.lists > 0);
	start_line(w, t, &at, gap);
	if (!is_void(t) && t != &unknown_tag)
		start_element(w, t, &at, gap);
}

/* An inline element ends with blocks still open in it ("<b>a<p>b</b>c"): it leaves the stack alone,
 * and what it added is taken from the elements within. */
static void remove_inline(struct walker *w, size_t i)
{
	const struct open_element *e = &w->stack[i];
	uint16_t added = w->stack[i + 1].before.style & (uint16_t)~e->before.style;

	if (e->link)
		flow_link_close(w->f);
	for (size_t k = i + 1; k < w->n; k++)
		w->stack[k].before.style &= (uint16_t)~added;
	w->f->ctx.style &= (uint16_t)~added;
	memmove(&w->stack[i], &w->stack[i + 1], (w->n - i - 1) * sizeof(w->stack[0]));
	w->n--;
}

static void end_element(struct walker *w, size_t i)
{
	bool inline_tag = !is_blocky(w->stack[i].tag);

	for (size_t k = i + 1; inline_tag && k < w->n; k++) {
		if (is_blocky(w->stack[k].tag)) {
			remove_inline(w, i);
			return;
		}
	}
	pop_to(w, i);
}

static void close_table_part(struct walker *w, const struct tag *t)
{
	if (t->role == TAG_CELL)
		table_cell_close(&w->tables, w->f);
	else if (t->role == TAG_TABLE)
		table_close(&w->tables, w->f);
}

static void close_tag(struct walker *w, const struct html_token *tok)
{
	const struct tag *t = tag_find(tok->name);
	struct flow *f = w->f;

	if (t == &unknown_tag)
		return;
	if (t->role == TAG_MARKS)
		flow_text(f, SPAN_LIT("\u201D"));
	if (t->role == TAG_BR)
		flow_br(f);
	if (w->over[t->role]) {
		w->over[t->role]--;
		close_table_part(w, t);
		return;
	}
	if (t->role == TAG_ROW)
		close_cell(w);
	size_t i = t->role == TAG_ROW ? 0 : find_open(w, t);
	if (i && w->stack[i - 1].same > 0) {
		w->stack[i - 1].same--;
	} else if (i) {
		end_element(w, i - 1);
	}
	if (i || t->role == TAG_TABLE)
		close_table_part(w, t);
	if (is_blocky(t))
		flow_break(f, 1);
}

/* Inside an element that is dropped. True when the tag is done with; false when it ends the
 * hiding and is still to be looked at. */
static bool pass_hidden(struct walker *w, const struct html_token *tok)
{
	const struct tag *t = tag_find(tok->name);
	struct hidden *h = &w->hide;
	const struct tag *hidden = tag_find(h->name);
	bool same = strcmp(h->name, tok->name) == 0;
	bool inner = h->tables > 0;
	bool ended = false, done = true;

	if (tok->kind == HTML_OPEN && t->role == TAG_IMG) {
		struct html_attrs at;
		html_attrs_read(tok->attrs, &at);
		open_image(w, &at, true);
	} else if (tok->kind == HTML_OPEN) {
		bool next = same && (hidden->role == TAG_CELL || hidden->role == TAG_ROW ||
					    hidden->role == TAG_ITEM);
		ended = (next && !inner) || (hidden->role == TAG_PARA && is_blocky(t));
		done = !ended;
		h->depth += same;
		h->tables += t->role == TAG_TABLE;
	} else if (same && --h->depth == 0) {
		ended = true;
	} else if (t->role == TAG_TABLE) {
		ended = !inner;
		done = inner;
		h->tables -= inner;
	} else if (!same && !inner && (t->role == TAG_CELL || t->role == TAG_ROW)) {
		ended = hidden->role != TAG_TABLE &&
			(t->role == TAG_ROW || hidden->role != TAG_ROW);
		done = !ended;
	}
	if (ended)
		h->name[0] = '\0';
	return done;
}

void html_render(const char *p, size_t n, unsigned flags, struct flow *f, struct html_result *out)
{
	struct walker w = {.f = f, .flags = flags, .out = out};
	struct html_lexer lx;
	struct html_token tok;

	*out = (struct html_result){.remote_host = NULL};
	table_set_init(&w.tables);
	html_lex_init(&lx, p, n);
	while (!f->cut && html_lex_next(&lx, &tok)) {
		if (tok.kind == HTML_TEXT) {
			if (!w.hide.name[0] && !f->ctx.tiny && !f->ctx.invisible)
				flow_text(f, tok.text);
		} else if (w.hide.name[0] && pass_hidden(&w, &tok)) {
			continue;
		} else if (tok.kind == HTML_OPEN) {
			open_tag(&w, &tok);
		} else {
			close_tag(&w, &tok);
		}
	}
	while (w.tables.depth)
		table_close(&w.tables, f);
	flow_link_close(f);
	out->steps = lx.steps + w.tables.rewritten;
	table_set_release(&w.tables);
}
