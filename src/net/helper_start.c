/* helper_start.c - the parent's side of the auth helper: starting, asking, ending. */
#include "config.h"

#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

extern char **environ;

void helper_put_u32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

uint32_t helper_get_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int spawn(const char *program, int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawnattr_t at;
	sigset_t none;
	sigemptyset(&none);
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setsigmask(&at, &none);
	char *argv[] = {(char *)program, (char *)"--auth-helper", NULL};
	int rc = posix_spawn(pid, program, &fa, &at, argv, environ);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

int helper_start(const char *program, struct helper_child *c, struct err *e)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(out, O_CLOEXEC)) {
		int sys = errno;
		if (in[0] >= 0) {
			close(in[0]);
			close(in[1]);
		}
		return err_sys(e, ERR_IO, sys, _("Cannot start the sign-in helper"));
	}
	int rc = spawn(program, in[0], out[1], &c->pid);
	close(in[0]);
	close(out[1]);
	c->to = in[1];
	c->from = out[0];
	if (!rc)
		return 0;
	close(c->to);
	close(c->from);
	return err_sys(e, ERR_IO, rc, _("Cannot start the sign-in helper"));
}

int helper_end(struct helper_child *c, int sig)
{
	int status = 0;
	if (c->to >= 0)
		close(c->to);
	close(c->from);
	if (sig)
		kill(-c->pid, sig);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	*c = (struct helper_child){.pid = -1, .to = -1, .from = -1};
	return status;
}

int helper_ask(const struct helper_child *c, enum helper_op op, const struct helper_field *f,
	size_t n)
{
	size_t len = 5;
	for (size_t i = 0; i < n; i++)
		len += 4 + f[i].len;
	if (len - 4 > HELPER_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	unsigned char *m = xmalloc(len), *p = m + 5;
	helper_put_u32(m, (uint32_t)(len - 4));
	m[4] = (unsigned char)op;
	for (size_t i = 0; i < n; i++) {
		helper_put_u32(p, (uint32_t)f[i].len);
		memcpy(p + 4, f[i].p, f[i].len);
		p += 4 + f[i].len;
	}
	int rc = fsx_write_all(c->to, m, len); /* the helper reads it all before it answers */
	int sys = errno;
	explicit_bzero(m, len);
	free(m);
	errno = sys;
	return rc;
}

/* One byte that carries a descriptor (unix(7)). */
static int send_descriptor(int to, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct iovec byte = {.iov_base = (char[1]){0}, .iov_len = 1};
	struct msghdr m = {.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof control.room};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(to, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int helper_branch_socket(int *ours, int *theirs, struct err *e)
{
	int both[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both))
		return err_sys(e, ERR_IO, errno, _("The sign-in helper cannot be asked"));
	*ours = both[0];
	*theirs = both[1];
	return 0;
}

int helper_branch(const struct helper_child *c, int theirs)
{
	int rc = helper_ask(c, HELPER_BRANCH, NULL, 0) || send_descriptor(c->to, theirs) ? -1 : 0;
	close(theirs);
	return rc;
}
