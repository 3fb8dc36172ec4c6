/*
 * keyring.c - calls of the keyring, each in a process of its own with a deadline. What is asked of
 * the service stands in keyring_call.c.
 */
#include "config.h"

#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#define GRACE_S 5 /* after the deadline, should nobody be there to kill it */

bool keyring_has_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *run = getenv("XDG_RUNTIME_DIR");
	if (address && *address)
		return true;
	if (!run || !*run)
		return false;
	CLEANUP(free_str) char *bus = fsx_join(run, "bus");
	return fsx_exists(bus);
}

/* What the library has to say about itself would stand in the middle of the screen, or, as GLib's
 * debugging does, of the helper's answers. *to is our own way out, wherever it was opened. */
static void silence(int *to)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	*to = fcntl(*to, F_DUPFD_CLOEXEC, 3);
	if (nowhere < 0 || *to < 0)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(nowhere, fd) < 0)
			_exit(1);
}

/* The answer is its status and the secret, up to the end. */
static void serve(const struct keyring_call *c, int to)
{
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm((unsigned)(c->deadline_ms / 1000) + GRACE_S);
	silence(&to);
	unsigned char status = (unsigned char)keyring_do(c, &value);
	if (value.len > KEYRING_VALUE_MAX)
		status = VAULT_TOO_BIG;
	if (fsx_write_all(to, &status, 1) == 0 && status == VAULT_OK && value.len)
		IGNORE_RESULT(fsx_write_all(to, value.p, value.len), "nobody listens any more");
}

enum wait_end { WAIT_READY, WAIT_LATE, WAIT_LEFT };

static enum wait_end wait_for(int fd, int watch_fd, int64_t end)
{
	for (;;) {
		/* no event asked for: only that the other side is gone */
		struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = watch_fd}};
		int64_t left = end - clock_mono_ms();
		int n = left > 0 ? poll(p, 2, (int)left) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return WAIT_LATE;
		return p[0].revents ? WAIT_READY : WAIT_LEFT;
	}
}

/* A process that ended without a word was killed by its library: the bus is gone. */
static enum vault_status read_answer(const struct keyring_call *c, int from, struct secret *out)
{
	const size_t most = 1 + KEYRING_VALUE_MAX;
	char *p = xcalloc(1, most + 1);
	int64_t end = clock_mono_ms() + c->deadline_ms;
	enum vault_status st = VAULT_NO_KEYRING;
	size_t got = 0;
	for (;;) {
		enum wait_end w = wait_for(from, c->watch_fd, end);
		ssize_t n = w == WAIT_READY ? read(from, p + got, most - got) : -1;
		if (n < 0 && w == WAIT_READY && errno == EINTR)
			continue;
		if (n > 0)
			got += (size_t)n;
		if (n > 0 && got < most)
			continue;
		if (w == WAIT_LATE)
			st = c->op == KEYRING_UNLOCK ? VAULT_KEYRING_SHUT : VAULT_KEYRING_SLOW;
		else if (got && (unsigned char)*p < VAULT_STATUS_COUNT)
			st = (enum vault_status) * p;
		break;
	}
	if (st == VAULT_OK && out)
		secret_set(out, p + 1, got - 1);
	secret_wipe(p, most);
	free(p);
	return st;
}

enum vault_status keyring_run(const struct keyring_call *c, struct secret *out)
{
	int ends[2];
	if (!keyring_has_bus())
		return VAULT_NO_KEYRING;
	if (c->value && c->value->len > KEYRING_VALUE_MAX)
		return VAULT_TOO_BIG;
	if (pipe2(ends, O_CLOEXEC))
		return VAULT_IO;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		serve(c, ends[1]);
		_exit(0);
	}
	int sys = errno;
	close(ends[1]);
	enum vault_status st = pid < 0 ? VAULT_IO : read_answer(c, ends[0], out);
	close(ends[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	errno = st == VAULT_IO ? sys : 0;
	return st;
}
