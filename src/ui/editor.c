/*
 * editor.c - the text, its changes and its motions. Wrapping and painting are editor_show.c's.
 */
#include "config.h"

#include "editor.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "editor_private.h"

#define UNDO_MAX 1000
#define UNDO_BYTES_MAX ((size_t)4 * EDITOR_MAX)

struct edit {
	size_t at;
	char *removed, *added;
	size_t n_removed, n_added;
};

void editor_init(struct editor *e, bool is_line)
{
	*e = (struct editor){
		.text = BUF_INIT(EDITOR_MAX), .is_line = is_line, .goal_col = -1, .width = 80};
}

static void edit_release(struct edit *x)
{
	free(x->removed);
	free(x->added);
}

static void forget_edits(struct editor *e, size_t from)
{
	for (size_t i = from; i < e->n_edits; i++) {
		e->edit_bytes -= e->edits[i].n_removed + e->edits[i].n_added;
		edit_release(&e->edits[i]);
	}
	e->n_edits = from;
	if (e->n_done > from)
		e->n_done = from;
}

void editor_release(struct editor *e)
{
	forget_edits(e, 0);
	free(e->edits);
	free(e->lines);
	buf_release(&e->text);
	*e = (struct editor){.text = BUF_INIT(EDITOR_MAX)};
}

static void clean(const struct editor *e, const char *p, size_t n, struct buf *out)
{
	utf8_sanitise(out, p, n, SANITISE_KEEP_ZW | (e->is_line ? SANITISE_LINE : 0));
	for (size_t i = 0; i < out->len; i++)
		if (out->p[i] == '\t')
			out->p[i] = ' ';
}

void editor_set(struct editor *e, const char *text)
{
	forget_edits(e, 0);
	buf_reset(&e->text);
	clean(e, text ? text : "", text ? strlen(text) : 0, &e->text);
	e->cur = e->anchor = 0;
	e->top = 0;
	e->is_wrapped = false;
	e->is_typing = false;
}

/* Replaces n bytes at `at`; the only place that changes the text. */
static void splice(struct editor *e, size_t at, size_t n, const char *p, size_t len)
{
	size_t tail = e->text.len - at - n;

	if (len > n)
		buf_add(&e->text, p, len - n); /* for the room */
	if (tail > 0)
		memmove(e->text.p + at + len, e->text.p + at + n, tail);
	if (len > 0)
		memcpy(e->text.p + at, p, len);
	buf_truncate(&e->text, at + len + tail);
	e->changes++;
	editor_rewrap_part(e, at, n, len);
}

static void forget_oldest(struct editor *e)
{
	e->edit_bytes -= e->edits[0].n_removed + e->edits[0].n_added;
	edit_release(&e->edits[0]);
	memmove(e->edits, e->edits + 1, (--e->n_edits) * sizeof(*e->edits));
}

/* A letter behind the letters of the last change is part of it. */
static bool join_typing(struct editor *e, size_t at, size_t n, const char *p, size_t len)
{
	struct edit *last = &e->edits[e->n_edits - 1];

	if (!e->is_typing || n > 0 || last->at + last->n_added != at)
		return false;
	last->added = xreallocarray(last->added, last->n_added + len + 1, 1);
	memcpy(last->added + last->n_added, p, len);
	last->n_added += len;
	return true;
}

/* So is what is deleted right before or behind what the last change deleted. */
static bool join_deleting(struct editor *e, size_t at, size_t n, size_t len)
{
	struct edit *last = &e->edits[e->n_edits - 1];
	bool is_before = at + n == last->at;

	if (!e->is_deleting || len > 0 || last->n_added > 0 || (!is_before && at != last->at))
		return false;
	last->removed = xreallocarray(last->removed, last->n_removed + n + 1, 1);
	if (is_before)
		memmove(last->removed + n, last->removed, last->n_removed);
	memcpy(last->removed + (is_before ? 0 : last->n_removed), e->text.p + at, n);
	last->n_removed += n;
	last->at = at;
	return true;
}

static void remember(struct editor *e, size_t at, size_t n, const char *p, size_t len)
{
	struct edit x = {.at = at, .n_removed = n, .n_added = len};

	forget_edits(e, e->n_done);
	e->edit_bytes += n + len;
	if (e->n_edits > 0 && (join_typing(e, at, n, p, len) || join_deleting(e, at, n, len)))
		return;
	while (e->n_edits > 0 && (e->n_edits == UNDO_MAX || e->edit_bytes > UNDO_BYTES_MAX))
		forget_oldest(e);
	if (e->n_edits == e->cap_edits) {
		e->cap_edits = e->cap_edits ? e->cap_edits * 2 : 16;
		e->edits = xreallocarray(e->edits, e->cap_edits, sizeof(*e->edits));
	}
	x.removed = xstrndup(e->text.p + at, n);
	x.added = xstrndup(p, len);
	e->edits[e->n_edits++] = x;
	e->n_done = e->n_edits;
}

/* The end of the cluster that the byte before `at` is in: a mark may have come behind it. */
static size_t stop_at(const struct editor *e, size_t at)
{
	size_t start = at - utf8_cluster_back(e->text.p, at);

	return at == 0 ? 0 : start + utf8_cluster(e->text.p + start, e->text.len - start);
}

static void stand_at(struct editor *e, size_t at)
{
	e->cur = e->anchor = stop_at(e, at);
	e->goal_col = -1;
}

static void change(struct editor *e, size_t at, size_t n, const char *p, size_t len)
{
	if (e->text.len - n + len > EDITOR_MAX) {
		e->is_full = true;
		return;
	}
	remember(e, at, n, p, len);
	splice(e, at, n, p, len);
	stand_at(e, at + len);
	e->is_deleting = n > 0 && len == 0;
}

struct span editor_selection(const struct editor *e)
{
	size_t from = e->cur < e->anchor ? e->cur : e->anchor;
	size_t to = e->cur < e->anchor ? e->anchor : e->cur;

	return (struct span){e->text.p + from, to - from};
}

void editor_insert(struct editor *e, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(EDITOR_MAX);
	struct span sel = editor_selection(e);
	bool is_char = n <= 4 && sel.len == 0;

	clean(e, p, n, &b);
	e->is_full = b.failed;
	if (b.failed || (b.len == 0 && sel.len == 0))
		return;
	/* A word is undone as one: typing breaks at blanks and line ends. */
	if (!is_char || b.p[0] == ' ' || b.p[0] == '\n')
		e->is_typing = false;
	change(e, (size_t)(sel.p - e->text.p), sel.len, b.p, b.len);
	e->is_typing = is_char;
}

void editor_replace(struct editor *e, size_t at, size_t n, const char *p, size_t len)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(EDITOR_MAX);

	clean(e, p, len, &b);
	e->is_typing = false;
	change(e, at, n, b.p, b.len);
}

void editor_delete_selection(struct editor *e)
{
	struct span sel = editor_selection(e);

	e->is_typing = false;
	e->is_deleting = false;
	if (sel.len > 0)
		change(e, (size_t)(sel.p - e->text.p), sel.len, "", 0);
	e->is_deleting = false;
}

void editor_select_all(struct editor *e)
{
	e->anchor = 0;
	e->cur = e->text.len;
	e->is_typing = e->is_deleting = false;
	e->goal_col = -1;
}

bool editor_undo(struct editor *e)
{
	const struct edit *x;

	if (e->n_done == 0)
		return false;
	x = &e->edits[--e->n_done];
	splice(e, x->at, x->n_added, x->removed, x->n_removed);
	stand_at(e, x->at + x->n_removed);
	e->is_typing = e->is_deleting = false;
	return true;
}

bool editor_redo(struct editor *e)
{
	const struct edit *x;

	if (e->n_done == e->n_edits)
		return false;
	x = &e->edits[e->n_done++];
	splice(e, x->at, x->n_removed, x->added, x->n_added);
	stand_at(e, x->at + x->n_added);
	e->is_typing = e->is_deleting = false;
	return true;
}

static size_t left_of(const struct editor *e, size_t at)
{
	return at == 0 ? 0 : at - utf8_cluster_back(e->text.p, at);
}

static size_t right_of(const struct editor *e, size_t at)
{
	return at + utf8_cluster(e->text.p + at, e->text.len - at);
}

static bool is_word(const struct editor *e, size_t at)
{
	unsigned char c = (unsigned char)e->text.p[at];

	return c >= 0x80 || ascii_isalnum((char)c) || c == '_';
}

static size_t word_left(const struct editor *e)
{
	size_t at = e->cur;

	while (at > 0 && !is_word(e, left_of(e, at)))
		at = left_of(e, at);
	while (at > 0 && is_word(e, left_of(e, at)))
		at = left_of(e, at);
	return at;
}

static size_t word_right(const struct editor *e)
{
	size_t at = e->cur;

	while (at < e->text.len && !is_word(e, at))
		at = right_of(e, at);
	while (at < e->text.len && is_word(e, at))
		at = right_of(e, at);
	return at;
}

static void move_to(struct editor *e, size_t at, bool select)
{
	e->is_deleting = false;
	e->cur = at;
	if (!select)
		e->anchor = at;
	e->is_typing = false;
	e->goal_col = -1;
}

static void move_lines(struct editor *e, int by, bool select)
{
	size_t line, to;
	int col;

	editor_rewrap(e);
	col = e->goal_col >= 0 ? e->goal_col : editor_col_of(e, e->cur);
	line = editor_line_of(e, e->cur);
	to = by < 0 ? (line > (size_t)-by ? line - (size_t)-by : 0) : line + (size_t)by;

	if (e->n_lines == 0 || (by < 0 && line == 0)) {
		move_to(e, 0, select);
		return;
	}
	if (to >= e->n_lines) {
		move_to(e, e->text.len, select);
		return;
	}
	move_to(e, editor_offset_at(e, to, col), select);
	e->goal_col = col;
}

static void move_in_line(struct editor *e, bool to_end, bool select)
{
	size_t line;

	editor_rewrap(e);
	line = editor_line_of(e, e->cur);
	if (e->is_line || e->n_lines == 0)
		move_to(e, to_end ? e->text.len : 0, select);
	else
		move_to(e, e->lines[line].start + (to_end ? e->lines[line].len : 0), select);
}

/* The selection, or else what lies between here and there. */
static void delete_to(struct editor *e, size_t at)
{
	size_t from = at < e->cur ? at : e->cur, to = at < e->cur ? e->cur : at;

	if (e->cur != e->anchor) {
		editor_delete_selection(e);
	} else if (to > from) {
		e->is_typing = false;
		change(e, from, to - from, "", 0);
	}
}

static bool motion_key(struct editor *e, const struct key *k)
{
	bool sel = (k->mods & KEY_SHIFT) != 0, word = (k->mods & KEY_CTRL) != 0;
	int page = e->height > 2 ? e->height - 1 : 1;

	switch (k->code) {
	case UKEY_LEFT:
		move_to(e, word ? word_left(e) : left_of(e, e->cur), sel);
		return true;
	case UKEY_RIGHT:
		move_to(e, word ? word_right(e) : right_of(e, e->cur), sel);
		return true;
	case UKEY_HOME:
		if (word)
			move_to(e, 0, sel);
		else
			move_in_line(e, false, sel);
		return true;
	case UKEY_END:
		if (word)
			move_to(e, e->text.len, sel);
		else
			move_in_line(e, true, sel);
		return true;
	case UKEY_UP:
	case UKEY_DOWN:
		if (!e->is_line)
			move_lines(e, k->code == UKEY_UP ? -1 : 1, sel);
		return !e->is_line;
	case UKEY_PGUP:
	case UKEY_PGDN:
		if (!e->is_line)
			move_lines(e, k->code == UKEY_PGUP ? -page : page, sel);
		return !e->is_line;
	default:
		return false;
	}
}

bool editor_key(struct editor *e, const struct key *k)
{
	bool word = (k->mods & (KEY_CTRL | KEY_ALT)) != 0;
	char c[4];

	if (key_is_text(k)) {
		editor_insert(e, c, utf8_encode(k->code, c));
		return true;
	}
	if (motion_key(e, k))
		return true;
	switch (k->code) {
	case UKEY_PASTE:
		editor_insert(e, k->paste, k->paste_len);
		return true;
	case UKEY_ENTER:
		if (!e->is_line && k->mods == 0)
			editor_insert(e, "\n", 1);
		return !e->is_line && k->mods == 0;
	case UKEY_BACKSPACE:
		delete_to(e, word ? word_left(e) : left_of(e, e->cur));
		return true;
	case UKEY_DELETE:
		delete_to(e, word ? word_right(e) : right_of(e, e->cur));
		return true;
	case 'w':
		if (k->mods == KEY_CTRL)
			delete_to(e, word_left(e));
		return k->mods == KEY_CTRL;
	default:
		return false;
	}
}
