/*
 * oauth_listener.c - the few lines of an HTTP server that a redirect to 127.0.0.1 needs. Everybody
 * on this machine can connect to it, so each connection has little room and little time, and the
 * oldest one gives way.
 */
#include "config.h"

#include "crmail/net/oauth.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"

#include "oauth_head.h"
#include "peer.h"
#include "wait.h"

#define CONNECTIONS 16
#define TRIES 8 /* ports */
#define REQUEST_MAX 16384
#define PASTE_MAX 8192
#define REQUEST_MS 10000 /* for all of a request */
#define ANSWER_MS 2000   /* for a page to be taken */

struct visitor {
	int fd; /* -1 = free place */
	int64_t until;
	struct buf in;
};

struct oauth_listener {
	int fds[2]; /* on 127.0.0.1 and on ::1; -1 = not there */
	int port;
	char *path;
	struct visitor v[CONNECTIONS];
	struct visitor *kept; /* waits for oauth_listener_finish() */
	struct buf pasted;
	bool is_paste_over;
};

/* ---- opening --------------------------------------------------------------------------------- */

static int try_listen(int fd, struct sockaddr *a, socklen_t n)
{
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	return bind(fd, a, n) || listen(fd, CONNECTIONS) ? -1 : 0;
}

static int listen_on(struct sockaddr *a, socklen_t n)
{
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && try_listen(fd, a, n)) {
		int sys = errno;
		close(fd);
		errno = sys;
		return -1;
	}
	return fd;
}

static int listen_on_v4(int port, int *bound)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};
	socklen_t n = sizeof a;
	int fd = listen_on((struct sockaddr *)&a, n);
	if (fd >= 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		*bound = ntohs(a.sin_port);
	return fd;
}

static int listen_on_v6(int port)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons((uint16_t)port)};
	return listen_on((struct sockaddr *)&a, sizeof a);
}

/* A browser may take localhost for ::1: the port has to be ours there, too, lest the answer goes to
 * whoever has it. */
static int listen_on_both(int fds[2], int port, int *bound)
{
	for (int i = 0; i < TRIES; i++) {
		fds[0] = listen_on_v4(port, bound);
		if (fds[0] < 0)
			return -1;
		fds[1] = listen_on_v6(*bound);
		if (fds[1] >= 0 || errno != EADDRINUSE)
			return 0; /* other errors: this machine has no such address */
		close(fds[0]);
		fds[0] = -1;
		errno = EADDRINUSE;
		if (port)
			return -1;
	}
	return -1;
}

int oauth_listener_open(struct oauth_listener **out, const char *redirect, int port, struct err *e)
{
	const char *host = redirect + strlen("http://"), *path = strchr(host, '/');
	bool is_name = str_ncasecmp(host, "localhost", strlen("localhost")) == 0;
	int bound = 0, fds[2] = {-1, -1};
	if (is_name ? listen_on_both(fds, port, &bound) : (fds[0] = listen_on_v4(port, &bound)) < 0)
		return err_sys(e, ERR_NET, errno, _("Cannot wait for the browser on port %d"),
			port);
	struct oauth_listener *l = xcalloc(1, sizeof *l);
	memcpy(l->fds, fds, sizeof fds);
	l->port = bound;
	l->path = xstrdup(path ? path : "/");
	buf_init(&l->pasted, PASTE_MAX);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		l->v[i].fd = -1;
		buf_init(&l->v[i].in, REQUEST_MAX);
	}
	*out = l;
	return 0;
}

int oauth_listener_port(const struct oauth_listener *l)
{
	return l->port;
}

static void leave(struct visitor *v)
{
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	buf_release(&v->in);
}

void oauth_listener_close(struct oauth_listener *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < CONNECTIONS; i++)
		leave(&l->v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(l->fds); i++)
		if (l->fds[i] >= 0)
			close(l->fds[i]);
	buf_release(&l->pasted);
	free(l->path);
	free(l);
}

/* ---- answering ------------------------------------------------------------------------------- */

/* A browser takes a page of a kilobyte at once; whoever does not goes without. Unread bytes would
 * turn the close into a reset, which could overtake the page. */
static void send_page(struct visitor *v, int status, const struct oauth_words *w)
{
	CLEANUP(buf_release) struct buf page = BUF_INIT(32768);
	char rest[4096];
	int64_t until = clock_mono_ms() + ANSWER_MS;
	oauth_page(&page, status, w);
	for (size_t at = 0; at < page.len;) {
		struct pollfd p = {.fd = v->fd, .events = POLLOUT};
		ssize_t n = send(v->fd, page.p + at, page.len - at, MSG_NOSIGNAL);
		if (n > 0)
			at += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (errno != EAGAIN || poll(&p, 1, net_ms_left(until)) <= 0)
			break;
	}
	shutdown(v->fd, SHUT_WR);
	IGNORE_RESULT(recv(v->fd, rest, sizeof rest, MSG_DONTWAIT) < 0, "it is closed either way");
	leave(v);
}

static void refuse(struct visitor *v, int status)
{
	const struct oauth_words w = {.title = _("Nothing here"),
		.what = _("This address only waits for the answer to a sign-in of crmail."),
		.next = _("You can close this page.")};
	send_page(v, status, &w);
}

/* Whoever sees it may have two such pages: the wait for the right one goes on. */
static void refuse_other(struct visitor *v)
{
	const struct oauth_words w = {.title = _("This is not the sign-in that was begun"),
		.what = _(
			"The answer belongs to another sign-in, or to one that is over; it changed "
			"nothing."),
		.next = _("Close this page. If the terminal still waits, go on in the page that it "
			  "opened; otherwise begin again there.")};
	send_page(v, 400, &w);
}

void oauth_listener_finish(struct oauth_listener *l, const char *why)
{
	struct visitor *v = l->kept;
	const struct oauth_words good = {.title = _("You are signed in"),
		.what = _("Go back to the terminal: it goes on there by itself."),
		.next = _("You can close this page.")};
	const struct oauth_words bad = {.title = _("You are not signed in"),
		.what = why,
		.next = _("Go back to the terminal: you can try again there. You can close this "
			  "page.")};
	l->kept = NULL;
	if (v && v->fd >= 0)
		send_page(v, why ? 400 : 200, why ? &bad : &good);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* True: the wait is over, and this visitor is kept. */
static bool serve(struct oauth_listener *l, struct visitor *v, const struct oauth_wait *w)
{
	struct span query;
	int status = oauth_head_read((struct span){v->in.p, v->in.len}, l->path, l->port, &query);
	if (status) {
		refuse(v, status);
		return false;
	}
	CLEANUP(free_str) char *text = xstrndup(query.p, query.len);
	if (w->judge(w->ctx, text, strlen(text))) {
		l->kept = v;
		return true;
	}
	refuse_other(v);
	return false;
}

static bool hear(struct oauth_listener *l, struct visitor *v, const struct oauth_wait *w)
{
	char in[4096];
	ssize_t n = recv(v->fd, in, sizeof in, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		leave(v);
		return false;
	}
	buf_add(&v->in, in, (size_t)n);
	if (v->in.failed)
		refuse(v, 400);
	else if (strstr(v->in.p, "\r\n\r\n") || memchr(in, '\0', (size_t)n))
		return serve(l, v, w);
	return false;
}

/* The address that the browser was started with, state included, can be read by others on this
 * machine: their answers are none. */
static void welcome(struct oauth_listener *l, int from)
{
	int fd = accept4(from, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *place = &l->v[0];
	if (fd < 0)
		return;
	if (!peer_is_ours(fd)) {
		close(fd);
		return;
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct visitor *v = &l->v[i];
		if (v->fd < 0 || v->until < place->until)
			place = v;
		if (v->fd < 0)
			break;
	}
	leave(place);
	place->fd = fd;
	place->until = clock_mono_ms() + REQUEST_MS;
}

static bool hear_paste(struct oauth_listener *l, const struct oauth_wait *w)
{
	char in[1024];
	ssize_t n = read(w->paste_fd, in, sizeof in);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		l->is_paste_over = true;
		return false;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (in[i] != '\n' && in[i] != '\r') {
			buf_addch(&l->pasted, in[i]);
			continue;
		}
		bool is_over = l->pasted.len && !l->pasted.failed &&
			       w->judge(w->ctx, l->pasted.p, l->pasted.len);
		buf_reset(&l->pasted);
		if (is_over)
			return true;
	}
	return false;
}

/* ---- waiting --------------------------------------------------------------------------------- */

enum { AT_CANCEL, AT_PASTE, AT_LISTENERS, AT_VISITORS = AT_LISTENERS + 2 };

static int fill_polls(struct oauth_listener *l, const struct oauth_wait *w, struct pollfd *p)
{
	int64_t first = w->deadline;
	p[AT_CANCEL] = (struct pollfd){.fd = net_cancel_fd(w->cancel), .events = POLLIN};
	for (size_t i = 0; i < ARRAY_SIZE(l->fds); i++)
		p[AT_LISTENERS + i] = (struct pollfd){.fd = l->fds[i], .events = POLLIN};
	p[AT_PASTE] = (struct pollfd){.fd = l->is_paste_over ? -1 : w->paste_fd, .events = POLLIN};
	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct visitor *v = &l->v[i];
		if (v->fd >= 0 && !net_ms_left(v->until))
			leave(v);
		p[AT_VISITORS + i] = (struct pollfd){.fd = v->fd, .events = POLLIN};
		if (v->fd >= 0 && v->until < first)
			first = v->until;
	}
	return net_ms_left(first);
}

int oauth_listener_wait(struct oauth_listener *l, const struct oauth_wait *w, struct err *e)
{
	struct pollfd p[AT_VISITORS + CONNECTIONS];
	for (;;) {
		int ms = fill_polls(l, w, p);
		if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
			return err_sys(e, ERR_NET, errno, _("Cannot wait for the browser"));
		if (net_check_cancel(w->cancel, e))
			return -1;
		if (!net_ms_left(w->deadline))
			return err_set(e, ERR_NET,
				_("Nobody signed in with the browser in time: begin again."));
		if (p[AT_PASTE].revents && hear_paste(l, w))
			return 0;
		for (size_t i = 0; i < CONNECTIONS; i++)
			if (l->v[i].fd >= 0 && p[AT_VISITORS + i].revents && hear(l, &l->v[i], w))
				return 0;
		for (size_t i = 0; i < ARRAY_SIZE(l->fds); i++)
			if (p[AT_LISTENERS + i].revents)
				welcome(l, l->fds[i]);
	}
}
