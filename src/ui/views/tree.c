/* tree.c - asks for the messages, orders them, paints a line each. */
#include "config.h"

#include "tree.h"

#include <string.h>

#include "body.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/message.h"
#include "ui/ui_core.h"
#include "ui/when.h"

#define STATE_COL 3
#define NAME_COL 5
#define NAME_CELLS 24
#define TIME_CELLS 6
#define DEPTH_SHOWN 8 /* deeper ones are indented no further */

void tree_init(struct tree *t)
{
	*t = (struct tree){.arena = ARENA_INIT};
}

void tree_release(struct tree *t)
{
	arena_release(&t->arena);
}

void tree_want(struct tree *t, struct view *v, int64_t thread)
{
	struct open_job *o;

	if (thread != t->thread) {
		arena_reset(&t->arena);
		t->v = NULL;
		t->n = t->sel = 0;
	}
	t->thread = thread;
	t->generation++;
	if (!thread)
		return;
	o = open_job_new(JOB_KEEP, thread, 0, t->generation);
	o->only_rows = true;
	ui_submit(v, &o->job);
}

static bool has_parent(const struct message_row *m, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (k != i && m[k].id == m[i].parent)
			return true;
	return false;
}

struct walk {
	const struct message_row *m;
	size_t n;
	bool *seen;
	struct tree_node *out, *stack;
	size_t n_out, n_stack;
};

static void push(struct walk *w, size_t i, int depth)
{
	w->seen[i] = true;
	w->stack[w->n_stack++] = (struct tree_node){&w->m[i], depth};
}

/* A message and all below it; answers wait on the stack, the oldest on top. */
static void add_below(struct walk *w, size_t root)
{
	push(w, root, 0);
	while (w->n_stack > 0) {
		struct tree_node node = w->stack[--w->n_stack];

		w->out[w->n_out++] = node;
		for (size_t i = w->n; i-- > 0;)
			if (!w->seen[i] && w->m[i].parent == node.m->id)
				push(w, i, node.depth + 1);
	}
}

void tree_order(struct arena *a, const struct message_row *m, size_t n, struct tree_node **out)
{
	struct walk w = {.m = m, .n = n};

	w.seen = arena_array(a, n + 1, sizeof(*w.seen));
	w.out = arena_array(a, n + 1, sizeof(*w.out));
	w.stack = arena_array(a, n + 1, sizeof(*w.stack));
	for (size_t i = 0; i < n; i++)
		if (!w.seen[i] && !has_parent(m, n, i))
			add_below(&w, i);
	for (size_t i = 0; i < n; i++) /* whose parents go in circles */
		if (!w.seen[i])
			add_below(&w, i);
	*out = w.out;
}

void tree_take(struct tree *t, struct open_job *o)
{
	const struct message_row *m = tree_current(t);
	int64_t id = m ? m->id : 0;
	size_t skip = o->n_messages > TREE_MAX ? o->n_messages - TREE_MAX : 0;

	if (o->thread == t->thread && o->job.generation == t->generation &&
		o->job.err.code == ERR_NONE) {
		arena_release(&t->arena);
		t->arena = o->arena;
		o->arena = ARENA_INIT;
		t->n = o->n_messages - skip;
		tree_order(&t->arena, o->messages + skip, t->n, &t->v);
		t->sel = 0;
		for (size_t i = 0; id && i < t->n; i++)
			if (t->v[i].m->id == id)
				t->sel = i + 1;
	}
	o->job.free(&o->job);
}

const struct message_row *tree_current(const struct tree *t)
{
	return t->sel > 0 && t->sel <= t->n ? t->v[t->sel - 1].m : NULL;
}

static size_t first_shown(const struct tree *t, int lines)
{
	return t->sel > (size_t)lines ? t->sel - (size_t)lines : 0;
}

int tree_cursor_line(const struct tree *t, int lines)
{
	return t->sel > 0 ? (int)(t->sel - 1 - first_shown(t, lines)) : 0;
}

static void paint_node(const struct draw *d, int row, const struct tree_node *node, int64_t now)
{
	const struct message_row *m = node->m;
	CLEANUP(buf_release) struct buf when = BUF_INIT(64);
	int depth = node->depth < DEPTH_SHOWN ? node->depth : DEPTH_SHOWN;
	int col = NAME_COL + 2 * depth, end = d->cols - 1;
	bool is_unread = !(m->flags & MSG_SEEN) && !m->is_own;
	unsigned weight = is_unread ? STYLE_BOLD : STYLE_NORMAL;
	const char *name = m->from.name && *m->from.name ? m->from.name : m->from.addr;

	if (is_unread)
		draw_symbol(d, row, STATE_COL, STYLE_ACCENT | STYLE_BOLD, SYM_UNREAD);
	when_short(&when, m->date ? m->date : m->received, now);
	end = draw_text_right(d, row, end, TIME_CELLS + 1, weight | STYLE_DIM, when.p) - 2;
	if (m->is_own)
		name = _("you");
	col += draw_text(d, row, col, end - col < NAME_CELLS ? end - col : NAME_CELLS, weight,
		       name ? name : _("nobody")) +
	       2;
	if (col < end)
		draw_text(d, row, col, end - col, STYLE_DIM, m->snippet);
}

void tree_paint(const struct tree *t, const struct draw *d, int64_t now)
{
	size_t first = first_shown(t, d->rows);

	for (int i = 0; i < d->rows && first + (size_t)i < t->n; i++) {
		paint_node(d, i, &t->v[first + (size_t)i], now);
		if (first + (size_t)i + 1 == t->sel)
			draw_add_style(d, i, 0, d->cols, STYLE_SELECTED);
	}
}
