/*
 * ipc.c - the Unix socket: who may speak, where a line ends, and what is too much.
 */
#include "config.h"

#include "crmail/net/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

enum {
	BACKLOG = 16,
	CHUNK = 16384, /* read at once, so that nobody keeps us busy for long */
};

struct ipc {
	int fd;
	bool is_broken;  /* ends at the next pump */
	struct buf in;   /* from `taken` on: what came and was not asked for yet */
	size_t taken;    /* bytes of `in` that were given out */
	size_t wiped;    /* bytes of `in` whose lines are over */
	size_t searched; /* bytes of `in` known to hold no line end beyond `taken` */
	struct buf out;
	size_t sent; /* bytes of `out` that are gone */
};

static struct ipc *ipc_new(int fd, size_t line_max)
{
	struct ipc *c = xcalloc(1, sizeof *c);
	c->fd = fd;
	c->in = BUF_SECRET_INIT(line_max + CHUNK); /* a passphrase may be among it */
	c->out = BUF_SECRET_INIT(2 * IPC_LINE_MAX);
	return c;
}

/* A socket's name has room for 107 bytes; through the folder's descriptor any path fits. */
static int fill_address(int dir, const char *name, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	int n = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", dir, name);
	return n < 0 || (size_t)n >= sizeof out->sun_path ? -1 : 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash != path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/");
}

static int open_folder(const char *path, struct err *e)
{
	CLEANUP(free_str) char *dir = folder_of(path);
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, errno,
			_("Cannot open %s"), dir);
	return fd;
}

static int check_private(int dir, const char *path, struct err *e)
{
	struct stat st;
	if (fstat(dir, &st))
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	if (st.st_uid == geteuid() && !(st.st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	return err_set(e, ERR_CONFLICT,
		_("The folder of %s is open to others: it must be yours alone (mode 0700)."), path);
}

static int bind_in(int s, int dir, const char *name, struct err *e)
{
	struct sockaddr_un a;
	if (fill_address(dir, name, &a))
		return err_set(e, ERR_IO, _("The socket's name %s is too long."), name);
	if (unlinkat(dir, name, 0) && errno != ENOENT)
		return err_sys(e, ERR_IO, errno, _("Cannot remove the old socket %s"), name);
	/* Linux gives the file the mode of the socket's inode: it is never open to others. */
	if (fchmod(s, 0600) || bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, BACKLOG))
		return err_sys(e, ERR_IO, errno, _("Cannot listen on the socket %s"), name);
	return 0;
}

static int open_socket(struct err *e)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return s < 0 ? err_sys(e, ERR_IO, errno, "%s", _("Cannot make a socket")) : s;
}

int ipc_listen(const char *path, int *fd, struct err *e)
{
	CLEANUP(free_str) char *folder = folder_of(path);
	if (fsx_mkdir_p(folder, e))
		return -1;
	int dir = open_folder(path, e);
	if (dir < 0)
		return -1;
	int rc = check_private(dir, path, e);
	int s = rc ? -1 : open_socket(e);
	if (s >= 0 && bind_in(s, dir, fsx_basename(path), e)) {
		close(s);
		s = -1;
	}
	close(dir);
	if (s < 0)
		return -1;
	*fd = s;
	return 0;
}

static bool is_same_user(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && n == sizeof peer &&
	       peer.uid == geteuid();
}

struct ipc *ipc_accept(int listen_fd, size_t line_max)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (is_same_user(fd))
		return ipc_new(fd, line_max);
	close(fd);
	return NULL;
}

int ipc_connect(const char *path, struct ipc **out, struct err *e)
{
	struct err why = ERR_INIT;
	struct sockaddr_un a;
	*out = NULL;
	int dir = open_folder(path, &why);
	if (dir < 0) {
		if (why.code != ERR_NOTFOUND)
			*e = why;
		return why.code == ERR_NOTFOUND ? 0 : -1;
	}
	int s = open_socket(e);
	if (s < 0 || fill_address(dir, fsx_basename(path), &a)) {
		close(dir);
		return s < 0 ? -1 : (close(s), 0);
	}
	int rc = connect(s, (struct sockaddr *)&a, sizeof a);
	int sys = errno; /* a full queue (EAGAIN) is nobody who listens, for now */
	close(dir);
	if (rc == 0 && is_same_user(s)) {
		*out = ipc_new(s, IPC_LINE_MAX);
		return 0;
	}
	close(s);
	if (rc == 0 || sys == ECONNREFUSED || sys == ENOENT || sys == EAGAIN)
		return 0;
	return err_sys(e, ERR_IO, sys, _("Cannot connect to the socket %s"), path);
}

void ipc_close(struct ipc *c)
{
	if (!c)
		return;
	close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

int ipc_fd(const struct ipc *c)
{
	return c->fd;
}

short ipc_events(const struct ipc *c)
{
	return ipc_is_drained(c) ? POLLIN : POLLIN | POLLOUT;
}

bool ipc_is_drained(const struct ipc *c)
{
	return c->sent == c->out.len;
}

static int send_some(struct ipc *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.p + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		c->sent += (size_t)n;
	}
	buf_reset(&c->out);
	c->sent = 0;
	return 0;
}

/* What was given out makes room; what is left is short of one line, or about to be asked for. */
static void drop_taken(struct ipc *c)
{
	if (!c->taken)
		return;
	size_t left = c->in.len - c->taken;
	memmove(c->in.p, c->in.p + c->taken, left);
	c->searched -= c->taken;
	c->taken = c->wiped = 0;
	buf_truncate(&c->in, left);
}

static int read_some(struct ipc *c)
{
	char chunk[CHUNK];
	if (c->in.max - (c->in.len - c->taken) < sizeof chunk) {
		/* The owner has lines to take; without one, this line is too long. */
		return memchr(c->in.p + c->taken, '\n', c->in.len - c->taken) ? 0 : -1;
	}
	ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
	if (n == 0)
		return -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	drop_taken(c);
	buf_add(&c->in, chunk, (size_t)n);
	explicit_bzero(chunk, (size_t)n); /* a passphrase may have been among it */
	return 0;
}

/* A peer that goes may have said something before: reading comes first, and its end is what
 * counts. */
int ipc_pump(struct ipc *c)
{
	if (c->is_broken || read_some(c)) {
		c->is_broken = true;
		return -1;
	}
	if (c->out.failed || send_some(c))
		c->is_broken = true;
	return c->is_broken ? -1 : 0;
}

static bool has_control(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			return true;
	return false;
}

char *ipc_line(struct ipc *c)
{
	if (c->wiped < c->taken)
		explicit_bzero(c->in.p + c->wiped, c->taken - c->wiped);
	c->wiped = c->taken;
	char *from = c->in.p + c->searched;
	char *end = memchr(from, '\n', c->in.len - c->searched);
	if (!end) {
		c->searched = c->in.len;
		return NULL;
	}
	char *line = c->in.p + c->taken;
	size_t len = (size_t)(end - line);
	*end = '\0';
	c->taken += len + 1;
	c->searched = c->taken;
	if (!has_control(line, len))
		return line;
	c->is_broken = true;
	c->taken = c->searched = c->in.len; /* whatever follows is not believed either */
	return NULL;
}

void ipc_say(struct ipc *c, const char *fmt, ...)
{
	size_t before = c->out.len;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&c->out, fmt, ap);
	va_end(ap);
	if (has_control(c->out.p + before, c->out.len - before))
		c->is_broken = true;
	buf_addch(&c->out, '\n');
}

bool ipc_is_over(const struct ipc *c)
{
	return c->is_broken || c->out.failed;
}

int ipc_wait(struct ipc *c, int timeout_ms)
{
	if (ipc_is_over(c))
		return -1;
	struct pollfd fd = {.fd = c->fd, .events = ipc_events(c)};
	int n = poll(&fd, 1, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	return n ? ipc_pump(c) : 0;
}
