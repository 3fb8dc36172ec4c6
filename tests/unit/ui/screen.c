/* screen.c - drives struct ui as loop.c does, one turn a key. */
#include "config.h"

#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/event.h"
#include "crmail/base/rng.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "ui/views/views.h"

static bool fake_open(void *ctx, const char *what)
{
	struct screen *s = ctx;

	snprintf(s->opened, sizeof(s->opened), "%s", what);
	return true;
}

static bool fake_is_shared(void *ctx)
{
	return ((struct screen *)ctx)->is_shared;
}

static void fake_kick(void *ctx, int64_t account)
{
	struct screen *s = ctx;

	(void)account;
	s->kicks++;
}

static int fake_edit(void *ctx, const char *path, struct err *e)
{
	struct screen *s = ctx;

	return s->edit ? s->edit(s, path, e) : err_set(e, ERR_NOTFOUND, "no editor");
}

static bool fake_progress(void *ctx, char *out, size_t size)
{
	const struct screen *s = ctx;

	if (s->progress)
		snprintf(out, size, "%s", s->progress);
	return s->progress != NULL;
}

void screen_set_now(struct screen *s, int64_t now)
{
	FILE *f = fopen(s->clock_file, "w");

	if (!f)
		abort();
	fprintf(f, "%lld\n", (long long)now);
	fclose(f);
}

void screen_open(struct screen *s, struct store *store, int rows, int cols)
{
	struct list_args a = {.spec = {.kind = LIST_ROLE, .role = FOLDER_INBOX}, .title = "Inbox"};
	const char *dir = getenv("CRMAIL_BUILDDIR"), *source = getenv("CRMAIL_SRCDIR");
	struct err e = ERR_INIT;
	struct ui_options o;

	*s = (struct screen){.store = store, .text = BUF_INIT(BUF_UNLIMITED)};
	snprintf(s->starters, sizeof(s->starters), "%s/share/crmail/templates",
		source ? source : ".");
	snprintf(s->clock_file, sizeof(s->clock_file), "%s/ui-clock.%ld", dir ? dir : ".",
		(long)getpid());
	screen_set_now(s, FAKE_NOW);
	s->clock = clock_new(s->clock_file);
	s->events = event_set_new();
	s->rng = rng_new(7);
	o = (struct ui_options){.store = store,
		.events = s->events,
		.clock = s->clock,
		.rng = s->rng,
		.starters = s->starters,
		.download_dir = "ui-downloads",
		.hooks = {.ctx = s,
			.kick = fake_kick,
			.is_shared = fake_is_shared,
			.explain = fake_explain},
		.undo_window_s = 10};
	fake_desk_hook(&s->desk, s->events, &o.hooks);
	o.hooks.ctx = s;
	o.hooks.progress = fake_progress;
	o.wants_demo = &s->wants_demo;
	if (ui_init(&s->ui, &o, false, true, &e))
		abort();
	s->ui.terminal = (struct ui_terminal){.ctx = s, .edit = fake_edit, .open = fake_open};
	ui_resize(&s->ui, rows, cols);
	ui_push(&s->ui, &list_view_ops, &a);
	ui_turn(&s->ui);
}

void screen_close(struct screen *s)
{
	ui_release(&s->ui);
	event_set_free(s->events);
	rng_free(s->rng);
	clock_free(s->clock);
	buf_release(&s->text);
	unlink(s->clock_file);
}

static void turn(struct screen *s)
{
	ui_events(&s->ui);
	ui_turn(&s->ui);
}

static void type(struct screen *s, struct span text, bool is_burst)
{
	for (size_t i = 0; i < text.len;) {
		struct key k = {.code = 0};

		i += utf8_decode(text.p + i, text.len - i, &k.code);
		ui_key(&s->ui, &k);
		if (!is_burst)
			turn(s);
	}
}

static void press(struct screen *s, const char *keys, bool is_burst)
{
	struct span rest = span_of(keys), name;

	while (span_next(&rest, ' ', &name)) {
		struct key k;

		if (name.len > 1 && name.p[0] == '\'') {
			type(s, (struct span){name.p + 1, name.len - 1}, is_burst);
			continue;
		}
		if (!key_parse(name.p, name.len, &k))
			abort();
		ui_key(&s->ui, &k);
		if (!is_burst)
			turn(s);
	}
}

void screen_keys(struct screen *s, const char *keys)
{
	press(s, keys, false);
}

void screen_burst(struct screen *s, const char *keys)
{
	press(s, keys, true);
	turn(s);
}

void screen_resize(struct screen *s, int rows, int cols)
{
	ui_resize(&s->ui, rows, cols);
	turn(s);
}

const char *screen_dump(struct screen *s)
{
	buf_reset(&s->text);
	grid_dump(&s->ui.grid, &s->text);
	return s->text.p;
}

bool screen_shows(struct screen *s, const char *text)
{
	return strstr(screen_dump(s), text) != NULL;
}

int screen_row_of(struct screen *s, const char *text)
{
	const char *dump = screen_dump(s), *at = strstr(dump, text);
	int row = 0;

	if (!at)
		return -1;
	for (const char *p = dump; p < at; p++)
		row += *p == '\n';
	return row;
}
