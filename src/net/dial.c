/* dial.c - name look-up that can be abandoned, and connecting to all addresses of a host. */
#include "config.h"

#include "dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "wait.h"

/* Shared by the asking and the looking-up thread; the last to leave frees. */
struct lookup {
	atomic_int users;
	int done_fd; /* eventfd: readable when rc and list are set */
	char *host;
	char port[8];
	int rc; /* EAI_* */
	struct addrinfo *list;
};

static void lookup_free(struct lookup *l)
{
	if (l->list)
		freeaddrinfo(l->list);
	if (l->done_fd >= 0)
		close(l->done_fd);
	free(l->host);
	free(l);
}

static void lookup_leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->users, 1) == 1)
		lookup_free(l);
}

static void *lookup_run(void *arg)
{
	struct lookup *l = arg;
	/* Not AI_ADDRCONFIG: it hides "localhost" where loopback is all there is, and an address
	 * family that leads nowhere fails at once anyway. */
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const uint64_t one = 1;

	l->rc = getaddrinfo(l->host, l->port, &hints, &l->list);
	IGNORE_RESULT(write(l->done_fd, &one, sizeof(one)) < 0, "a fresh eventfd takes a one");
	lookup_leave(l);
	return NULL;
}

static int start_thread(struct lookup *l)
{
	pthread_t thread;
	sigset_t all, old;

	/* Signals belong to the main thread; the new one inherits this mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&thread, NULL, lookup_run, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!rc)
		pthread_detach(thread);
	return rc;
}

static struct lookup *lookup_new(const char *host, int port)
{
	struct lookup *l = xcalloc(1, sizeof(*l));

	atomic_init(&l->users, 2);
	l->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->host = xstrdup(host);
	snprintf(l->port, sizeof(l->port), "%u", (unsigned)port & 0xFFFF);
	return l;
}

static int look_up(const char *host, int port, const struct net_cancel *c, int64_t deadline,
	struct addrinfo **list, struct err *e)
{
	struct lookup *l = lookup_new(host, port);
	int rc = l->done_fd < 0 ? errno : start_thread(l);

	if (rc) {
		lookup_free(l); /* there is no other user yet */
		return err_sys(e, ERR_NET, rc, _("Cannot look up %s"), host);
	}
	if (net_wait(l->done_fd, POLLIN, c, deadline, host, e)) {
		lookup_leave(l);
		return -1;
	}
	/* A poll orders nothing between two threads; taking what was written does. */
	uint64_t done;
	IGNORE_RESULT(read(l->done_fd, &done, sizeof(done)) < 0, "it was readable");
	rc = l->rc;
	*list = l->list;
	l->list = NULL;
	lookup_leave(l);
	if (rc) {
		err_set(e, ERR_NET, _("Cannot find the host %s: %s"), host, gai_strerror(rc));
		e->sys = rc;
	}
	return rc ? -1 : 0;
}

int net_connect(const struct addrinfo *a, const char *host, const struct net_cancel *c,
	int64_t deadline, struct err *e)
{
	int fd =
		socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
	int sys = 0, on = 1;
	socklen_t len = sizeof(sys);

	if (fd < 0)
		return err_sys(e, ERR_NET, errno, _("Cannot connect to %s"), host);
	if (connect(fd, a->ai_addr, a->ai_addrlen) && errno != EINPROGRESS) {
		sys = errno;
	} else if (net_wait(fd, POLLOUT, c, deadline, host, e)) {
		close(fd);
		return -1;
	} else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len)) {
		sys = errno;
	}
	if (sys) {
		close(fd);
		return err_sys(e, ERR_NET, sys, _("Cannot connect to %s"), host);
	}
	/* Commands are small and waited for; a dead peer is noticed by keep-alive during IDLE. */
	IGNORE_RESULT(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "only speed");
	IGNORE_RESULT(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)), "only comfort");
	return fd;
}

static int connect_any(const struct addrinfo *list, const char *host, const struct net_cancel *c,
	int64_t deadline, struct err *e)
{
	int left = 0;

	for (const struct addrinfo *a = list; a; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = list; a; a = a->ai_next, left--) {
		int64_t now = clock_mono_ms();
		int64_t share = (deadline - now) / left;
		int fd = net_connect(a, host, c, now + share, e);
		if (fd >= 0 || e->code == ERR_CANCELLED)
			return fd;
	}
	return -1;
}

int net_dial(const char *host, int port, const struct net_cancel *c, int64_t deadline, int *fd,
	struct err *e)
{
	struct addrinfo *list = NULL;
	struct err last = ERR_INIT;

	if (net_check_cancel(c, e) || look_up(host, port, c, deadline, &list, e))
		return -1;
	int got = connect_any(list, host, c, deadline, &last);
	freeaddrinfo(list);
	if (got < 0) {
		*e = last;
		return -1;
	}
	*fd = got;
	return 0;
}
