/*
 * helper.c - `crmail --auth-helper`: the process that alone runs password commands, reads the
 * encrypted file and asks the keyring. It holds the derived key, never the passphrase, in memory
 * that is not swapped, dumped or shown to other processes, and ends when whoever started it does.
 * No logging here.
 */
#include "config.h"

#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/net/secret.h"

#include "keyring.h"
#include "safe.h"
#include "vault.h"

#define PATH_ROOM 4096

extern char **environ;

struct helper {
	struct vault_key key;
	char path[PATH_ROOM];
	unsigned char request[HELPER_MAX + 1]; /* the last one, and room for a final 0 */
	size_t len;
};

struct request {
	enum helper_op op;
	char *f[HELPER_FIELDS]; /* ended by 0 */
	size_t len[HELPER_FIELDS];
};

static bool read_all(void *to, size_t n)
{
	unsigned char *p = to;
	while (n) {
		ssize_t got = read(0, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* The fields are moved together over their lengths, so that each can be ended by 0. */
static bool split(struct helper *h, struct request *r)
{
	size_t at = 1, n = 0;
	r->op = (enum helper_op)h->request[0];
	while (at < h->len && n < HELPER_FIELDS) {
		if (h->len - at < 4)
			return false;
		size_t len = helper_get_u32(h->request + at);
		at += 4;
		if (h->len - at < len)
			return false;
		memmove(h->request + at - 1, h->request + at, len);
		r->f[n] = (char *)h->request + at - 1;
		r->len[n++] = len;
		at += len;
		h->request[at - 1] = '\0';
	}
	for (size_t i = n; i < HELPER_FIELDS; i++) {
		r->f[i] = (char *)h->request + HELPER_MAX;
		r->len[i] = 0;
	}
	h->request[HELPER_MAX] = '\0';
	return at == h->len;
}

static bool next_request(struct helper *h, struct request *r)
{
	unsigned char len[4];
	if (!read_all(len, sizeof len))
		return false;
	h->len = helper_get_u32(len);
	return h->len > 0 && h->len <= HELPER_MAX && read_all(h->request, h->len) && split(h, r);
}

bool helper_answer(enum vault_status st, int sys, const struct secret *value)
{
	unsigned char head[9];
	size_t n = value ? value->len : 0;
	helper_put_u32(head, (uint32_t)(5 + n));
	head[4] = (unsigned char)st;
	helper_put_u32(head + 5, (uint32_t)sys);
	return fsx_write_all(1, head, sizeof head) == 0 &&
	       (n == 0 || fsx_write_all(1, value->p, n) == 0);
}

/* The descriptor that comes after a request for a branch; -1 = none. */
static int take_descriptor(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	char byte;
	struct iovec v = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof control.room};
	int fd = -1;
	ssize_t n;
	do
		n = recvmsg(0, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* All of it, passing tokens included, where nothing counts it: under a limit the room that a
 * passphrase takes (VAULT_LOG_N) would not be had any more. */
static void lock_all(void)
{
	struct rlimit most;
	if (getrlimit(RLIMIT_MEMLOCK, &most) == 0 && most.rlim_cur == RLIM_INFINITY)
		IGNORE_RESULT(mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT),
			"as above, and older kernels do not know it");
}

static void hide_memory(struct helper *h)
{
	static const struct rlimit no_core = {0, 0};
	setrlimit(RLIMIT_CORE, &no_core);
#ifndef __SANITIZE_ADDRESS__ /* its leak check looks at the process from outside */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	IGNORE_RESULT(mlock(h, sizeof *h), "limits may forbid it; the swap is the user's own");
	lock_all();
}

/* A copy of this process for one job that takes as long as a server likes: a renewed token must be
 * saved even when nobody waits for it any more, so nothing but its deadline ends it: neither the
 * end of this process, nor what ends its group. In the copy, requests come from the new descriptor
 * from here on. */
static bool branch(struct helper *h)
{
	int fd = take_descriptor();
	if (fd < 0)
		return false;
	const struct sigaction no_zombies = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
	sigaction(SIGCHLD, &no_zombies, NULL);
	if (fork() == 0) {
		hide_memory(h); /* locks are not inherited */
		alarm(HELPER_TURN_S);
		if (setpgid(0, 0) || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
			_exit(2);
	}
	close(fd);
	return true;
}

static enum vault_status set_file(struct helper *h, const struct request *r)
{
	if (r->len[0] >= sizeof h->path)
		return VAULT_TOO_BIG;
	memcpy(h->path, r->f[0], r->len[0] + 1);
	return VAULT_OK;
}

static enum vault_status ask_keyring(enum keyring_op op, const char *name)
{
	const struct keyring_call c = {.op = op,
		.name = *name ? name : NULL,
		.deadline_ms = op == KEYRING_UNLOCK ? KEYRING_PROMPT_MS : KEYRING_MS,
		.watch_fd = op == KEYRING_UNLOCK ? 0 : -1};
	return keyring_run(&c, NULL);
}

static bool serve(struct helper *h, const struct request *r)
{
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	enum vault_status st = VAULT_LOCKED;
	errno = 0;
	switch (r->op) {
	case HELPER_UNLOCK:
		st = vault_unlock(h->path, r->f[0], r->len[0], VAULT_LOG_N, &h->key);
		break;
	case HELPER_FILE:
		st = set_file(h, r);
		break;
	case HELPER_GET:
		st = safe_get(h->path, &h->key, r->f[0], &value);
		break;
	case HELPER_PUT:
		secret_set(&value, r->f[1], r->len[1]);
		st = safe_put(h->path, &h->key, r->f[0], &value);
		secret_release(&value);
		break;
	case HELPER_ERASE:
		st = safe_put(h->path, &h->key, r->f[0], NULL);
		break;
	case HELPER_PROBE:
		st = ask_keyring(KEYRING_PROBE, r->f[0]);
		break;
	case HELPER_KEYRING:
		st = ask_keyring(KEYRING_UNLOCK, "");
		break;
	case HELPER_DROP:
		st = safe_drop(h->path, &h->key, r->f[0]);
		break;
	case HELPER_BRANCH:
		return branch(h);
	case HELPER_GRANT:
	case HELPER_DEVICE:
	case HELPER_TOKEN:
	case HELPER_REVOKE:
	case HELPER_SWEEP:
	case HELPER_COPY:
		st = helper_do_grant(h->path, &h->key, r->op, r->f, &value) ? VAULT_OK : VAULT_IO;
		break;
	case HELPER_COMMAND:
		return false;
	}
	int sys = errno;
	explicit_bzero(h->request, h->len);
	return helper_answer(st, sys, value.p ? &value : NULL);
}

/* Its output goes where ours goes: to whoever asked. */
static int run_command(char *command)
{
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

int secret_helper_main(void)
{
	struct helper h = {.len = 0};
	struct request r;
	hide_memory(&h);
	int rc = 0;
	bool is_open = next_request(&h, &r);
	if (!is_open)
		rc = 2;
	while (is_open) {
		if (r.op == HELPER_COMMAND) {
			rc = run_command(r.f[0]);
			break;
		}
		is_open = serve(&h, &r) && next_request(&h, &r);
	}
	explicit_bzero(&h, sizeof h);
	return rc;
}
