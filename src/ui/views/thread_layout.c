/*
 * thread_layout.c - a conversation as lines: heads, header fields, wrapped text with folded quotes,
 * attachments, links. Run when the size or what is folded changes; paints nothing.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "thread.h"

#define TEXT_MAX_COLS 100 /* longer lines are hard to read */
#define TEXT_INDENT 3
#define QUOTE_SHOWN_LINES 3 /* short quotes are context, not ballast */
#define FIELD_MAX 4096
#define FIELDS_SHOWN 500
#define LINKS_LISTED_MAX 200

static struct thread_line *add_line(struct thread_data *d, enum line_kind kind, size_t message)
{
	d->lines = arena_grow(&d->layout_arena, d->lines, &d->cap_lines, d->n_lines + 1,
		sizeof(*d->lines));
	d->lines[d->n_lines] = (struct thread_line){.kind = kind, .message = message};
	return &d->lines[d->n_lines++];
}

static unsigned block_style(enum block_kind kind)
{
	switch (kind) {
	case BLOCK_QUOTE:
	case BLOCK_ATTRIBUTION:
	case BLOCK_SIGNATURE:
		return STYLE_QUOTE | STYLE_DIM;
	case BLOCK_TEXT:
	case BLOCK_FORWARD:
		return STYLE_NORMAL;
	}
	return STYLE_NORMAL;
}

static void add_text(struct thread_data *d, size_t message, struct span text, unsigned style,
	int width)
{
	struct wrap_line *w = NULL;
	size_t n = render_wrap(&d->layout_arena, text, (unsigned)(width > 1 ? width : 1), &w);

	for (size_t i = 0; i < n; i++) {
		struct thread_line *l = add_line(d, LINE_TEXT, message);

		l->p = text.p + w[i].start;
		l->len = w[i].len;
		l->indent = w[i].indent;
		l->quote = w[i].quote;
		l->style = style;
	}
}

static int count_lines(struct span text)
{
	int n = text.len > 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.p[i] == '\n';
	return n;
}

/* Quotes with the attribution line before them fold together. */
static size_t add_quotes(struct thread_data *d, size_t message, const struct render_doc *doc,
	size_t first, int width)
{
	bool is_shown = d->v[message].has_quotes_shown;
	size_t end = first;
	int lines = 0;

	while (end < doc->n_blocks && (doc->blocks[end].kind == BLOCK_QUOTE ||
					      doc->blocks[end].kind == BLOCK_ATTRIBUTION)) {
		lines += count_lines(doc->blocks[end].text);
		end++;
	}
	if (!is_shown && lines > QUOTE_SHOWN_LINES) {
		add_line(d, LINE_QUOTES, message)->count = lines;
		return end;
	}
	for (size_t i = first; i < end; i++)
		add_text(d, message, doc->blocks[i].text, block_style(doc->blocks[i].kind), width);
	return end;
}

static void add_doc(struct thread_data *d, size_t message, const struct render_doc *doc, int width)
{
	size_t i = 0;

	while (i < doc->n_blocks) {
		const struct render_block *b = &doc->blocks[i];

		if (b->kind == BLOCK_QUOTE || b->kind == BLOCK_ATTRIBUTION) {
			i = add_quotes(d, message, doc, i, width);
			continue;
		}
		add_text(d, message, b->text, block_style(b->kind), width);
		i++;
	}
	while (d->n_lines > 0 && d->lines[d->n_lines - 1].kind == LINE_TEXT &&
		d->lines[d->n_lines - 1].len == 0)
		d->n_lines--;
}

static void add_source(struct thread_data *d, size_t message, const struct body *b, int width)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT((size_t)1 << 20);
	char *kept;

	utf8_sanitise(&clean, b->raw, b->raw_len < clean.max ? b->raw_len : clean.max, 0);
	kept = arena_strndup(&d->layout_arena, clean.p, clean.len);
	add_text(d, message, (struct span){kept, clean.len}, STYLE_DIM, width);
}

static void add_field(struct thread_data *d, size_t message, struct span name, const char *value,
	int width)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FIELD_MAX);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(FIELD_MAX * 4);

	text_addn(&b, name.p, name.len);
	text_add(&b, ": ");
	text_add(&b, value);
	utf8_sanitise(&clean, b.p, b.len, SANITISE_LINE);
	add_text(d, message,
		(struct span){arena_strndup(&d->layout_arena, clean.p, clean.len), clean.len},
		STYLE_DIM, width);
}

static void add_headers(struct thread_data *d, size_t message, const struct body *b, int width)
{
	for (size_t i = 0; i < b->m.headers.n && i < FIELDS_SHOWN; i++) {
		const struct header_field *f = &b->m.headers.v[i];
		CLEANUP(buf_release) struct buf value = BUF_INIT(HEADER_MAX_FIELD * 4);
		struct span raw = header_unfold(&d->layout_arena, f->value);

		rfc2047_decode(&value, raw.p, raw.len);
		add_field(d, message, f->name, value.p, width);
	}
	add_line(d, LINE_BLANK, message);
}

static void add_note(struct thread_data *d, size_t message, const char *text, unsigned style)
{
	struct thread_line *l = add_line(d, LINE_NOTE, message);

	l->p = text;
	l->len = strlen(text);
	l->style = style;
}

static void add_tail(struct thread_data *d, size_t message, const struct body *b)
{
	if (b->n_attachments > 0 || b->doc.remote_images > 0 || b->doc.n_links > 0)
		add_line(d, LINE_BLANK, message);
	for (size_t i = 0; i < b->n_attachments; i++)
		add_line(d, LINE_ATTACHMENT, message)->index = i;
	if (b->doc.remote_images > 0)
		add_line(d, LINE_REMOTE, message);
	for (size_t i = 0; i < b->doc.n_links && i < LINKS_LISTED_MAX; i++)
		add_line(d, LINE_LINK, message)->index = i;
}

static void add_body(struct thread_data *d, size_t i, int width)
{
	struct thread_message *m = &d->v[i];

	if (!m->body) {
		add_note(d, i, _("Opening…"), STYLE_DIM);
		return;
	}
	if (m->has_headers_shown)
		add_headers(d, i, m->body, width);
	if (m->format == FORMAT_SOURCE) {
		add_source(d, i, m->body, width);
		return;
	}
	if (m->body->state == BODY_NONE)
		add_note(d, i, _("The text of this message is being fetched."), STYLE_WAITING);
	else if (m->body->state == BODY_PARKED)
		add_note(d, i,
			m->row->parked ? m->row->parked
				       : _("The text of this message could not be fetched."),
			STYLE_FAILED);
	add_doc(d, i, &m->body->doc, width);
	if (m->body->state == BODY_PARTLY)
		add_note(d, i, _("The rest of this large message is being fetched."),
			STYLE_WAITING);
	add_tail(d, i, m->body);
}

bool thread_has_panel(const struct view *v)
{
	return v->cols >= PANEL_MIN_COLS || thread_data_of(v)->has_panel_shown;
}

int thread_text_cols(const struct view *v)
{
	return v->cols >= PANEL_MIN_COLS ? v->cols - PANEL_COLS - 1 : v->cols;
}

int thread_height(const struct view *v)
{
	int h = v->rows >= 5 ? v->rows - 2 : v->rows; /* line of people, rule below */

	return h > 0 ? h : 1;
}

void thread_layout(struct view *v)
{
	struct thread_data *d = thread_data_of(v);
	int width = thread_text_cols(v) - TEXT_INDENT - 2;

	if (width > TEXT_MAX_COLS)
		width = TEXT_MAX_COLS;
	arena_reset(&d->layout_arena);
	d->lines = NULL;
	d->n_lines = d->cap_lines = 0;
	for (size_t i = 0; i < d->n; i++) {
		add_line(d, LINE_HEAD, i);
		if (d->v[i].is_folded)
			continue;
		add_line(d, LINE_BLANK, i);
		add_body(d, i, width);
		add_line(d, LINE_BLANK, i);
	}
}

size_t thread_head_line(const struct thread_data *d, size_t message)
{
	for (size_t i = 0; i < d->n_lines; i++)
		if (d->lines[i].kind == LINE_HEAD && d->lines[i].message == message)
			return i;
	return 0;
}
