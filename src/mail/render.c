/*
 * render.c - plain text and HTML into a flow, and the finished render_doc. HTML itself: html.c;
 * quotes: blocks.c; which parts of a message are read: render_message.c.
 */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "html.h"
#include "html_flow.h"
#include "links.h"
#include "render_into.h"
#include "render_limits.h"

#define TAB_CELLS 8
#define PIECE ((size_t)64 << 10) /* bytes sanitised at once */

/* How much to sanitise at once: up to a line end, else to where a character ends. */
static size_t piece_len(const char *p, size_t n)
{
	size_t i = PIECE;

	if (n <= PIECE)
		return n;
	while (i > PIECE / 2 && p[i - 1] != '\n')
		i--;
	if (p[i - 1] == '\n')
		return i;
	for (i = PIECE; i > PIECE - 4 && ((unsigned char)p[i] & 0xC0) == 0x80;)
		i--;
	return p[i - 1] == '\r' ? i - 1 : i;
}

/* Tabs as blanks; *col is the cell that the text begins at. */
static void add_untabbed(struct buf *out, const char *p, size_t n, size_t *col)
{
	for (size_t i = 0; i < n; i++) {
		size_t start = i;
		while (i < n && p[i] != '\t' && p[i] != '\n')
			i++;
		buf_add(out, p + start, i - start);
		if (i == n || p[i] == '\t')
			*col += cell_width(p + start, i - start);
		if (i == n)
			break;
		if (p[i] == '\n') {
			buf_addch(out, '\n');
			*col = 0;
			continue;
		}
		do
			buf_addch(out, ' ');
		while (++*col % TAB_CELLS != 0);
	}
}

/* Sanitised, line ends LF. A piece that would pass the ceiling is left out as a whole. */
static void add_plain_text(struct buf *out, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(4 * PIECE);
	size_t col = 0;

	while (n > 0 && !out->failed) {
		size_t take = piece_len(p, n);
		buf_reset(&clean);
		utf8_sanitise(&clean, p, take, 0);
		add_untabbed(out, clean.p, clean.len, &col);
		p += take;
		n -= take;
	}
}

static void add_plain_link(struct flow *f, size_t offset, struct span url, const char *base)
{
	CLEANUP(buf_release) struct buf full = BUF_INIT(RENDER_MAX_URL + 16);
	size_t start = offset + (size_t)(url.p - base);

	if (str_ncasecmp(url.p, "www.", 4) == 0)
		buf_addstr(&full, "http://");
	buf_add(&full, url.p, url.len);
	const char *checked = link_check(f->a, (struct span){full.p, full.len});
	if (!checked || f->n_links == RENDER_MAX_LINKS)
		return;
	struct render_link *links =
		arena_grow(f->a, f->links, &f->cap_links, f->n_links + 1, sizeof(*links));
	if (!links)
		return;
	f->links = links;
	links[f->n_links++] = link_make(f->a, url, checked);
	if (f->n_runs == RENDER_MAX_RUNS)
		return;
	struct render_run *runs =
		arena_grow(f->a, f->runs, &f->cap_runs, f->n_runs + 1, sizeof(*runs));
	if (!runs)
		return;
	f->runs = runs;
	runs[f->n_runs++] = (struct render_run){.start = (uint32_t)start,
		.len = (uint32_t)url.len,
		.style = RUN_LINK,
		.link = (uint16_t)f->n_links};
}

void render_plain_into(struct flow *f, const char *p, size_t n)
{
	if (f->text.len)
		buf_addch(&f->text, '\n');
	size_t start = f->text.len, pos = 0;
	struct span url;

	add_plain_text(&f->text, p, n);
	f->cut = f->cut || f->text.failed;
	while (f->text.len > start && f->text.p[f->text.len - 1] == '\n')
		buf_truncate(&f->text, f->text.len - 1);
	struct span text = {f->text.p + start, f->text.len - start};
	while (f->n_links < RENDER_MAX_LINKS && link_find(text, &pos, &url))
		add_plain_link(f, start, url, text.p);
	f->nl = 0;
	flow_break(f, 1);
}

void render_finish(struct flow *f, struct render_doc *out)
{
	const char *text = arena_strndup(f->a, f->text.p, f->text.len);

	out->text = (struct span){text ? text : "", text ? f->text.len : 0};
	out->cut = f->cut || !text;
	out->links = f->links;
	out->n_links = f->n_links;
	out->runs = f->runs;
	out->n_runs = text ? f->n_runs : 0;
	render_blocks(f->a, out->text, &out->blocks, &out->n_blocks);
}

/* Nothing of an earlier part or pass reaches into the next: elements may have been left open. */
static void reset_flow(struct flow *f, unsigned nl)
{
	f->ctx = (struct flow_ctx){.style = 0};
	f->nl = nl;
	f->blanks = 0;
	f->touched = false;
	f->keep = RAW_NONE;
	f->marker[0] = '\0';
}

void render_html_into(struct flow *f, const char *p, size_t n, struct render_doc *out)
{
	struct html_result r;
	size_t before = f->text.len;

	reset_flow(f, before ? 1 : 0);
	html_render(p, n, 0, f, &r);
	if (f->text.len == before && r.images) {
		/* a mail of images alone: their names and links are better than nothing */
		reset_flow(f, before ? 1 : 0);
		html_render(p, n, HTML_NAME_IMAGES, f, &r);
	}
	reset_flow(f, f->nl);
	out->from_html = true;
	if (!out->remote_host || (!out->trackers && r.trackers))
		out->remote_host = r.remote_host;
	out->remote_images += r.remote_images;
	out->trackers += r.trackers;
}

void render_html(struct arena *a, const char *html, size_t n, struct render_doc *out)
{
	CLEANUP(flow_release) struct flow f;

	*out = (struct render_doc){.n_blocks = 0};
	flow_init(&f, a);
	render_html_into(&f, html, n, out);
	render_finish(&f, out);
}

void render_plain(struct arena *a, const char *text, size_t n, struct render_doc *out)
{
	CLEANUP(flow_release) struct flow f;

	*out = (struct render_doc){.n_blocks = 0};
	flow_init(&f, a);
	render_plain_into(&f, text, n);
	render_finish(&f, out);
}
