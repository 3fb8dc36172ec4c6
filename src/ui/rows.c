/* rows.c - the keyset window. The only user of thread_list_page in the screen. */
#include "config.h"

#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#define PAGE 100
#define AHEAD 40 /* rows kept ready beyond the screen */

void rows_init(struct rows *r)
{
	*r = (struct rows){.arena = ARENA_INIT};
}

void rows_release(struct rows *r)
{
	arena_release(&r->arena);
	free(r->selected);
	*r = (struct rows){.arena = ARENA_INIT};
}

static void drop_rows(struct rows *r)
{
	arena_reset(&r->arena);
	r->v = NULL;
	r->n = r->cap = 0;
	r->at_newest = r->at_oldest = false;
}

/* Puts rows before (newer) or after what is there. */
static void add_rows(struct rows *r, const struct thread_row *v, size_t n, bool before)
{
	if (n == 0)
		return;
	r->v = arena_grow(&r->arena, r->v, &r->cap, r->n + n, sizeof(*r->v));
	if (before) {
		memmove(r->v + n, r->v, r->n * sizeof(*r->v));
		memcpy(r->v, v, n * sizeof(*v));
		r->sel += n;
		r->top += n;
	} else {
		memcpy(r->v + r->n, v, n * sizeof(*v));
	}
	r->n += n;
}

static int load(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	const struct list_key *from, bool newer, size_t limit, struct err *e)
{
	struct thread_row *v = NULL;
	size_t n = 0;

	if (thread_list_page(s, &r->arena, spec, from, newer, limit, &v, &n, e))
		return -1;
	add_rows(r, v, n, newer && r->n > 0);
	if (n < limit && newer)
		r->at_newest = true;
	else if (n < limit)
		r->at_oldest = true;
	if (!from && newer)
		r->at_oldest = true;
	else if (!from)
		r->at_newest = true;
	return 0;
}

int rows_load_newest(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e)
{
	drop_rows(r);
	r->sel = r->top = 0;
	return load(r, s, spec, NULL, false, PAGE, e);
}

int rows_load_oldest(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e)
{
	drop_rows(r);
	r->sel = r->top = 0;
	if (load(r, s, spec, NULL, true, PAGE, e))
		return -1;
	r->sel = r->n > 0 ? r->n - 1 : 0;
	return 0;
}

static size_t find_thread(const struct rows *r, int64_t thread)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].thread == thread)
			return i;
	return r->n;
}

/* Keys are exclusive, thread ids whole numbers: this one includes the row itself. */
static struct list_key key_including(const struct thread_row *t)
{
	return (struct list_key){.sort_at = t->sort_at, .thread = t->thread + 1};
}

int rows_reload(struct rows *r, struct store_reader *s, const struct list_spec *spec, struct err *e)
{
	bool is_at_top = r->top == 0 && r->at_newest;
	size_t from_top = r->sel - r->top, before = r->sel, at;
	int64_t thread;
	struct list_key key;
	size_t want = r->n - r->top > PAGE ? r->n - r->top : PAGE;

	if (r->n == 0)
		return rows_load_newest(r, s, spec, e);
	thread = r->v[r->sel].thread;
	key = key_including(&r->v[r->top]);
	drop_rows(r);
	r->sel = r->top = 0;
	if (load(r, s, spec, is_at_top ? NULL : &key, false, want > ROWS_MAX ? ROWS_MAX : want, e))
		return -1;
	if (r->n == 0 && !is_at_top)
		return rows_load_oldest(r, s, spec, e);
	at = find_thread(r, thread);
	if (at == r->n)
		at = is_at_top ? before : from_top;
	r->sel = at < r->n ? at : (r->n > 0 ? r->n - 1 : 0);
	/* New rows above push the others down; who stood on the first row sees them arrive. */
	r->top = r->sel > from_top ? r->sel - from_top : 0;
	if (is_at_top && r->sel < (from_top + 1) * 2)
		r->top = 0;
	return 0;
}

/* Too many rows in memory: keeps those around the cursor, which may be far from the top when keys
 * came faster than paints. */
static int shrink(struct rows *r, struct store_reader *s, const struct list_spec *spec,
	struct err *e)
{
	bool is_near = r->sel + PAGE > r->top && r->sel < r->top + PAGE;
	size_t about = is_near ? r->top : r->sel;
	size_t first = about > PAGE ? about - PAGE : 0, sel = r->sel - first,
	       top = r->top > first ? r->top - first : 0;
	struct list_key key = key_including(&r->v[first]);
	bool at_newest = r->at_newest && first == 0;

	drop_rows(r);
	r->sel = r->top = 0;
	if (load(r, s, spec, &key, false, 3 * PAGE, e))
		return -1;
	r->at_newest = at_newest;
	r->sel = sel < r->n ? sel : (r->n > 0 ? r->n - 1 : 0);
	r->top = top <= r->sel ? top : r->sel;
	return 0;
}

int rows_fill(struct rows *r, struct store_reader *s, const struct list_spec *spec, int height,
	struct err *e)
{
	size_t wanted = r->sel + (size_t)(height > 0 ? height : 1) + AHEAD;

	if (r->n == 0)
		return 0;
	if (!r->at_oldest && r->n < wanted) {
		const struct thread_row *last = &r->v[r->n - 1];
		struct list_key key = {.sort_at = last->sort_at, .thread = last->thread};

		if (load(r, s, spec, &key, false, wanted - r->n + PAGE, e))
			return -1;
	}
	if (!r->at_newest && r->sel < AHEAD) {
		struct list_key key = {.sort_at = r->v[0].sort_at, .thread = r->v[0].thread};

		if (load(r, s, spec, &key, true, PAGE, e))
			return -1;
	}
	return r->n > ROWS_MAX ? shrink(r, s, spec, e) : 0;
}

void rows_move(struct rows *r, int64_t by)
{
	int64_t to = (int64_t)r->sel + by;

	if (to >= (int64_t)r->n)
		to = (int64_t)r->n - 1;
	r->sel = to < 0 ? 0 : (size_t)to;
}

void rows_scroll_to_sel(struct rows *r, int height)
{
	size_t h = height > 0 ? (size_t)height : 1;

	if (r->sel < r->top)
		r->top = r->sel;
	if (r->sel >= r->top + h)
		r->top = r->sel - h + 1;
	/* No blank rows at the end while there are rows above. */
	if (r->at_oldest && r->top + h > r->n)
		r->top = r->n > h ? r->n - h : 0;
}

const struct thread_row *rows_current(const struct rows *r)
{
	return r->sel < r->n ? &r->v[r->sel] : NULL;
}

static size_t find_selected(const struct rows *r, int64_t thread)
{
	for (size_t i = 0; i < r->n_selected; i++)
		if (r->selected[i] == thread)
			return i;
	return r->n_selected;
}

static bool in_range(const struct rows *r, size_t i)
{
	size_t a;

	if (!r->has_range)
		return false;
	a = find_thread(r, r->range_thread);
	if (a == r->n)
		return false;
	return a < r->sel ? i >= a && i <= r->sel : i >= r->sel && i <= a;
}

bool rows_is_selected(const struct rows *r, size_t i)
{
	return find_selected(r, r->v[i].thread) < r->n_selected || in_range(r, i);
}

static void select_thread(struct rows *r, int64_t thread)
{
	if (find_selected(r, thread) < r->n_selected)
		return;
	r->selected = xreallocarray(r->selected, r->n_selected + 1, sizeof(*r->selected));
	r->selected[r->n_selected++] = thread;
}

void rows_toggle(struct rows *r, size_t i)
{
	size_t at;

	if (i >= r->n)
		return;
	at = find_selected(r, r->v[i].thread);
	if (at == r->n_selected)
		select_thread(r, r->v[i].thread);
	else
		r->selected[at] = r->selected[--r->n_selected];
}

void rows_select_where(struct rows *r, bool (*want)(const struct thread_row *t))
{
	rows_unselect_all(r);
	for (size_t i = 0; i < r->n; i++)
		if (want(&r->v[i]))
			select_thread(r, r->v[i].thread);
}

void rows_unselect_all(struct rows *r)
{
	r->n_selected = 0;
	r->has_range = false;
}

void rows_toggle_range(struct rows *r)
{
	const struct thread_row *t = rows_current(r);

	if (!t)
		return;
	for (size_t i = 0; r->has_range && i < r->n; i++)
		if (in_range(r, i))
			select_thread(r, r->v[i].thread);
	r->has_range = !r->has_range;
	r->range_thread = t->thread;
}

const int64_t *rows_targets(struct rows *r, size_t *n)
{
	int64_t *ids;

	if (r->has_range)
		rows_toggle_range(r);
	*n = r->n_selected;
	if (r->n_selected == 0 && rows_current(r))
		*n = 1;
	ids = arena_array(&r->arena, *n + 1, sizeof(*ids));
	if (r->n_selected > 0)
		memcpy(ids, r->selected, r->n_selected * sizeof(*ids));
	else if (*n > 0)
		ids[0] = rows_current(r)->thread;
	return ids;
}

static bool is_among(int64_t thread, const int64_t *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (threads[i] == thread)
			return true;
	return false;
}

void rows_forget(struct rows *r, const int64_t *threads, size_t n)
{
	size_t kept = 0, sel = r->sel;

	for (size_t i = 0; i < r->n; i++) {
		if (is_among(r->v[i].thread, threads, n)) {
			sel -= i < r->sel;
			continue;
		}
		r->v[kept++] = r->v[i];
	}
	r->n = kept;
	r->sel = sel < kept ? sel : (kept > 0 ? kept - 1 : 0);
	if (r->top > r->sel)
		r->top = r->sel;
	rows_unselect_all(r);
}
