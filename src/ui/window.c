/* window.c - the keyset window; reads through its source alone. */
#include "config.h"

#include "window.h"

#include <string.h>

#include "motion.h"

#define PAGE 100
#define AHEAD 40 /* rows kept ready beyond the screen */
#define MOST 600

void window_init(struct window *w, const struct window_source *source)
{
	*w = (struct window){.source = *source, .arena = ARENA_INIT};
}

void window_release(struct window *w)
{
	arena_release(&w->arena);
	*w = (struct window){.arena = ARENA_INIT};
}

const void *window_row(const struct window *w, size_t i)
{
	return w->v + i * w->source.row_size;
}

const void *window_current(const struct window *w)
{
	return w->sel < w->n ? window_row(w, w->sel) : NULL;
}

static void add_rows(struct window *w, const struct window_page *p, bool before)
{
	size_t size = w->source.row_size;

	if (p->n == 0)
		return;
	w->v = arena_grow(&w->arena, w->v, &w->cap, w->n + p->n, size);
	if (before) {
		memmove(w->v + p->n * size, w->v, w->n * size);
		memcpy(w->v, p->v, p->n * size);
		w->sel += w->n ? p->n : 0;
		w->top += w->n ? p->n : 0;
	} else {
		memcpy(w->v + w->n * size, p->v, p->n * size);
	}
	w->n += p->n;
}

static int read_more(struct window *w, const void *from, bool back, size_t limit, struct err *e)
{
	struct window_page p = {.n = 0};

	if (w->source.read(w->source.ctx, &w->arena, from, back, limit, &p, e))
		return -1;
	add_rows(w, &p, back);
	if (back) {
		w->at_first = p.is_end;
		w->first = p.reached;
	} else {
		w->at_last = p.is_end;
		w->last = p.reached;
	}
	return 0;
}

static void drop_rows(struct window *w)
{
	w->arena = ARENA_INIT;
	w->v = NULL;
	w->n = w->cap = 0;
	w->at_first = w->at_last = false;
	w->first = w->last = NULL;
}

/* The rows after a position; what was there before is let go only when that is done. */
static int load_from(struct window *w, const void *from, bool back, size_t limit, struct err *e)
{
	struct window old = *w;

	drop_rows(w);
	if (!from && back)
		w->at_last = true;
	else if (!from)
		w->at_first = true;
	if (read_more(w, from, back, limit, e)) {
		arena_release(&w->arena);
		*w = old;
		return -1;
	}
	/* An empty page: rows may stand on the other side of where it began. */
	if (w->n == 0 && from && !back)
		w->first = w->last;
	arena_release(&old.arena);
	return 0;
}

int window_load(struct window *w, bool from_end, struct err *e)
{
	if (load_from(w, NULL, from_end, PAGE, e))
		return -1;
	w->top = 0;
	w->sel = from_end && w->n > 0 ? w->n - 1 : 0;
	return 0;
}

static size_t find_row(const struct window *w, int64_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->source.id(window_row(w, i)) == id)
			return i;
	return w->n;
}

/* Positions are exclusive: what stands before a row includes it. */
static const void *before_row(const struct window *w, size_t i)
{
	return i > 0 ? w->source.position(window_row(w, i - 1)) : w->first;
}

int window_reload(struct window *w, struct err *e)
{
	bool is_at_top = w->top == 0 && w->at_first;
	size_t from_top = w->sel - w->top, before = w->sel, at;
	size_t want = w->n - w->top > PAGE ? w->n - w->top : PAGE;
	const void *from = is_at_top ? NULL : before_row(w, w->top);
	int64_t id;

	if (w->n == 0)
		return window_load(w, false, e);
	id = w->source.id(window_current(w));
	if (load_from(w, from, false, want > MOST ? MOST : want, e))
		return -1;
	w->sel = w->top = 0;
	if (w->n == 0 && !is_at_top)
		return window_load(w, true, e);
	at = find_row(w, id);
	if (at == w->n)
		at = is_at_top ? before : from_top;
	w->sel = at < w->n ? at : (w->n > 0 ? w->n - 1 : 0);
	/* New rows above push the others down; who stood on the first row sees them arrive. */
	w->top = w->sel > from_top ? w->sel - from_top : 0;
	if (is_at_top && w->sel < (from_top + 1) * 2)
		w->top = 0;
	return 0;
}

/* Too many rows in memory: keeps those around the cursor, which may be far from the top when keys
 * came faster than paints. */
static int shrink(struct window *w, struct err *e)
{
	bool is_near = w->sel + PAGE > w->top && w->sel < w->top + PAGE;
	size_t about = is_near ? w->top : w->sel;
	size_t first = about > PAGE ? about - PAGE : 0, sel = w->sel - first,
	       top = w->top > first ? w->top - first : 0;
	const void *from = first == 0 && w->at_first ? NULL : before_row(w, first);

	if (load_from(w, from, false, 3 * PAGE, e))
		return -1;
	w->sel = sel < w->n ? sel : (w->n > 0 ? w->n - 1 : 0);
	w->top = top <= w->sel ? top : w->sel;
	return 0;
}

static const void *outermost(const struct window *w, bool back)
{
	const void *edge = back ? w->first : w->last;

	if (edge || w->n == 0)
		return edge;
	return w->source.position(window_row(w, back ? 0 : w->n - 1));
}

int window_fill(struct window *w, int height, struct err *e)
{
	size_t rows = (size_t)(height > 0 ? height : 1), wanted;

	if (w->n > MOST && shrink(w, e))
		return -1;
	wanted = w->sel + rows + AHEAD;
	if (!w->at_last && w->n < wanted &&
		read_more(w, outermost(w, false), false, wanted - w->n + PAGE, e))
		return -1;
	if (!w->at_first && (w->sel < AHEAD || w->n < rows) &&
		read_more(w, outermost(w, true), true, PAGE, e))
		return -1;
	w->is_looking = (!w->at_last && w->n < w->sel + rows) || (!w->at_first && w->sel < rows);
	return 0;
}

static bool is_near_end(const struct window *w, int height)
{
	size_t rows = (size_t)(height > 0 ? height : 1);

	return (!w->at_last && w->sel + rows >= w->n) || (!w->at_first && w->sel < rows);
}

/* Several keys may come between two paints: the rows that this one leads to are read before it. */
bool window_move(struct window *w, enum action act, int height, struct err *e)
{
	struct motion m;

	/* To an end that is not here: only what is there is read. */
	if ((act == ACTION_TOP && !w->at_first) || (act == ACTION_BOTTOM && !w->at_last)) {
		if (window_load(w, act == ACTION_BOTTOM, e))
			w->is_looking = false;
		return true;
	}
	m = (struct motion){.n = w->n, .sel = w->sel};
	if (!motion_move(&m, act, height > 0 ? (size_t)height : 1))
		return false;
	if (is_near_end(w, height)) {
		if (window_fill(w, height, e))
			return true;
		m = (struct motion){.n = w->n, .sel = w->sel};
		motion_move(&m, act, height > 0 ? (size_t)height : 1);
	}
	w->sel = m.sel;
	return true;
}

void window_scroll(struct window *w, int height)
{
	size_t h = height > 0 ? (size_t)height : 1;

	if (w->sel < w->top)
		w->top = w->sel;
	if (w->sel >= w->top + h)
		w->top = w->sel - h + 1;
	/* No blank rows at the end while there are rows above. */
	if (w->at_last && w->top + h > w->n)
		w->top = w->n > h ? w->n - h : 0;
}
