/*
 * draw.c - text into cells: sanitising, cutting, clipping, symbols with ASCII twins. Knows no
 * terminal and no view.
 */
#include "config.h"

#include "draw.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/err.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#define SCRATCH_MAX ((size_t)64 << 10)
/* Bytes looked at for each cell wanted: a cluster longer than this is cut, never shown wrongly. */
#define BYTES_PER_CELL 64

struct twins {
	const char *utf8, *ascii;
};

static const struct twins symbols[SYM_COUNT] = {
	[SYM_UNREAD] = {"●", "*"},
	[SYM_STAR] = {"⚑", "!"},
	[SYM_ATTACHMENT] = {"📎", "@"},
	[SYM_SELECTED] = {"✓", "x"},
	[SYM_FOLDED] = {"▸", "+"},
	[SYM_UNFOLDED] = {"▾", "-"},
	[SYM_CURRENT] = {"▸", ">"},
	[SYM_HRULE] = {"─", "-"},
	[SYM_VRULE] = {"│", "|"},
	[SYM_TEE_DOWN] = {"┬", "+"},
	[SYM_TEE_UP] = {"┴", "+"},
	[SYM_BULLET] = {"•", "*"},
	[SYM_SYNC] = {"⟳", "~"},
	[SYM_UP] = {"↑", "^"},
	[SYM_FOUND] = {"⇣", "v"},
	[SYM_ARROW] = {"→", ">"},
	[SYM_CHECK] = {"✓", "v"},
	[SYM_ELLIPSIS] = {"…", "."},
	[SYM_DOT] = {"·", "-"},
	[SYM_WARNING] = {"!", "!"},
	[SYM_REMIND] = {"↺", "r"},
};

/* Punctuation that our own sentences use, for terminals that show only ASCII. */
static const struct {
	uint32_t cp;
	char ascii;
} ascii_twins[] = {
	{0x00A0, ' '},
	{0x00B7, '-'},
	{0x2013, '-'},
	{0x2014, '-'},
	{0x2018, '\''},
	{0x2019, '\''},
	{0x201C, '"'},
	{0x201D, '"'},
	{0x201E, '"'},
	{0x2022, '*'},
	{0x2026, '.'},
	{0x2192, '>'},
	{0x2500, '-'},
	{0x2502, '|'},
};

void grid_init(struct grid *g, bool is_ascii)
{
	*g = (struct grid){.is_ascii = is_ascii, .scratch = BUF_INIT(SCRATCH_MAX)};
	grid_resize(g, 1, 1);
}

void grid_release(struct grid *g)
{
	free(g->cells);
	buf_release(&g->scratch);
	hyperlinks_release(&g->links);
	g->cells = NULL;
	g->rows = g->cols = 0;
}

void grid_resize(struct grid *g, int rows, int cols)
{
	if (rows < 1)
		rows = 1;
	if (cols < 1)
		cols = 1;
	if (rows != g->rows || cols != g->cols || !g->cells) {
		free(g->cells);
		g->cells = xcalloc((size_t)rows * (size_t)cols, sizeof(*g->cells));
		g->rows = rows;
		g->cols = cols;
	}
	grid_clear(g);
}

static void cell_blank(struct cell *c, unsigned style)
{
	*c = (struct cell){.text = " ", .len = 1, .width = 1, .style = (uint16_t)style};
}

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < (size_t)g->rows * (size_t)g->cols; i++)
		cell_blank(&g->cells[i], STYLE_NORMAL);
	g->has_cursor = false;
}

static struct cell *cell_at(const struct grid *g, int row, int col)
{
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

void grid_dump_row(const struct grid *g, int row, struct buf *out)
{
	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = cell_at(g, row, col);

		buf_add(out, c->text, c->len);
	}
	buf_rtrim(out);
}

void grid_dump(const struct grid *g, struct buf *out)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(BUF_UNLIMITED);

	for (int row = 0; row < g->rows; row++) {
		buf_reset(&line);
		grid_dump_row(g, row, &line);
		buf_add(out, line.p, line.len);
		buf_addch(out, '\n');
	}
}

struct draw draw_whole(struct grid *g)
{
	return (struct draw){.g = g, .rows = g->rows, .cols = g->cols};
}

struct draw draw_part(const struct draw *d, int row, int col, int rows, int cols)
{
	struct draw part = {.g = d->g, .row = d->row + row, .col = d->col + col};

	if (row < 0 || col < 0 || row >= d->rows || col >= d->cols || rows <= 0 || cols <= 0)
		return part;
	part.rows = rows < d->rows - row ? rows : d->rows - row;
	part.cols = cols < d->cols - col ? cols : d->cols - col;
	return part;
}

/* Overwriting half of a wide cell leaves a blank in the other half. */
static void cell_unpair(const struct grid *g, int row, int col)
{
	struct cell *c = cell_at(g, row, col);

	if (c->len == 0 && col > 0)
		cell_blank(cell_at(g, row, col - 1), c->style);
	if (c->width == 2 && col + 1 < g->cols)
		cell_blank(cell_at(g, row, col + 1), c->style);
}

static char ascii_twin(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_SIZE(ascii_twins); i++)
		if (ascii_twins[i].cp == cp)
			return ascii_twins[i].ascii;
	return '?';
}

/* Whole code points of the cluster that fit a cell. */
static size_t cell_fill(struct cell *c, const char *p, size_t n, bool is_ascii)
{
	uint32_t cp;
	size_t used = utf8_decode(p, n, &cp);

	if (is_ascii && cp >= 0x80) {
		c->text[0] = ascii_twin(cp);
		c->len = 1;
		return n;
	}
	memcpy(c->text, p, used);
	while (used < n) {
		size_t more = utf8_decode(p + used, n - used, &cp);

		if (used + more > CELL_BYTES || cell_width_cp(cp) > 0)
			break;
		memcpy(c->text + used, p + used, more);
		used += more;
	}
	c->len = (uint8_t)used;
	return n;
}

static void put_cluster(const struct draw *d, int row, int col, unsigned style, const char *p,
	size_t n, int width)
{
	int r = d->row + row, k = d->col + col;
	struct cell *c = cell_at(d->g, r, k);

	cell_unpair(d->g, r, k);
	if (width == 2)
		cell_unpair(d->g, r, k + 1);
	memset(c, 0, sizeof(*c));
	cell_fill(c, p, n, d->g->is_ascii);
	c->style = (uint16_t)style;
	c->width = (uint8_t)width;
	if (width == 2 && d->g->is_ascii) {
		c->width = 1;
		cell_blank(c + 1, style);
	} else if (width == 2) {
		c[1] = (struct cell){.style = (uint16_t)style};
	}
}

/* Draws sanitised text that is known to fit `cells`. */
static int put_run(const struct draw *d, int row, int col, unsigned style, const char *p, size_t n)
{
	int used = 0;

	for (size_t i = 0; i < n;) {
		int w;
		size_t len = utf8_cluster_cells(p + i, n - i, &w);

		if (w > 0 && col + used + w <= d->cols && row >= 0 && row < d->rows &&
			col + used >= 0)
			put_cluster(d, row, col + used, style, p + i, len, w);
		used += w;
		i += len;
	}
	return used;
}

/* The sanitised text cut to `cells`, in the grid's scratch. */
static struct buf *prepare(const struct draw *d, int cells, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(SCRATCH_MAX);
	size_t look = (size_t)cells * BYTES_PER_CELL;

	if (look > SCRATCH_MAX / 4)
		look = SCRATCH_MAX / 4;
	buf_reset(&d->g->scratch);
	utf8_sanitise(&clean, p, n < look ? n : look, SANITISE_LINE);
	utf8_add_cut(&d->g->scratch, clean.p, clean.len, (size_t)cells);
	return &d->g->scratch;
}

int draw_textn(const struct draw *d, int row, int col, int cells, unsigned style, const char *p,
	size_t n)
{
	const struct buf *b;

	if (cells > d->cols - col)
		cells = d->cols - col;
	if (cells <= 0 || n == 0)
		return 0;
	b = prepare(d, cells, p, n);
	return put_run(d, row, col, style, b->p, b->len);
}

int draw_text(const struct draw *d, int row, int col, int cells, unsigned style, const char *s)
{
	return s ? draw_textn(d, row, col, cells, style, s, strlen(s)) : 0;
}

int draw_width(const struct draw *d, const char *s)
{
	const struct buf *b = prepare(d, 1000, s, strlen(s));

	return (int)cell_width(b->p, b->len);
}

void text_addn(struct buf *out, const char *p, size_t n)
{
	size_t room = out->max - out->len;

	buf_add(out, p, n < room ? n : room);
}

void text_add(struct buf *out, const char *s)
{
	if (s)
		text_addn(out, s, strlen(s));
}

void text_add_part(struct buf *out, const char *s)
{
	if (!s || !*s)
		return;
	if (out->len)
		buf_addstr(out, " · ");
	text_add(out, s);
}

int draw_text_right(const struct draw *d, int row, int end, int cells, unsigned style,
	const char *s)
{
	const struct buf *b;
	int w;

	if (cells > end)
		cells = end;
	if (!s || cells <= 0)
		return end;
	b = prepare(d, cells, s, strlen(s));
	w = (int)cell_width(b->p, b->len);
	put_run(d, row, end - w, style, b->p, b->len);
	return end - w;
}

int draw_textf(const struct draw *d, int row, int col, int cells, unsigned style, const char *fmt,
	...)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(SCRATCH_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return draw_textn(d, row, col, cells, style, b.p, b.len);
}

const char *symbol_text(const struct grid *g, enum symbol s)
{
	return g->is_ascii ? symbols[s].ascii : symbols[s].utf8;
}

int symbol_width(const struct grid *g, enum symbol s)
{
	const char *t = symbol_text(g, s);

	return (int)cell_width(t, strlen(t));
}

int draw_symbol(const struct draw *d, int row, int col, unsigned style, enum symbol s)
{
	const char *t = symbol_text(d->g, s);

	return put_run(d, row, col, style, t, strlen(t));
}

void draw_fill(const struct draw *d, int row, int col, int rows, int cols, unsigned style)
{
	struct draw part = draw_part(d, row, col, rows, cols);

	for (int r = 0; r < part.rows; r++)
		for (int c = 0; c < part.cols; c++) {
			cell_unpair(d->g, part.row + r, part.col + c);
			cell_blank(cell_at(d->g, part.row + r, part.col + c), style);
		}
}

void draw_hrule(const struct draw *d, int row, int col, int cols, unsigned style)
{
	for (int c = col; c < col + cols && c < d->cols; c++)
		draw_symbol(d, row, c, style, SYM_HRULE);
}

void draw_vrule(const struct draw *d, int row, int col, int rows, unsigned style)
{
	for (int r = row; r < row + rows && r < d->rows; r++)
		draw_symbol(d, r, col, style, SYM_VRULE);
}

void draw_add_style(const struct draw *d, int row, int col, int cols, unsigned bits)
{
	struct draw part = draw_part(d, row, col, 1, cols);

	if (part.rows == 0)
		return;
	for (int c = 0; c < part.cols; c++)
		cell_at(d->g, part.row, part.col + c)->style |= (uint16_t)bits;
}

void draw_link(const struct draw *d, int row, int col, int cols, const char *url)
{
	struct draw part = draw_part(d, row, col, 1, cols);
	uint32_t link = part.rows > 0 ? hyperlinks_number(&d->g->links, url) : 0;

	if (link == 0)
		return;
	for (int c = 0; c < part.cols; c++)
		cell_at(d->g, part.row, part.col + c)->link = link;
}

void draw_cursor(const struct draw *d, int row, int col)
{
	if (row < 0 || row >= d->rows || d->rows <= 0 || d->cols <= 0)
		return;
	if (col >= d->cols)
		col = d->cols - 1;
	d->g->has_cursor = true;
	d->g->cursor_row = d->row + row;
	d->g->cursor_col = d->col + (col < 0 ? 0 : col);
}
