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

/* Sanitised, tabs as blanks, line ends LF. */
static void add_plain_text(struct buf *out, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(3 * RENDER_MAX_SOURCE);
	size_t col = 0;

	utf8_sanitise(&clean, p, n, 0);
	for (size_t i = 0; i < clean.len;) {
		size_t start = i;
		while (i < clean.len && clean.p[i] != '\t' && clean.p[i] != '\n')
			i++;
		buf_add(out, clean.p + start, i - start);
		if (i == clean.len)
			break;
		if (clean.p[i] == '\n') {
			buf_addch(out, '\n');
			col = 0;
		} else {
			col += cell_width(clean.p + start, i - start);
			do
				buf_addch(out, ' ');
			while (++col % TAB_CELLS != 0);
		}
		i++;
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
