/*
 * term.c - curses: modes, colours, cells to the screen, keys from it. Decides nothing about what
 * is shown.
 */
#include "config.h"

#include "term.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "editor.h"
#include "escape.h"
#include "theme.h"

#define ESC_DELAY_MS 25
#define PASTE_WAIT_MS 500
#define PASTE_MAX (EDITOR_MAX + 64) /* more than a text takes, so that it is refused whole */
#define COLOR_PAIRS_USED 16

enum own_keys { /* defined for curses, above its own */
	OWN_PASTE_BEGIN = 2000,
	OWN_PASTE_END,
	OWN_CTRL_LEFT,
	OWN_CTRL_RIGHT,
	OWN_CTRL_HOME,
	OWN_CTRL_END,
	OWN_SHIFT_UP,
	OWN_SHIFT_DOWN,
	OWN_CTRL_SHIFT_LEFT,
	OWN_CTRL_SHIFT_RIGHT,
	OWN_CTRL_ENTER,
	OWN_CTRL_DELETE,
	OWN_SHIFT_HOME,
	OWN_SHIFT_END,
	OWN_CTRL_SHIFT_HOME,
	OWN_CTRL_SHIFT_END,
	OWN_SHIFT_PGUP,
	OWN_SHIFT_PGDN,
};

struct term {
	SCREEN *screen;
	struct theme theme;
	bool is_ascii;
	bool has_links;    /* the terminal takes OSC 8 */
	struct grid shown; /* what the terminal shows */
	bool is_all_dirty;
	struct buf paste;
};

static const struct {
	const char *sequence;
	int code;
} sequences[] = {
	{"\033[200~", OWN_PASTE_BEGIN},
	{"\033[201~", OWN_PASTE_END},
	{"\033[1;5D", OWN_CTRL_LEFT},
	{"\033[1;5C", OWN_CTRL_RIGHT},
	{"\033[1;5H", OWN_CTRL_HOME},
	{"\033[1;5F", OWN_CTRL_END},
	{"\033[1;2A", OWN_SHIFT_UP},
	{"\033[1;2B", OWN_SHIFT_DOWN},
	{"\033[1;6D", OWN_CTRL_SHIFT_LEFT},
	{"\033[1;6C", OWN_CTRL_SHIFT_RIGHT},
	{"\033[13;5u", OWN_CTRL_ENTER},
	{"\033[27;5;13~", OWN_CTRL_ENTER},
	{"\033[3;5~", OWN_CTRL_DELETE},
	{"\033[1;2H", OWN_SHIFT_HOME},
	{"\033[1;2F", OWN_SHIFT_END},
	{"\033[1;6H", OWN_CTRL_SHIFT_HOME},
	{"\033[1;6F", OWN_CTRL_SHIFT_END},
	{"\033[5;2~", OWN_SHIFT_PGUP},
	{"\033[6;2~", OWN_SHIFT_PGDN},
};

static const struct {
	int curses;
	uint32_t code;
	unsigned mods;
} key_codes[] = {
	{KEY_UP, UKEY_UP, 0},
	{KEY_DOWN, UKEY_DOWN, 0},
	{KEY_LEFT, UKEY_LEFT, 0},
	{KEY_RIGHT, UKEY_RIGHT, 0},
	{KEY_HOME, UKEY_HOME, 0},
	{KEY_END, UKEY_END, 0},
	{KEY_PPAGE, UKEY_PGUP, 0},
	{KEY_NPAGE, UKEY_PGDN, 0},
	{KEY_ENTER, UKEY_ENTER, 0},
	{KEY_BACKSPACE, UKEY_BACKSPACE, 0},
	{KEY_DC, UKEY_DELETE, 0},
	{KEY_BTAB, UKEY_TAB, KEY_SHIFT},
	{KEY_RESIZE, UKEY_RESIZE, 0},
	{KEY_SLEFT, UKEY_LEFT, KEY_SHIFT},
	{KEY_SRIGHT, UKEY_RIGHT, KEY_SHIFT},
	{KEY_SR, UKEY_UP, KEY_SHIFT},
	{KEY_SF, UKEY_DOWN, KEY_SHIFT},
	{KEY_SHOME, UKEY_HOME, KEY_SHIFT},
	{KEY_SEND, UKEY_END, KEY_SHIFT},
	{OWN_SHIFT_UP, UKEY_UP, KEY_SHIFT},
	{OWN_SHIFT_DOWN, UKEY_DOWN, KEY_SHIFT},
	{OWN_SHIFT_HOME, UKEY_HOME, KEY_SHIFT},
	{OWN_SHIFT_END, UKEY_END, KEY_SHIFT},
	{OWN_CTRL_SHIFT_HOME, UKEY_HOME, KEY_CTRL | KEY_SHIFT},
	{OWN_CTRL_SHIFT_END, UKEY_END, KEY_CTRL | KEY_SHIFT},
	{OWN_SHIFT_PGUP, UKEY_PGUP, KEY_SHIFT},
	{OWN_SHIFT_PGDN, UKEY_PGDN, KEY_SHIFT},
	{OWN_CTRL_LEFT, UKEY_LEFT, KEY_CTRL},
	{OWN_CTRL_RIGHT, UKEY_RIGHT, KEY_CTRL},
	{OWN_CTRL_HOME, UKEY_HOME, KEY_CTRL},
	{OWN_CTRL_END, UKEY_END, KEY_CTRL},
	{OWN_CTRL_SHIFT_LEFT, UKEY_LEFT, KEY_CTRL | KEY_SHIFT},
	{OWN_CTRL_SHIFT_RIGHT, UKEY_RIGHT, KEY_CTRL | KEY_SHIFT},
	{OWN_CTRL_ENTER, UKEY_ENTER, KEY_CTRL},
	{OWN_CTRL_DELETE, UKEY_DELETE, KEY_CTRL},
};

static void write_raw(const struct buf *b)
{
	size_t done = 0;

	fflush(stdout);
	while (done < b->len) {
		ssize_t n = write(STDOUT_FILENO, b->p + done, b->len - done);

		if (n <= 0)
			return; /* the terminal is gone: poll says so next */
		done += (size_t)n;
	}
}

static void paste_mode(bool is_on)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);

	escape_paste_mode(&b, is_on);
	write_raw(&b);
}

static void init_colors(struct term *t)
{
	if (has_colors())
		start_color();
	t->theme = theme_choose(getenv("NO_COLOR"), getenv("COLORFGBG"), has_colors() ? COLORS : 0);
	if (!t->theme.has_color)
		return;
	use_default_colors();
	for (int c = 0; c < COLOR_PAIRS_USED && c < COLORS; c++)
		init_extended_pair(c + 1, c, -1);
}

/* What the person's environment asks for: the process itself always runs in UTF-8, so that mail is
 * read the same everywhere (main.c), but such a terminal shows only ASCII. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return mem_casefind(value, strlen(value), "utf-8") ||
			       mem_casefind(value, strlen(value), "utf8");
	}
	return false;
}

static const char *environment(const char *name)
{
	return getenv(name);
}

int term_open(struct term **out, const char *hyperlinks, struct err *e)
{
	struct term *t = xcalloc(1, sizeof(*t));

	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen) {
		free(t);
		return err_set(e, ERR_UNSUPPORTED, "%s",
			_("This terminal cannot show a full screen: TERM names no such terminal."));
	}
	t->is_ascii = !locale_is_utf8();
	t->has_links = tigetstr("cup") && hyperlink_is_supported(hyperlinks, environment);
	t->paste = BUF_INIT(PASTE_MAX);
	grid_init(&t->shown, t->is_ascii);
	t->is_all_dirty = true;
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESC_DELAY_MS);
	init_colors(t);
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++)
		define_key(sequences[i].sequence, sequences[i].code);
	paste_mode(true);
	*out = t;
	return 0;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	paste_mode(false);
	endwin();
	delscreen(t->screen);
	grid_release(&t->shown);
	buf_release(&t->paste);
	free(t);
}

bool term_is_ascii(const struct term *t)
{
	return t->is_ascii;
}

void term_size(const struct term *t, int *rows, int *cols)
{
	(void)t;
	getmaxyx(stdscr, *rows, *cols);
}

/* Nothing that a terminal acts on: no C0, no DEL, no C1, valid UTF-8. */
static void check_cell(const struct cell *c)
{
	for (size_t i = 0; i < c->len;) {
		uint32_t cp;
		size_t n = utf8_decode(c->text + i, c->len - i, &cp);

		BUG_ON(cp < 0x20 || (cp >= 0x7f && cp < 0xa0));
		i += n;
	}
	BUG_ON(!utf8_is_valid(c->text, c->len));
}

static attr_t attributes(const struct term *t, unsigned style, short *pair)
{
	struct look l = theme_look(&t->theme, style);
	attr_t a = A_NORMAL;

	if (l.bold)
		a |= A_BOLD;
	if (l.dim)
		a |= A_DIM;
	if (l.underline)
		a |= A_UNDERLINE;
	if (l.reverse)
		a |= A_REVERSE;
	*pair = l.color >= 0 && l.color < COLORS ? (short)(l.color + 1) : 0;
	return a;
}

static void set_style(const struct term *t, unsigned style)
{
	short pair;
	attr_t a = attributes(t, style, &pair);

	attr_set(a, pair, NULL);
}

static const struct cell *row_of(const struct grid *g, int row)
{
	return &g->cells[(size_t)row * (size_t)g->cols];
}

/* Only what differs from the picture before: curses finds out the same, at ten times the price.
 * What stood in half of a wide character differs, too. */
static void show_row(struct term *t, const struct grid *g, int row)
{
	const struct cell *c = row_of(g, row);
	const struct cell *old = t->is_all_dirty ? NULL : row_of(&t->shown, row);
	int style = -1;

	for (int col = 0; col < g->cols; col++) {
		if (c[col].len == 0 || (old && !memcmp(&old[col], &c[col], sizeof(*c))))
			continue;
		check_cell(&c[col]);
		if (c[col].style != style)
			set_style(t, c[col].style);
		style = c[col].style;
		mvaddnstr(row, col, c[col].text, c[col].len);
	}
}

static bool is_changed(const struct term *t, const struct grid *g, int row)
{
	return memcmp(row_of(&t->shown, row), row_of(g, row),
		       (size_t)g->cols * sizeof(struct cell)) != 0;
}

static void go_to(int row, int col)
{
	putp(tiparm(tigetstr("cup"), row, col));
}

/* Writes cells over what curses has just put there, with the same look: only the link differs. */
static void show_link(const struct term *t, const struct grid *g, int row, int from, int to)
{
	const struct cell *c = row_of(g, row);
	const char *url = hyperlinks_url(&g->links, c[from].link);
	CLEANUP(buf_release) struct buf b = BUF_INIT(HYPERLINK_MAX * 4);

	go_to(row, from);
	if (url)
		escape_link(&b, url, c[from].link);
	fwrite(b.p, 1, b.len, stdout);
	for (int col = from; col < to; col++) {
		short pair;
		attr_t a = attributes(t, c[col].style, &pair);

		vid_puts(a, pair, NULL, putchar);
		fwrite(c[col].text, 1, c[col].len, stdout);
	}
	vid_puts(A_NORMAL, 0, NULL, putchar);
	if (!url)
		return;
	buf_reset(&b);
	escape_link(&b, NULL, 0);
	fwrite(b.p, 1, b.len, stdout);
}

/* curses knows no links: where a row changed, those it has are put over it, and those it had are
 * taken away. A wide cell's right half has the link of its left. */
static void show_links(const struct term *t, const struct grid *g)
{
	bool is_any = false;
	int y, x;

	for (int row = 0; row < g->rows; row++) {
		const struct cell *old = row_of(&t->shown, row), *new = row_of(g, row);

		if (!t->is_all_dirty && !is_changed(t, g, row))
			continue;
		for (int col = 0; col < g->cols;) {
			int end = col + 1;

			while (end < g->cols && new[end].link == new[col].link &&
				(new[end].link || old[end].link || new[end].len == 0))
				end++;
			if (new[col].link || old[col].link) {
				show_link(t, g, row, col, end);
				is_any = true;
			}
			col = end;
		}
	}
	if (!is_any)
		return;
	getyx(curscr, y, x);
	go_to(y, x);
	fflush(stdout);
}

void term_show(struct term *t, const struct grid *g)
{
	if (t->shown.rows != g->rows || t->shown.cols != g->cols) {
		grid_resize(&t->shown, g->rows, g->cols);
		t->is_all_dirty = true;
	}
	for (int row = 0; row < g->rows; row++)
		if (t->is_all_dirty || is_changed(t, g, row))
			show_row(t, g, row);
	curs_set(g->has_cursor);
	if (g->has_cursor)
		move(g->cursor_row, g->cursor_col);
	refresh();
	if (t->has_links)
		show_links(t, g);
	memcpy(t->shown.cells, g->cells, (size_t)g->rows * (size_t)g->cols * sizeof(*g->cells));
	t->is_all_dirty = false;
}

void term_redraw(struct term *t)
{
	clearok(stdscr, TRUE);
	t->is_all_dirty = true;
}

void term_resize(struct term *t)
{
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0)
		resizeterm(w.ws_row, w.ws_col);
	term_redraw(t);
}

/* The next bytes of a paste, at most `n`; 0: nothing comes any more. */
static size_t read_some(char *p, size_t n)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	ssize_t got;

	if (poll(&in, 1, PASTE_WAIT_MS) <= 0)
		return 0;
	got = read(STDIN_FILENO, p, n);
	return got > 0 ? (size_t)got : 0;
}

/* Text between the paste marks; what comes late is waited for, but not for ever. Curses takes a
 * character per two system calls, which is seconds for a long text. It has read no further than
 * the opening mark; nor do we read further than the closing one: with `matched` bytes of it seen,
 * it cannot end before the rest has come. */
static void read_paste(struct term *t)
{
	static const char mark[] = "\033[201~";
	size_t matched = 0, n;
	char p[sizeof(mark)];

	buf_reset(&t->paste);
	while (matched < strlen(mark) && (n = read_some(p, strlen(mark) - matched)) > 0) {
		for (size_t i = 0; i < n; i++) {
			bool is_mark = p[i] == mark[matched];

			matched = is_mark ? matched + 1 : p[i] == mark[0];
			buf_addch(&t->paste, p[i] == '\r' ? '\n' : p[i]);
		}
	}
	if (matched == strlen(mark))
		buf_truncate(&t->paste, t->paste.len - matched);
}

static void from_code(struct term *t, int code, struct key *k)
{
	*k = (struct key){.code = UKEY_UNKNOWN};
	if (code == OWN_PASTE_BEGIN) {
		read_paste(t);
		*k = (struct key){
			.code = UKEY_PASTE, .paste = t->paste.p, .paste_len = t->paste.len};
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(key_codes); i++)
		if (key_codes[i].curses == code)
			*k = (struct key){.code = key_codes[i].code, .mods = key_codes[i].mods};
}

static void from_char(wint_t c, struct key *k)
{
	*k = (struct key){.code = (uint32_t)c};
	if (c == '\r' || c == '\n')
		k->code = UKEY_ENTER;
	else if (c == '\t')
		k->code = UKEY_TAB;
	else if (c == 0x7f || c == 8)
		k->code = UKEY_BACKSPACE;
	else if (c == 27)
		k->code = UKEY_ESC;
	else if (c >= 1 && c <= 26)
		*k = (struct key){.code = (uint32_t)('a' + c - 1), .mods = KEY_CTRL};
	else if (c < 32)
		k->code = UKEY_UNKNOWN;
}

bool term_read(struct term *t, struct key *k)
{
	wint_t c;
	int rc = get_wch(&c);

	if (rc == ERR)
		return false;
	if (rc == KEY_CODE_YES) {
		from_code(t, (int)c, k);
		return true;
	}
	from_char(c, k);
	/* Escape with a character right behind it is Alt. */
	if (k->code == UKEY_ESC && get_wch(&c) == OK) {
		if (c == 27) { /* pressed twice, or ahead of a screen that is slow to come */
			unget_wch((wchar_t)c);
			return true;
		}
		from_char(c, k);
		if (k->code < UKEY_NONE && k->code < 0x80 && k->code >= 'A' && k->code <= 'Z')
			k->code += 'a' - 'A';
		k->mods |= KEY_ALT;
	}
	return true;
}

void term_leave(struct term *t)
{
	(void)t;
	paste_mode(false);
	def_prog_mode();
	endwin();
}

void term_return(struct term *t)
{
	reset_prog_mode();
	paste_mode(true);
	term_redraw(t);
}

void term_suspend(struct term *t)
{
	term_leave(t);
	kill(getpid(), SIGTSTP);
	term_return(t);
}

void term_ring(struct term *t, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

	(void)t;
	escape_ring(&b, text);
	write_raw(&b);
}

bool term_clipboard(struct term *t, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(ESCAPE_CLIPBOARD_MAX * 2);

	(void)t;
	if (!escape_clipboard(&b, p, n))
		return false;
	write_raw(&b);
	return true;
}
