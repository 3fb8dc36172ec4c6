/*
 * log_view.c - the end of the log, newest last: by account and by level, and following what is
 * written. Other processes write the same file, so that it is looked at once a second.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "views.h"

#define TAIL_BYTES 65536
#define LOOK_MS 1000
#define LEVEL_COLS 6

struct log_row {
	struct span time, text; /* of the tail */
	enum log_level level;
};

struct log_data {
	char *path;
	struct arena arena;
	struct log_row *v; /* those shown */
	size_t n, top;
	bool is_behind;      /* scrolled up: does not follow */
	enum log_level most; /* the least important level shown */
	int64_t account;     /* 0 = all lines */
	bool is_absent;
};

static int log_view_open(struct view *v, const void *args, struct err *e)
{
	struct log_data *d = v->data;

	(void)args;
	(void)e;
	d->path = store_path(v->ui->o.store, "crmail.log");
	d->arena = ARENA_INIT;
	d->most = LOG_DEBUG;
	return 0;
}

static void log_view_close(struct view *v)
{
	struct log_data *d = v->data;

	free(d->path);
	arena_release(&d->arena);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The last whole lines of the file; empty when there is none. */
static struct span read_tail(struct log_data *d)
{
	int fd = open(d->path, O_RDONLY | O_CLOEXEC);
	char *p = arena_alloc(&d->arena, TAIL_BYTES);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	off_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
	ssize_t n = fd >= 0 ? pread(fd, p, TAIL_BYTES, from) : 0;
	const char *first = NULL;

	d->is_absent = fd < 0;
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return (struct span){p, 0};
	if (from > 0)
		first = memchr(p, '\n', (size_t)n);
	return first ? (struct span){first + 1, (size_t)(p + n - first - 1)}
		     : (struct span){p, (size_t)n};
}

static const char *const level_words[] = {
	[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_NOTE] = "note", [LOG_DEBUG] = "debug"};

/* False: no level; a line that is not the log's own. */
static bool read_level(struct span word, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_words); i++) {
		if (span_eq(word, level_words[i])) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* "account 3" with no digit after it, as every line about an account says. */
static bool names_account(struct span text, int64_t account)
{
	char word[40];
	int len = snprintf(word, sizeof(word), "account %lld", (long long)account);
	const char *at = memmem(text.p, text.len, word, (size_t)len);
	const char *end = at ? at + len : NULL;

	return at && (end == text.p + text.len || !ascii_isdigit(*end));
}

static bool take_row(const struct log_data *d, struct span line, struct log_row *out)
{
	struct span rest = line, time, level;

	*out = (struct log_row){.text = line, .level = LOG_DEBUG};
	if (span_next(&rest, ' ', &time) && span_next(&rest, ' ', &level) &&
		read_level(level, &out->level)) {
		out->time = time;
		out->text = rest;
	}
	return out->level <= d->most && (!d->account || names_account(out->text, d->account));
}

static size_t height(const struct view *v)
{
	return v->rows > 2 ? (size_t)v->rows - 1 : 1;
}

static int log_view_recalc(struct view *v, struct err *e)
{
	struct log_data *d = v->data;
	struct span rest, line;
	size_t cap = 0, most;

	(void)e;
	arena_reset(&d->arena);
	d->v = NULL;
	d->n = 0;
	rest = read_tail(d);
	while (span_next(&rest, '\n', &line)) {
		struct log_row row;

		if (line.len == 0 || !take_row(d, line, &row))
			continue;
		d->v = arena_grow(&d->arena, d->v, &cap, d->n + 1, sizeof(*d->v));
		d->v[d->n++] = row;
	}
	most = d->n > height(v) ? d->n - height(v) : 0;
	if (d->top >= most)
		d->is_behind = false;
	if (!d->is_behind)
		d->top = most;
	v->wake_at_ms = ui_now_ms(v->ui) + LOOK_MS;
	return 0;
}

static void log_view_wake(struct view *v)
{
	view_mark(v, DIRTY_RECALC);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void scroll(struct view *v, int64_t by)
{
	struct log_data *d = v->data;
	int64_t to = (int64_t)d->top + by;

	d->top = to < 0 ? 0 : (size_t)to;
	d->is_behind = true; /* recalc finds out when it is not */
}

static void next_level(struct view *v)
{
	struct log_data *d = v->data;

	d->most = d->most == LOG_ERROR ? LOG_DEBUG : d->most - 1;
	d->is_behind = false;
}

static void next_account(struct view *v)
{
	struct log_data *d = v->data;
	const struct ui *ui = v->ui;
	size_t i = 0;

	while (d->account && i < ui->n_accounts && ui->accounts[i].id <= d->account)
		i++;
	d->account = i < ui->n_accounts ? ui->accounts[i].id : 0;
	d->is_behind = false;
}

static enum view_result log_view_action(struct view *v, enum action act)
{
	int64_t page = (int64_t)height(v);

	view_mark(v, DIRTY_RECALC);
	switch ((int)act) {
	case ACTION_DOWN:
		scroll(v, 1);
		return VIEW_HANDLED;
	case ACTION_UP:
		scroll(v, -1);
		return VIEW_HANDLED;
	case ACTION_PAGE_DOWN:
		scroll(v, page);
		return VIEW_HANDLED;
	case ACTION_PAGE_UP:
		scroll(v, -page);
		return VIEW_HANDLED;
	case ACTION_HALF_DOWN:
		scroll(v, page / 2);
		return VIEW_HANDLED;
	case ACTION_HALF_UP:
		scroll(v, -page / 2);
		return VIEW_HANDLED;
	case ACTION_TOP:
		scroll(v, -TAIL_BYTES);
		return VIEW_HANDLED;
	case ACTION_BOTTOM:
		((struct log_data *)v->data)->is_behind = false;
		return VIEW_HANDLED;
	case ACTION_LOG_LEVEL:
		next_level(v);
		return VIEW_HANDLED;
	case ACTION_LOG_ACCOUNT:
		next_account(v);
		return VIEW_HANDLED;
	default:
		return VIEW_IGNORED;
	}
}

/* ---- painting -------------------------------------------------------------------------------- */

static unsigned row_style(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return STYLE_FAILED | STYLE_BOLD;
	case LOG_WARN:
		return STYLE_WAITING;
	case LOG_NOTE:
		return STYLE_NORMAL;
	case LOG_DEBUG:
		break;
	}
	return STYLE_DIM;
}

static void paint_empty(const struct log_data *l, const struct draw *d)
{
	const char *why = l->is_absent ? _("Nothing has been logged yet.")
				       : _("No line of the log's end is of that kind.");

	draw_text(d, d->rows / 3, 3, d->cols - 4, STYLE_BOLD, why);
	if (!l->is_absent)
		draw_text(d, d->rows / 3 + 1, 3, d->cols - 4, STYLE_DIM,
			_("l shows other levels, a other accounts."));
}

static void log_view_paint(const struct view *v, const struct draw *d)
{
	const struct log_data *l = v->data;

	draw_hrule(d, 0, 0, d->cols, STYLE_DIM);
	if (l->n == 0)
		paint_empty(l, d);
	for (size_t i = 0; i < height(v) && l->top + i < l->n; i++) {
		const struct log_row *r = &l->v[l->top + i];
		int row = 1 + (int)i, col = 1;

		if (r->time.len > 0) {
			col += draw_textn(d, row, col, 21, STYLE_DIM, r->time.p, r->time.len) + 1;
			draw_text(d, row, col, LEVEL_COLS, row_style(r->level),
				level_words[r->level]);
			col += LEVEL_COLS;
		}
		draw_textn(d, row, col, d->cols - col - 1, row_style(r->level), r->text.p,
			r->text.len);
	}
}

static const char *shown_words(enum log_level most)
{
	switch (most) {
	case LOG_ERROR:
		return _("errors only");
	case LOG_WARN:
		return _("errors and warnings");
	case LOG_NOTE:
		return _("without protocol lines");
	case LOG_DEBUG:
		break;
	}
	return _("everything");
}

static void log_view_title(const struct view *v, struct buf *left, struct buf *right)
{
	const struct log_data *d = v->data;
	const struct account_row *a = ui_account(v->ui, d->account);

	buf_addf(left, "crmail  %s · %s", _("Log"), shown_words(d->most));
	if (a) {
		text_add(left, " · ");
		text_add(left, a->name);
	}
	text_add(right, d->is_behind ? _("G follows again") : _("following"));
}

static const enum action hints[] = {ACTION_LOG_LEVEL, ACTION_LOG_ACCOUNT, ACTION_PAGE_UP,
	ACTION_BOTTOM, ACTION_CLOSE, ACTION_HELP, ACTION_NONE};

const struct view_ops log_view_ops = {
	.name = "log",
	.where = WHERE_LOG,
	.data_size = sizeof(struct log_data),
	.hints = hints,
	.open = log_view_open,
	.close = log_view_close,
	.wake = log_view_wake,
	.action = log_view_action,
	.recalc = log_view_recalc,
	.paint = log_view_paint,
	.title = log_view_title,
};
