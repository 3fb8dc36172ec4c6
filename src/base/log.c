/*
 * log.c - the log file. One of the two places with process-wide state (style.md 20); guarded by
 * one lock. What must not be in a line is the caller's duty; that a line is one line and cannot
 * carry terminal controls is ours.
 */
#include "config.h"

#include "crmail/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"

#include "log_private.h"

#define LOG_ROTATE_BYTES ((int64_t)4 << 20)
#define LINE_MOST 2000

static struct {
	pthread_mutex_t lock;
	int fd; /* -1: closed */
	char *path;
	enum log_level max;
	const struct clock_src *clock;
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static int open_file(void)
{
	log_state.fd = open(log_state.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_state.fd < 0)
		return -1;
	IGNORE_RESULT(fchmod(log_state.fd, 0600),
		"an older file may have been made readable for others by hand");
	return 0;
}

static void close_file(void)
{
	if (log_state.fd >= 0)
		close(log_state.fd);
	log_state.fd = -1;
	free(log_state.path);
	log_state.path = NULL;
}

int log_open(const char *path, enum log_level max, const struct clock_src *c, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&log_state.lock);
	close_file();
	log_state.path = xstrdup(path);
	log_state.max = max;
	log_state.clock = c;
	if (open_file())
		rc = err_sys(e, ERR_IO, errno, _("Cannot open the log %s"), path);
	pthread_mutex_unlock(&log_state.lock);
	return rc;
}

bool log_is_open(void)
{
	pthread_mutex_lock(&log_state.lock);
	bool is_open = log_state.fd >= 0;
	pthread_mutex_unlock(&log_state.lock);
	return is_open;
}

void log_close(void)
{
	pthread_mutex_lock(&log_state.lock);
	close_file();
	pthread_mutex_unlock(&log_state.lock);
}

static void reopen(void)
{
	close(log_state.fd);
	IGNORE_RESULT(open_file(), "without a log the program goes on");
}

static void rotate(void)
{
	for (int i = LOG_FILES_KEPT; i > 0; i--) {
		CLEANUP(free_str) char *to = xasprintf("%s.%d", log_state.path, i);
		CLEANUP(free_str)
		char *from =
			i > 1 ? xasprintf("%s.%d", log_state.path, i - 1) : xstrdup(log_state.path);
		IGNORE_RESULT(rename(from, to), "a missing older file is normal");
	}
	reopen();
}

/* Other processes write to the same file: what counts is its size, and whether one of them has
 * turned it over already. */
static void turn_over(size_t more)
{
	struct stat ours, there;
	if (fstat(log_state.fd, &ours))
		return;
	if (stat(log_state.path, &there) || there.st_ino != ours.st_ino ||
		there.st_dev != ours.st_dev)
		reopen();
	else if (ours.st_size > 0 && ours.st_size + (int64_t)more > LOG_ROTATE_BYTES)
		rotate();
}

static void write_line(const struct buf *line)
{
	turn_over(line->len);
	if (log_state.fd < 0)
		return;
	/* O_APPEND: one line, one write */
	IGNORE_RESULT(write(log_state.fd, line->p, line->len) < 0, "a full disk has other voices");
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(LINE_MOST), line = BUF_INIT(2 * LINE_MOST);
	char raw[LINE_MOST / 4], when[32];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	utf8_sanitise(&text, raw, strlen(raw), SANITISE_LINE);
	pthread_mutex_lock(&log_state.lock);
	if (log_state.fd >= 0 && level <= log_state.max) {
		int64_t now = clock_now(log_state.clock);
		buf_addf(&line, "%s %s %s: %s\n", clock_rfc3339(now, when, sizeof(when)),
			log_level_name(level), area, text.p);
		write_line(&line);
	}
	pthread_mutex_unlock(&log_state.lock);
}
