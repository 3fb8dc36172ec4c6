/*
 * secret.c - wiped memory for secrets, the parent's side of the auth helper, and the helper
 * itself. It knows how a secret is obtained, not what it is for. No logging here at all.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#define SECRET_MAX 65536 /* bytes of an answer */
#define SECRET_DEADLINE_MS 30000

extern char **environ;

void secret_set(struct secret *s, const char *p, size_t len)
{
	secret_release(s);
	s->p = xmalloc(len + 1);
	memcpy(s->p, p, len);
	s->p[len] = '\0';
	s->len = len;
}

void secret_release(struct secret *s)
{
	if (s->p) {
		OPENSSL_cleanse(s->p, s->len);
		free(s->p);
	}
	s->p = NULL;
	s->len = 0;
}

void secret_wipe(char *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

struct helper_child {
	pid_t pid;
	int to, from; /* our ends of the pipes */
};

static int child_start(const char *program, struct helper_child *c, struct err *e)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		int sys = errno;
		if (in[0] >= 0) {
			close(in[0]);
			close(in[1]);
		}
		return err_sys(e, ERR_IO, sys, _("Cannot start the sign-in helper"));
	}
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	posix_spawnattr_t at;
	sigset_t none;
	sigemptyset(&none);
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setsigmask(&at, &none);
	char *argv[] = {(char *)program, (char *)"--auth-helper", NULL};
	int rc = posix_spawn(&c->pid, program, &fa, &at, argv, environ);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(out[1]);
	if (rc) {
		close(in[1]);
		close(out[0]);
		return err_sys(e, ERR_IO, rc, _("Cannot start the sign-in helper"));
	}
	c->to = in[1];
	c->from = out[0];
	return 0;
}

/* Reads until the end, the deadline or the cancel; returns bytes read or -1. */
static ssize_t read_answer(const struct helper_child *c, const struct secret_helper *h, char *out,
	struct err *e)
{
	int64_t end = clock_mono_ms() + (h->deadline_ms > 0 ? h->deadline_ms : SECRET_DEADLINE_MS);
	size_t got = 0;
	for (;;) {
		struct pollfd fds[2] = {
			{.fd = c->from, .events = POLLIN}, {.fd = h->cancel_fd, .events = POLLIN}};
		int64_t left = end - clock_mono_ms();
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_CANCELLED,
				_("The password command did not answer in time."));
		if (fds[1].revents)
			return err_set(e, ERR_CANCELLED, _("Cancelled."));
		ssize_t r = read(c->from, out + got, SECRET_MAX - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, ERR_IO, errno, _("The sign-in helper broke off"));
		if (r == 0)
			return (ssize_t)got;
		got += (size_t)r;
		if (got == SECRET_MAX)
			return err_set(e, ERR_TOOBIG, _("The password command printed too much."));
	}
}

static int child_reap(const struct helper_child *c, bool kill_it)
{
	int status = 0;
	if (kill_it)
		kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int secret_ask(const struct secret_helper *h, const struct secret_source *src, struct secret *out,
	struct err *e)
{
	struct helper_child c;
	if (child_start(h->program, &c, e))
		return -1;
	size_t len = strlen(src->command);
	ssize_t wrote = write(c.to, src->command, len); /* below PIPE_BUF or the helper reads on */
	close(c.to);
	char *answer = xcalloc(1, SECRET_MAX + 1);
	ssize_t got = wrote == (ssize_t)len
			      ? read_answer(&c, h, answer, e)
			      : err_set(e, ERR_IO, _("The sign-in helper broke off."));
	close(c.from);
	int status = child_reap(&c, got < 0);
	int rc = got < 0 ? -1 : 0;
	if (!rc && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		rc = err_set(e, ERR_AUTH, _("The password command failed (exit status %d)."),
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (!rc) {
		size_t n = strcspn(answer, "\r\n");
		if (n == 0)
			rc = err_set(e, ERR_AUTH, _("The password command printed nothing."));
		else
			secret_set(out, answer, n);
	}
	OPENSSL_cleanse(answer, SECRET_MAX);
	free(answer);
	return rc;
}

/* ---- the helper's side ----------------------------------------------------------------------- */

static int read_request(char *out, size_t size)
{
	size_t got = 0;
	for (;;) {
		ssize_t r = read(0, out + got, size - 1 - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 || got + (size_t)r >= size - 1)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	out[got] = '\0';
	return got ? 0 : -1;
}

int secret_helper_main(void)
{
	static const struct rlimit no_core = {0, 0};
	char command[SECRET_MAX];
	setrlimit(RLIMIT_CORE, &no_core);
	if (read_request(command, sizeof command))
		return 2;
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	char *argv[] = {(char *)"sh", (char *)"-c", command, NULL};
	pid_t pid;
	int rc = posix_spawn(&pid, "/bin/sh", &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (rc)
		return 126;
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
