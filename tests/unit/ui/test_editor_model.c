/*
 * test_editor_model.c - random keys in the editor beside a plain buffer: text, cursor, selection
 * and what undo brings back are equal after each. The plain one keeps a copy of the text for every
 * step, knows each place between characters by going through all of them from the start, and wraps
 * everything anew whenever it is asked for a line.
 */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"
#include "ui/editor.h"

#define KEYS 10000
#define PLACES 8192 /* more than the text ever has */
#define STEPS 1000  /* as many as the editor promises */
#define WIDTH 24
#define HEIGHT 7
#define LONGEST 3000 /* octets; then all is cleared */

struct step {
	char *before, *after;
	size_t at, removed, added;
};

struct plain {
	char *text;
	size_t cur, anchor;
	struct step steps[STEPS];
	size_t n_steps, n_done;
	bool is_typing, is_deleting;
	int goal;
	size_t place[PLACES]; /* where the cursor may stand */
	size_t n_places;
};

/* Whatever the text is, these are the places between its characters. */
static void find_places(struct plain *m)
{
	size_t len = strlen(m->text), at = 0;

	m->n_places = 0;
	for (; at < len; at += utf8_cluster(m->text + at, len - at)) {
		assert_true(m->n_places < PLACES - 1);
		m->place[m->n_places++] = at;
	}
	m->place[m->n_places++] = len;
}

/* The number of the first place at or behind an octet. */
static size_t number_of(const struct plain *m, size_t at)
{
	size_t i = 0;

	while (m->place[i] < at)
		i++;
	return i;
}

static void stand(struct plain *m, size_t at)
{
	find_places(m);
	m->cur = m->anchor = m->place[number_of(m, at)];
	m->goal = -1;
}

static void forget_steps(struct plain *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		free(m->steps[i].before);
		free(m->steps[i].after);
	}
}

static void push_step(struct plain *m, const struct step *s)
{
	if (m->n_steps == STEPS) {
		forget_steps(m, 0, 1);
		memmove(m->steps, m->steps + 1, (STEPS - 1) * sizeof(*m->steps));
		m->n_steps--;
	}
	m->steps[m->n_steps++] = *s;
}

/* Whether the change goes on with what the last one began; then it is made part of it. */
static bool joins(struct plain *m, const struct step *s)
{
	struct step *last = m->n_steps > 0 ? &m->steps[m->n_steps - 1] : NULL;

	if (last && m->is_typing && s->removed == 0 && last->at + last->added == s->at) {
		last->added += s->added;
	} else if (last && m->is_deleting && s->added == 0 && last->added == 0 &&
		   (s->at + s->removed == last->at || s->at == last->at)) {
		last->at = s->at;
		last->removed += s->removed;
	} else {
		return false;
	}
	free(last->after);
	last->after = strdup(s->after);
	return true;
}

static void put(struct plain *m, size_t at, size_t removed, const char *p, size_t added)
{
	size_t len = strlen(m->text);
	struct step s = {.at = at, .removed = removed, .added = added};
	char *now = malloc(len - removed + added + 1);

	memcpy(now, m->text, at);
	memcpy(now + at, p, added);
	memcpy(now + at + added, m->text + at + removed, len - at - removed + 1);
	s.before = m->text;
	s.after = strdup(now);
	m->text = now;
	forget_steps(m, m->n_done, m->n_steps);
	m->n_steps = m->n_done;
	if (joins(m, &s))
		forget_steps(&(struct plain){.steps = {s}}, 0, 1);
	else
		push_step(m, &s);
	m->n_done = m->n_steps;
	m->is_deleting = removed > 0 && added == 0;
	stand(m, at + added);
}

static size_t low(const struct plain *m)
{
	return m->cur < m->anchor ? m->cur : m->anchor;
}

static size_t high(const struct plain *m)
{
	return m->cur < m->anchor ? m->anchor : m->cur;
}

static void insert(struct plain *m, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(EDITOR_MAX);
	bool is_letter = n <= 4 && m->cur == m->anchor;

	utf8_sanitise(&b, p, n, SANITISE_KEEP_ZW);
	if (b.len == 0 && m->cur == m->anchor)
		return;
	if (!is_letter || b.p[0] == ' ' || b.p[0] == '\n')
		m->is_typing = false;
	put(m, low(m), high(m) - low(m), b.p, b.len);
	m->is_typing = is_letter;
}

static void take_out(struct plain *m, size_t to)
{
	bool is_selection = m->cur != m->anchor;
	size_t from = is_selection ? low(m) : m->cur < to ? m->cur : to;
	size_t end = is_selection ? high(m) : m->cur < to ? to : m->cur;

	if (from == end)
		return;
	m->is_typing = false;
	if (is_selection)
		m->is_deleting = false;
	put(m, from, end - from, "", 0);
	if (is_selection)
		m->is_deleting = false;
}

static void redone(struct plain *m, bool is_undo)
{
	const struct step *s;

	if (m->n_done == (is_undo ? 0 : m->n_steps))
		return;
	s = &m->steps[is_undo ? --m->n_done : m->n_done++];
	free(m->text);
	m->text = strdup(is_undo ? s->before : s->after);
	stand(m, s->at + (is_undo ? s->removed : s->added));
	m->is_typing = m->is_deleting = false;
}

static bool in_word(const struct plain *m, size_t place)
{
	unsigned char c = (unsigned char)m->text[m->place[place]];

	return c >= 0x80 || ascii_isalnum((char)c) || c == '_';
}

static size_t beside(const struct plain *m, int by, bool word)
{
	size_t i = number_of(m, m->cur), last = m->n_places - 1;

	if (!word)
		return m->place[by < 0 ? i - (i > 0) : i + (i < last)];
	if (by < 0) {
		while (i > 0 && !in_word(m, i - 1))
			i--;
		while (i > 0 && in_word(m, i - 1))
			i--;
	} else {
		while (i < last && !in_word(m, i))
			i++;
		while (i < last && in_word(m, i))
			i++;
	}
	return m->place[i];
}

static void go(struct plain *m, size_t at, bool select)
{
	m->cur = at;
	if (!select)
		m->anchor = at;
	m->is_typing = m->is_deleting = false;
	m->goal = -1;
}

/* Numbers of places: the first, and where the next row begins or the line ends. */
struct row {
	size_t from, to;
	bool is_wrapped; /* the next row goes on with the same line */
};

static int cells(const struct plain *m, size_t from, size_t to)
{
	int sum = 0;

	for (size_t i = from; i < to; i++)
		sum += cell_width_cluster(m->text + m->place[i], m->place[i + 1] - m->place[i]);
	return sum;
}

/* The row that begins at a place: as many characters as fit, then back to behind the last blank. */
static struct row row_at(const struct plain *m, size_t from)
{
	size_t last = m->n_places - 1, end = from, fit, blank;

	while (end < last && m->text[m->place[end]] != '\n')
		end++;
	for (fit = from; fit < end && cells(m, from, fit + 1) <= WIDTH - 1;)
		fit++;
	if (fit == end)
		return (struct row){from, end, false};
	for (blank = fit; blank > from; blank--)
		if (m->text[m->place[blank] - 1] == ' ')
			return (struct row){from, blank, true};
	return (struct row){from, fit, true};
}

static size_t find_rows(const struct plain *m, struct row *rows)
{
	size_t n = 0, last = m->n_places - 1;

	for (size_t from = 0;;) {
		struct row r = row_at(m, from);

		rows[n++] = r;
		if (r.to == last)
			return n;
		from = r.to + !r.is_wrapped;
	}
}

static size_t row_of(const struct row *rows, size_t n, size_t place)
{
	size_t i = 0;

	while (i + 1 < n && rows[i + 1].from <= place)
		i++;
	return i;
}

static void go_rows(struct plain *m, int by, bool select)
{
	static struct row rows[PLACES];
	size_t n = find_rows(m, rows), here = number_of(m, m->cur), row = row_of(rows, n, here), i;
	int goal = m->goal >= 0 ? m->goal : cells(m, rows[row].from, here);
	long to = (long)row + by;

	if (by < 0 && row == 0) {
		go(m, 0, select);
		return;
	}
	if (to >= (long)n) {
		go(m, strlen(m->text), select);
		return;
	}
	row = to > 0 ? (size_t)to : 0;
	for (i = rows[row].from; i < rows[row].to && cells(m, rows[row].from, i + 1) <= goal;)
		i++;
	/* Behind the last character of a wrapped row is the start of the next. */
	if (i == rows[row].to && rows[row].is_wrapped && i > rows[row].from)
		i--;
	go(m, m->place[i], select);
	m->goal = goal;
}

static void go_end(struct plain *m, bool is_end, bool whole, bool select)
{
	static struct row rows[PLACES];
	size_t n = find_rows(m, rows), row = row_of(rows, n, number_of(m, m->cur)), to;

	if (whole)
		to = is_end ? strlen(m->text) : 0;
	else
		to = m->place[is_end ? rows[row].to : rows[row].from];
	go(m, to, select);
}

static void plain_key(struct plain *m, const struct key *k)
{
	bool select = (k->mods & KEY_SHIFT) != 0, word = (k->mods & KEY_CTRL) != 0;
	char c[4];

	switch (k->code) {
	case UKEY_LEFT:
	case UKEY_RIGHT:
		go(m, beside(m, k->code == UKEY_LEFT ? -1 : 1, word), select);
		break;
	case UKEY_UP:
	case UKEY_DOWN:
		go_rows(m, k->code == UKEY_UP ? -1 : 1, select);
		break;
	case UKEY_PGUP:
	case UKEY_PGDN:
		go_rows(m, k->code == UKEY_PGUP ? 1 - HEIGHT : HEIGHT - 1, select);
		break;
	case UKEY_HOME:
	case UKEY_END:
		go_end(m, k->code == UKEY_END, word, select);
		break;
	case UKEY_BACKSPACE:
	case UKEY_DELETE:
		take_out(m, beside(m, k->code == UKEY_DELETE ? 1 : -1, word));
		break;
	case UKEY_ENTER:
		insert(m, "\n", 1);
		break;
	case UKEY_PASTE:
		insert(m, k->paste, k->paste_len);
		break;
	default:
		insert(m, c, utf8_encode(k->code, c));
	}
}

/* What is typed: words, and characters of which several make one. */
static const uint32_t letters[] = {'a', 'b', 'c', ' ', ' ', '_', '.', '>', 0xE9,
	0x301 /* acute, alone */, 0x5D0 /* right to left */, 0x627, 0x65E5 /* two cells */, 0xAC00,
	0x1100, 0x1161 /* parts of Hangul */, 0x1F468 /* a man */, 0x200D /* joined with */,
	0x1F469 /* a woman */, 0x1F3FD /* of that skin */, 0x1F1E9, 0x1F1EA /* a flag of two */,
	0xFE0F, 0x915, 0x94D /* a conjunct */};

static const char *const pastes[] = {"two words", "line\nline\n",
	"a bit more than fits into one row of the screen",
	"unbreakablewordthatislongerthananyrowofit", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
	"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", "\n", "\x1b[31mred\x07",
	"> quoted\n> twice\n"};

static const uint32_t others[] = {UKEY_LEFT, UKEY_RIGHT, UKEY_UP, UKEY_DOWN, UKEY_HOME, UKEY_END,
	UKEY_PGUP, UKEY_PGDN, UKEY_BACKSPACE, UKEY_DELETE, UKEY_ENTER};

static uint32_t next_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static struct key random_key(uint32_t *seed)
{
	static const unsigned mods[] = {0, 0, 0, KEY_SHIFT, KEY_CTRL, KEY_CTRL | KEY_SHIFT};
	uint32_t kind = next_random(seed, 100);
	struct key k = {.code = letters[next_random(seed, ARRAY_SIZE(letters))]};

	if (kind < 4) {
		k.code = UKEY_PASTE;
		k.paste = pastes[next_random(seed, ARRAY_SIZE(pastes))];
		k.paste_len = strlen(k.paste);
	} else if (kind < 24) {
		k.code = others[next_random(seed, ARRAY_SIZE(others))];
		k.mods = k.code == UKEY_ENTER ? 0 : mods[next_random(seed, ARRAY_SIZE(mods))];
	}
	return k;
}

/* One key in both. */
static void press_both(struct editor *e, struct plain *m, uint32_t *seed)
{
	uint32_t kind = next_random(seed, 100);
	struct key k = random_key(seed);

	if (kind < 8) {
		editor_undo(e);
		redone(m, true);
	} else if (kind < 13) {
		editor_redo(e);
		redone(m, false);
	} else if (kind == 13 || strlen(m->text) > LONGEST) {
		editor_select_all(e);
		go(m, 0, false);
		go(m, strlen(m->text), true);
	} else {
		assert_true(editor_key(e, &k));
		plain_key(m, &k);
	}
}

static void check_equal(const struct editor *e, const struct plain *m)
{
	assert_string_equal(e->text.p ? e->text.p : "", m->text);
	assert_int_equal(e->cur, m->cur);
	assert_int_equal(e->anchor, m->anchor);
	assert_int_equal(m->place[number_of(m, e->cur)], e->cur);
}

static void random_keys(uint32_t seed)
{
	struct plain *m = calloc(1, sizeof(*m));
	struct editor e;

	m->text = strdup("");
	stand(m, 0);
	editor_init(&e, false);
	editor_set(&e, "");
	for (int i = 0; i < KEYS; i++) {
		editor_wrap(&e, WIDTH, HEIGHT);
		press_both(&e, m, &seed);
		check_equal(&e, m);
	}
	while (e.n_done > 0) { /* and all the way back */
		editor_undo(&e);
		redone(m, true);
		check_equal(&e, m);
	}
	editor_release(&e);
	forget_steps(m, 0, m->n_steps);
	free(m->text);
	free(m);
}

static void editor_key__any_keys_do_what_a_plain_buffer_does(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 6; seed++)
		random_keys(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editor_key__any_keys_do_what_a_plain_buffer_does),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
