/* fsx.c - whole files, private folders and safe names. No knowledge of which file holds what. */
#include "config.h"

#include "crmail/base/fsx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

#define NAME_MOST 200 /* bytes */
#define EXT_MOST 16   /* bytes with the dot */
#define NUMBER_MOST 10000

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int read_all(int fd, const char *path, struct buf *out, struct err *e)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_IO, errno, _("Cannot read %s"), path);
		if (!n)
			return 0;
		buf_add(out, chunk, (size_t)n);
		if (out->failed)
			return err_set(e, ERR_TOOBIG, _("%s is larger than it may be."), path);
	}
}

int fsx_read_file(const char *path, struct buf *out, struct err *e)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, errno,
			_("Cannot open %s"), path);
	return read_all(fd, path, out, e);
}

int fsx_write_all(int fd, const void *from, size_t n)
{
	const char *p = from;
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int fsx_sync_folder_of(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(free_str)
	char *dir = !slash          ? xstrdup(".")
		    : slash == path ? xstrdup("/")
				    : xstrndup(path, (size_t)(slash - path));
	CLEANUP(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd) == 0)
		return 0;
	return err_sys(e, ERR_IO, errno, _("Cannot write %s"), path);
}

int fsx_write_file(const char *path, const void *p, size_t n, bool sync, struct err *e)
{
	CLEANUP(free_str) char *beside = xasprintf("%s.XXXXXX", path);
	CLEANUP(close_fd) int fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */

	if (fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot write %s"), path);
	if (fsx_write_all(fd, p, n) || (sync && fsync(fd)) || rename(beside, path)) {
		int sys = errno;
		unlink(beside);
		return err_sys(e, ERR_IO, sys, _("Cannot write %s"), path);
	}
	return sync ? fsx_sync_folder_of(path, e) : 0;
}

int fsx_mkdir_p(const char *path, struct err *e)
{
	CLEANUP(free_str) char *part = xstrdup(path);

	for (char *at = part + 1;; at++) {
		if (*at && *at != '/')
			continue;
		char end = *at;
		*at = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return err_sys(e, ERR_IO, errno, _("Cannot create the folder %s"), part);
		*at = end;
		if (!end)
			break;
	}
	if (!fsx_is_dir(path))
		return err_sys(e, ERR_IO, ENOTDIR, _("Cannot create the folder %s"), path);
	return 0;
}

bool fsx_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

bool fsx_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int64_t fsx_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (int64_t)st.st_size;
}

char *fsx_join(const char *dir, const char *name)
{
	return xasprintf("%s%s%s", dir, *dir && !str_ends(dir, "/") ? "/" : "", name);
}

const char *fsx_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where the extension begins, dot included; the length when there is none. Only short ASCII ones
 * count, so that a sentence with a full stop in it is not taken for one. */
static size_t extension_at(const char *name)
{
	size_t n = strlen(name), at = n;

	while (at && n - at < EXT_MOST && ascii_isalnum(name[at - 1]))
		at--;
	return at > 1 && at < n && name[at - 1] == '.' ? at - 1 : n;
}

static void cut_stem(struct buf *name)
{
	size_t ext = extension_at(name->p);
	size_t room = NAME_MOST - (name->len - ext), fits = 0;

	if (name->len <= NAME_MOST)
		return;
	while (fits < ext) {
		size_t len = utf8_cluster(name->p + fits, ext - fits);
		if (fits + len > room)
			break;
		fits += len;
	}
	memmove(name->p + fits, name->p + ext, name->len - ext);
	buf_truncate(name, fits + name->len - ext);
}

char *fsx_safe_name(const char *foreign, const char *fallback)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(BUF_UNLIMITED);
	struct buf name = BUF_INIT(BUF_UNLIMITED);
	size_t start = 0;

	utf8_sanitise(&clean, foreign, strlen(foreign), SANITISE_LINE);
	buf_rtrim(&clean);
	for (size_t i = 0; i < clean.len; i++) {
		if (strchr("/\\:*?\"<>|", clean.p[i]))
			clean.p[i] = '_';
	}
	while (clean.p[start] == '.' || clean.p[start] == ' ')
		start++;
	/* A leading dash would be an option to the next command that gets the name. */
	if (clean.p[start] == '-')
		clean.p[start] = '_';
	buf_addstr(&name, clean.p + start);
	if (!name.len)
		buf_addstr(&name, fallback);
	cut_stem(&name);
	return buf_steal(&name, NULL);
}

int fsx_create_new(const char *dir, const char *name, char **path_out, struct err *e)
{
	size_t ext = extension_at(name);

	for (int i = 1; i < NUMBER_MOST; i++) {
		CLEANUP(free_str)
		char *numbered = i == 1 ? xstrdup(name)
					: xasprintf("%.*s (%d)%s", (int)ext, name, i, name + ext);
		CLEANUP(free_str) char *path = fsx_join(dir, numbered);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			*path_out = path;
			path = NULL;
			return fd;
		}
		if (errno != EEXIST)
			return err_sys(e, ERR_IO, errno, _("Cannot create %s"), path);
	}
	return err_set(e, ERR_IO, _("There are too many files named like %s."), name);
}
