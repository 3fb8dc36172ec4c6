/* left.c - the notes of what may be left behind: a line each, "KIND SECONDS NAME". */
#include "config.h"

#include "left.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define LEFT_MAX ((size_t)256 << 10)

static int fail(int sys, struct err *e)
{
	return err_sys(e, ERR_IO, sys, _("Cannot note which secrets are saved"));
}

/* -1 with errno: ENOENT = there are none. */
static int open_notes(const char *path, int flags)
{
	CLEANUP(free_str) char *file = xasprintf("%s.left", path);
	int fd = open(file, flags | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		int sys = errno;
		close(fd);
		errno = sys;
		return -1;
	}
	return fd;
}

static int read_notes(int fd, struct buf *out)
{
	char part[4096];
	ssize_t n;
	while ((n = read(fd, part, sizeof part)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf_add(out, part, (size_t)n);
	}
	return 0;
}

/* *name is borrowed from the line. False: it was cut by a crash. */
static bool read_line(struct span line, struct left *l, struct span *name)
{
	CLEANUP(free_str) char *number = NULL;
	const char *space = line.len > 2 ? memchr(line.p + 2, ' ', line.len - 2) : NULL;
	if (!space || line.p[1] != ' ' || (line.p[0] != LEFT_SAVED && line.p[0] != LEFT_ENDED))
		return false;
	number = xstrndup(line.p + 2, (size_t)(space - line.p) - 2);
	*name = (struct span){space + 1, line.len - (size_t)(space + 1 - line.p)};
	l->kind = (enum left_kind)line.p[0];
	return name->len && str_to_i64(number, 0, INT64_MAX / 2, &l->at);
}

/* All but what is noted of that name. */
static void add_others(struct buf *out, const struct buf *old, const char *but)
{
	struct span rest = {old->p, old->len}, line, name;
	struct left l;
	while (span_next(&rest, '\n', &line)) {
		if (!read_line(line, &l, &name) || span_eq(name, but))
			continue;
		buf_add(out, line.p, line.len);
		buf_addch(out, '\n');
	}
}

/* In place: what a crash leaves of the old text behind the new one says nothing worse than that
 * something may be left behind. */
static int write_notes(int fd, const struct buf *text)
{
	if (lseek(fd, 0, SEEK_SET) < 0 || fsx_write_all(fd, text->p, text->len) ||
		ftruncate(fd, (off_t)text->len))
		return -1;
	return fdatasync(fd);
}

static int change(int fd, const char *name, const struct left *l, struct err *e)
{
	CLEANUP(buf_release) struct buf old = BUF_INIT(LEFT_MAX);
	CLEANUP(buf_release) struct buf now = BUF_INIT(LEFT_MAX);
	if (read_notes(fd, &old))
		return fail(errno, e);
	add_others(&now, &old, name);
	if (l)
		buf_addf(&now, "%c %lld %s\n", (char)l->kind, (long long)l->at, name);
	if (old.failed || now.failed)
		return fail(EFBIG, e);
	if (now.len == old.len && !memcmp(now.p, old.p, now.len))
		return 0;
	return write_notes(fd, &now) ? fail(errno, e) : 0;
}

int left_note(const char *path, const struct left *l, struct err *e)
{
	if (strchr(l->name, '\n'))
		return fail(EINVAL, e);
	int fd = open_notes(path, O_RDWR | O_CREAT);
	if (fd < 0)
		return fail(errno, e);
	int rc = change(fd, l->name, l, e);
	close(fd);
	return rc;
}

int left_strike(const char *path, const char *name, struct err *e)
{
	int fd = open_notes(path, O_RDWR);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(errno, e);
	int rc = change(fd, name, NULL, e);
	close(fd);
	return rc;
}

int left_each(const char *path, void (*visit)(void *ctx, const struct left *l), void *ctx,
	struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(LEFT_MAX);
	struct span rest, line, name;
	struct left l;
	int fd = open_notes(path, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(errno, e);
	int rc = read_notes(fd, &text), sys = errno;
	close(fd);
	if (rc)
		return fail(sys, e);
	rest = (struct span){text.p, text.len};
	while (span_next(&rest, '\n', &line)) {
		if (!read_line(line, &l, &name))
			continue;
		CLEANUP(free_str) char *copy = xstrndup(name.p, name.len);
		l.name = copy;
		visit(ctx, &l);
	}
	return 0;
}

struct wanted {
	const char *name;
	bool is_there;
};

static void look(void *ctx, const struct left *l)
{
	struct wanted *w = ctx;
	w->is_there = w->is_there || !w->name || !strcmp(l->name, w->name);
}

bool left_has(const char *path, const char *name)
{
	struct wanted w = {.name = name};
	struct err ignored = ERR_INIT;
	return left_each(path, look, &w, &ignored) == 0 && w.is_there;
}
