/*
 * loop.c - ui_run(): one poll over keyboard, events and signals; drain events, drain keys, one
 * turn, one paint. Everything else is core.c's.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/ui/ui.h"
#include "launch.h"
#include "term.h"
#include "ui_core.h"
#include "views/views.h"

enum poll_slot { POLL_KEYS, POLL_EVENTS, POLL_SIGNALS, POLL_COUNT };

static void suspend(void *ctx)
{
	term_suspend(ctx);
}

static void redraw(void *ctx)
{
	term_redraw(ctx);
}

static bool clipboard(void *ctx, const char *p, size_t n)
{
	return term_clipboard(ctx, p, n);
}

static bool open_outside(void *ctx, const char *what)
{
	bool is_shown;

	if (!launch_wants_terminal(what))
		return launch_open(what);
	term_leave(ctx);
	is_shown = launch_in_terminal(what);
	term_return(ctx);
	return is_shown;
}

static void ring(void *ctx, const char *text)
{
	term_ring(ctx, text);
}

static int edit(void *ctx, const char *path, struct err *e)
{
	int rc;

	term_leave(ctx);
	rc = launch_editor(path, e);
	term_return(ctx);
	return rc;
}

/* SIGHUP, SIGTERM and SIGINT (from outside: Ctrl-C is a key) end the loop in order; drafts are
 * saved by the views' close. SIGWINCH comes the same way: curses' own handler says nothing when the
 * screen shrank and grew back at once, yet the terminal has lost what stood beyond the smaller
 * size. */
static int open_signals(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A signal that was answered must not stay pending: it would end the process once let through. */
static void close_signals(int fd, const sigset_t *before)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) > 0)
		continue;
	close(fd);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void read_keys(struct ui *ui, struct term *t)
{
	struct key k;

	while (!ui->is_quitting && term_read(t, &k)) {
		int rows, cols;

		if (k.code != UKEY_RESIZE) {
			ui_key(ui, &k);
			continue;
		}
		term_size(t, &rows, &cols);
		ui_resize(ui, rows, cols);
	}
}

/* False: the signal is one that ends the loop. */
static bool read_signals(struct ui *ui, struct term *t, int fd)
{
	struct signalfd_siginfo info;
	bool is_resized = false;
	int rows, cols;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGWINCH)
			return false;
		is_resized = true;
	}
	if (is_resized) {
		term_resize(t);
		term_size(t, &rows, &cols);
		ui_resize(ui, rows, cols);
	}
	return true;
}

static int loop(struct ui *ui, struct term *t, int signals, struct err *e)
{
	struct pollfd p[POLL_COUNT] = {
		[POLL_KEYS] = {.fd = STDIN_FILENO, .events = POLLIN},
		[POLL_EVENTS] = {.fd = event_set_fd(ui->o.events), .events = POLLIN},
		[POLL_SIGNALS] = {.fd = signals, .events = POLLIN},
	};

	while (!ui->is_quitting) {
		ui_turn(ui);
		term_show(t, &ui->grid);
		if (poll(p, POLL_COUNT, ui_timeout_ms(ui)) < 0 && errno != EINTR)
			return err_sys(e, ERR_IO, errno, "%s", _("Cannot wait for the keyboard"));
		if (p[POLL_KEYS].revents & (POLLHUP | POLLERR | POLLNVAL))
			return 0;
		if (p[POLL_SIGNALS].revents && !read_signals(ui, t, signals))
			return 0;
		if (p[POLL_EVENTS].revents)
			ui_events(ui);
		read_keys(ui, t);
	}
	return 0;
}

static char *download_dir(void)
{
	const char *home = getenv("HOME");
	char *dir = fsx_join(home ? home : ".", "Downloads");

	if (fsx_is_dir(dir) || !home)
		return dir;
	free(dir);
	return xstrdup(home);
}

static void start(struct ui *ui, const struct term *t)
{
	struct list_args a = {
		.spec = {.kind = LIST_ROLE, .role = FOLDER_INBOX}, .title = _("Inbox")};
	int rows, cols;

	term_size(t, &rows, &cols);
	ui_resize(ui, rows, cols);
	ui_push(ui, &list_view_ops, &a);
	if (ui->o.starts_with_today)
		ui_push(ui, &today_view_ops, NULL);
	welcome_start(ui);
	if (secret_is_wanted(ui))
		secret_ask_passphrase(ui);
	if (term_is_ascii(t))
		ui_info(ui, "%s", _("This locale is not UTF-8: set LANG to one that is."));
}

int ui_run(const struct ui_options *o, struct err *e)
{
	struct ui_options options = *o;
	char *dir = o->download_dir ? NULL : download_dir();
	struct term *t = NULL;
	struct ui ui;
	sigset_t before;
	int signals = -1, rc = -1;

	if (dir)
		options.download_dir = dir;
	if (term_open(&t, o->hyperlinks, e))
		goto out;
	if (ui_init(&ui, &options, term_is_ascii(t), false, e))
		goto out;
	ui.terminal = (struct ui_terminal){.ctx = t,
		.suspend = suspend,
		.redraw = redraw,
		.clipboard = clipboard,
		.ring = ring,
		.edit = edit,
		.open = open_outside};
	signals = open_signals(&before);
	start(&ui, t);
	rc = loop(&ui, t, signals, e);
	ui_release(&ui);
	close_signals(signals, &before);
out:
	term_close(t);
	free(dir);
	return rc;
}
