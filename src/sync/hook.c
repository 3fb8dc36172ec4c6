/*
 * hook.c - runs the user's command: no shell, a process group of its own, output to nowhere, its
 * input fed as far as it reads, and an end to it at the deadline.
 */
#include "config.h"

#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/argv.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/net/cancel.h"

extern char **environ;

struct running {
	pid_t pid;
	int pidfd; /* readable when it has ended */
	int in;    /* its standard input; -1 = closed */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int reap(struct running *c)
{
	int status = 0;
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	c->pid = -1;
	return status;
}

/* Whatever it left running in its group goes with it. */
static void end(struct running *c)
{
	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		reap(c);
	}
	close_fd(&c->in);
	close_fd(&c->pidfd);
}

static int spawn(char **argv, int in, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	int rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static int start(struct running *c, char **argv, struct err *e)
{
	int in[2] = {-1, -1};
	*c = (struct running){.pid = -1, .pidfd = -1, .in = -1};
	int rc = pipe2(in, O_CLOEXEC) ? errno : spawn(argv, in[0], &c->pid);
	close_fd(&in[0]);
	c->in = in[1];
	if (!rc && (c->pidfd = pidfd_open(c->pid, 0)) < 0)
		rc = errno;
	if (!rc && fcntl(c->in, F_SETFL, O_NONBLOCK))
		rc = errno;
	if (!rc)
		return 0;
	end(c);
	return err_sys(e, ERR_UNSUPPORTED, rc, "%s", _("The hook's command cannot be run"));
}

/* As much as it takes now; what does not read its input is not in the wrong. */
static void feed(struct running *c, const struct hook_run *h, size_t *fed)
{
	ssize_t n = write(c->in, h->text + *fed, h->len - *fed);
	if (n > 0)
		*fed += (size_t)n;
	if (*fed == h->len || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&c->in);
}

/* Until it has ended; -1 with *e when it is not waited for any longer. */
static int attend(struct running *c, const struct hook_run *h, struct err *e)
{
	int64_t deadline = clock_mono_ms() + h->deadline_ms;
	size_t fed = 0;
	for (;;) {
		struct pollfd p[3] = {{.fd = c->pidfd, .events = POLLIN},
			{.fd = c->in, .events = POLLOUT},
			{.fd = h->cancel ? net_cancel_fd(h->cancel) : -1, .events = POLLIN}};
		int64_t left = deadline - clock_mono_ms();
		if (left <= 0)
			return err_set(e, ERR_NET, _("The hook's command did not end in time."));
		int n = poll(p, 3, (int)left);
		if (h->cancel && net_cancel_is_set(h->cancel))
			return err_set(e, ERR_CANCELLED, _("Stopped."));
		if (n > 0 && p[0].revents)
			return 0;
		if (n > 0 && p[1].revents)
			feed(c, h, &fed);
	}
}

int hook_run(const struct hook_run *h, struct err *e)
{
	CLEANUP(argv_release) struct argv a = {.v = NULL};
	struct running c;
	if (!argv_split(h->command, &a))
		return err_set(e, ERR_UNSUPPORTED, _("The hook's command cannot be understood."));
	if (start(&c, a.v, e))
		return -1;
	int rc = attend(&c, h, e);
	int status = rc ? 0 : reap(&c);
	end(&c);
	if (rc || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return rc;
	err_set(e, ERR_IO, _("The hook's command failed."));
	e->sys = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return -1;
}
