/* stream.c - buffered, bounded, cancellable input and output over one socket, plain or TLS. Which
 * protocol is spoken is the caller's business. */
#include "config.h"

#include "crmail/net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/net/tls.h"
#include "dial.h"
#include "session.h"
#include "wait.h"

#define IN_SIZE 16384 /* one TLS record */
#define DRIP_PIECES 16
#define DRIP_BYTES 4

struct stream {
	int fd;
	SSL *ssl; /* NULL: plain */
	char *host, *ca_file;
	struct tls_trust *trust;   /* borrowed; NULL = none given */
	struct net_cancel *cancel; /* borrowed */
	int connect_ms, io_ms;
	int64_t window_at;    /* start of the running window of io_ms, for drips */
	size_t pieces, bytes; /* read in it */
	bool has_ended;       /* the peer closed or the session broke: no goodbye */
	size_t in_at, in_end;
	char in[IN_SIZE];
};

/* What one attempt at reading or writing came to. */
enum attempt {
	ATTEMPT_DONE, /* *n bytes, at least one */
	ATTEMPT_WAIT, /* *events to poll for */
	ATTEMPT_END,
	ATTEMPT_BROKEN, /* *e is set */
};

static int ms_or_default(int ms)
{
	return ms > 0 ? ms : STREAM_DEFAULT_MS;
}

static enum attempt from_session(enum session_result r, short *events)
{
	switch (r) {
	case SESSION_OK:
		return ATTEMPT_DONE;
	case SESSION_WANT_READ:
		*events = POLLIN;
		return ATTEMPT_WAIT;
	case SESSION_WANT_WRITE:
		*events = POLLOUT;
		return ATTEMPT_WAIT;
	case SESSION_END:
		return ATTEMPT_END;
	case SESSION_BROKEN:
		break;
	}
	return ATTEMPT_BROKEN;
}

static enum attempt from_socket(struct stream *s, ssize_t rc, short want, short *events,
	struct err *e)
{
	if (rc > 0)
		return ATTEMPT_DONE;
	if (!rc || errno == ECONNRESET || errno == EPIPE)
		return ATTEMPT_END;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
		*events = want;
		return ATTEMPT_WAIT;
	}
	err_sys(e, ERR_NET, errno, _("The connection to %s broke"), s->host);
	return ATTEMPT_BROKEN;
}

static enum attempt try_read(struct stream *s, void *p, size_t max, size_t *n, short *events,
	struct err *e)
{
	if (!s->ssl) {
		ssize_t rc = recv(s->fd, p, max, 0);
		*n = rc > 0 ? (size_t)rc : 0;
		return from_socket(s, rc, POLLIN, events, e);
	}
	ERR_clear_error();
	int rc = SSL_read_ex(s->ssl, p, max, n);
	return from_session(session_result(s->ssl, rc, s->host, e), events);
}

static enum attempt try_write(struct stream *s, const void *p, size_t len, size_t *n, short *events,
	struct err *e)
{
	if (!s->ssl) {
		ssize_t rc = send(s->fd, p, len, MSG_NOSIGNAL);
		*n = rc > 0 ? (size_t)rc : 0;
		return from_socket(s, rc, POLLOUT, events, e);
	}
	ERR_clear_error();
	int rc = SSL_write_ex(s->ssl, p, len, n);
	return from_session(session_result(s->ssl, rc, s->host, e), events);
}

/* Turns anything but DONE into waiting or an error: 1 = done, 0 = waited, try again. */
static int settle(struct stream *s, enum attempt a, short events, int64_t deadline, struct err *e)
{
	switch (a) {
	case ATTEMPT_DONE:
		return 1;
	case ATTEMPT_WAIT:
		return net_wait(s->fd, events, s->cancel, deadline, s->host, e);
	case ATTEMPT_END:
		s->has_ended = true;
		return err_set(e, ERR_NET, _("%s closed the connection."), s->host);
	case ATTEMPT_BROKEN:
		s->has_ended = true;
		break;
	}
	return -1;
}

/* Reads at least one byte straight into p. */
static int read_some(struct stream *s, void *p, size_t max, size_t *got, int64_t deadline,
	struct err *e)
{
	short events = POLLIN;
	int rc;

	do {
		enum attempt a = s->has_ended ? ATTEMPT_END : try_read(s, p, max, got, &events, e);
		rc = settle(s, a, events, deadline, e);
	} while (!rc);
	return rc < 0 ? -1 : 0;
}

static int64_t io_deadline(const struct stream *s)
{
	return clock_mono_ms() + s->io_ms;
}

static int fill(struct stream *s, int64_t deadline, struct err *e)
{
	size_t got = 0;

	if (read_some(s, s->in, sizeof(s->in), &got, deadline, e))
		return -1;
	s->in_at = 0;
	s->in_end = got;
	return 0;
}

static int handshake(struct stream *s, int64_t deadline, struct err *e)
{
	short events = POLLIN;
	int rc;

	do {
		ERR_clear_error();
		int done = SSL_connect(s->ssl);
		enum session_result r = session_result(s->ssl, done, s->host, e);
		rc = settle(s, from_session(r, &events), events, deadline, e);
	} while (!rc);
	return rc < 0 ? -1 : 0;
}

static int start_tls(struct stream *s, int64_t deadline, struct err *e)
{
	struct tls_trust *own = s->trust ? NULL : tls_trust_new();
	SSL_CTX *ctx = NULL;

	int rc = tls_trust_ctx(s->trust ? s->trust : own, s->ca_file, &ctx, e);
	if (!rc)
		rc = session_new(ctx, s->fd, s->host, &s->ssl, e);
	SSL_CTX_free(ctx);
	tls_trust_free(own);
	if (rc)
		return -1;
	return handshake(s, deadline, e);
}

int stream_open(struct stream **out, const struct stream_conf *c, struct err *e)
{
	int64_t deadline = clock_mono_ms() + ms_or_default(c->connect_ms);
	int fd = -1;

	if (net_dial(c->host, c->port, c->cancel, deadline, &fd, e))
		return -1;
	struct stream *s = xcalloc(1, sizeof(*s));
	s->fd = fd;
	s->host = xstrdup(c->host);
	s->ca_file = c->ca_file ? xstrdup(c->ca_file) : NULL;
	s->trust = c->trust;
	s->cancel = c->cancel;
	s->connect_ms = ms_or_default(c->connect_ms);
	s->io_ms = ms_or_default(c->io_ms);
	s->window_at = clock_mono_ms();
	if (c->use_tls && start_tls(s, deadline, e)) {
		stream_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	if (s->ssl && !s->has_ended && SSL_is_init_finished(s->ssl)) {
		ERR_clear_error();
		SSL_shutdown(s->ssl); /* the answer is not waited for */
	}
	SSL_free(s->ssl);
	close(s->fd);
	free(s->host);
	free(s->ca_file);
	free(s);
}

/* Bytes that the peer sent before the handshake: in our buffer, or still in the socket. */
static bool has_early_bytes(struct stream *s)
{
	char byte;

	return s->in_at < s->in_end || recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int stream_start_tls(struct stream *s, struct err *e)
{
	BUG_ON(s->ssl);
	if (net_check_cancel(s->cancel, e))
		return -1;
	if (has_early_bytes(s)) {
		s->has_ended = true;
		return err_set(e, ERR_TLS,
			_("%s sent data before encryption began; somebody may be interfering."),
			s->host);
	}
	return start_tls(s, clock_mono_ms() + s->connect_ms, e);
}

bool stream_is_tls(const struct stream *s)
{
	return s->ssl;
}

static bool is_this_machine(const struct sockaddr_storage *a)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
	if (a->ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
	return a->ss_family == AF_UNIX ||
	       (a->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
}

int stream_check_private(const struct stream *s, struct err *e)
{
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
	socklen_t n = sizeof peer;
	if (s->ssl)
		return 0;
	if (getpeername(s->fd, (struct sockaddr *)&peer, &n) == 0 && is_this_machine(&peer))
		return 0;
	return err_set(e, ERR_TLS,
		_("%s is reached without encryption, where everybody on the way could read the "
		  "sign-in: let it use TLS (implicit or starttls)."),
		s->host);
}

int stream_write(struct stream *s, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	short events = POLLOUT;

	s->window_at = clock_mono_ms(); /* what comes now is the answer to this */
	s->pieces = s->bytes = 0;
	if (net_check_cancel(s->cancel, e))
		return -1;
	int64_t deadline = io_deadline(s);
	while (n) {
		size_t done = 0;
		enum attempt a = try_write(s, at, n, &done, &events, e);
		int rc = settle(s, a, events, deadline, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			deadline = io_deadline(s);
		at += done;
		n -= done;
	}
	return 0;
}

int stream_read_line(struct stream *s, struct buf *line, struct err *e)
{
	int64_t deadline = io_deadline(s);
	const char *lf = NULL;

	buf_reset(line);
	if (net_check_cancel(s->cancel, e))
		return -1;
	while (!lf) {
		if (s->in_at == s->in_end && fill(s, deadline, e))
			return -1;
		const char *from = s->in + s->in_at;
		size_t have = s->in_end - s->in_at;
		lf = memchr(from, '\n', have);
		size_t take = lf ? (size_t)(lf - from) : have;
		buf_add(line, from, take);
		if (line->failed) {
			err_set(e, ERR_TOOBIG, _("%s sent a line that is too long."), s->host);
			e->scope = ERR_ACCOUNT;
			return -1;
		}
		s->in_at += take + (lf != NULL);
	}
	if (line->len && line->p[line->len - 1] == '\r')
		buf_truncate(line, line->len - 1);
	return 0;
}

/* A server that sends a byte now and then is never late, and would be listened to for ever. Few
 * small pieces are fine (a long command's signs of life), many are not. */
static int check_drip(struct stream *s, struct err *e)
{
	int64_t now = clock_mono_ms();

	s->pieces++;
	s->bytes += s->in_end;
	if (now - s->window_at < s->io_ms || s->pieces < DRIP_PIECES)
		return 0;
	bool is_drip = s->bytes / s->pieces < DRIP_BYTES;
	s->window_at = now;
	s->pieces = s->bytes = 0;
	if (!is_drip)
		return 0;
	s->has_ended = true;
	return err_set(e, ERR_NET, _("%s answers too slowly to be of use."), s->host);
}

int stream_read_some(struct stream *s, void *p, size_t max, size_t *got, struct err *e)
{
	BUG_ON(!max);
	if (net_check_cancel(s->cancel, e))
		return -1;
	if (s->in_at == s->in_end && (fill(s, io_deadline(s), e) || check_drip(s, e)))
		return -1;
	size_t have = s->in_end - s->in_at;
	*got = have < max ? have : max;
	memcpy(p, s->in + s->in_at, *got);
	s->in_at += *got;
	return 0;
}

int stream_read_exact(struct stream *s, void *p, size_t n, struct err *e)
{
	char *at = p;

	while (n) {
		size_t got = 0;
		if (stream_read_some(s, at, n, &got, e))
			return -1;
		at += got;
		n -= got;
	}
	return 0;
}

bool stream_has_buffered(const struct stream *s)
{
	return s->in_at < s->in_end || (s->ssl && SSL_pending(s->ssl) > 0);
}

/* Takes what has arrived into the buffer: true when a read will find data or the end. A TLS socket
 * is also readable for records that hold no data (session tickets, key updates). */
static bool take_arrived(struct stream *s)
{
	struct err ignored = ERR_INIT;
	short events;
	size_t got = 0;

	if (stream_has_buffered(s) || s->has_ended)
		return true;
	switch (try_read(s, s->in, sizeof(s->in), &got, &events, &ignored)) {
	case ATTEMPT_DONE:
		s->in_at = 0;
		s->in_end = got;
		return true;
	case ATTEMPT_WAIT:
		return false;
	case ATTEMPT_END:
	case ATTEMPT_BROKEN:
		break;
	}
	s->has_ended = true;
	return true;
}

int stream_wait(struct stream *s, int wake_fd, int timeout_ms, enum stream_event *out,
	struct err *e)
{
	int64_t deadline = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
	struct pollfd p[3] = {{.fd = s->fd, .events = POLLIN},
		{.fd = net_cancel_fd(s->cancel), .events = POLLIN},
		{.fd = wake_fd, .events = POLLIN}};

	for (;;) {
		if (net_check_cancel(s->cancel, e))
			return -1;
		if (take_arrived(s)) {
			*out = STREAM_READABLE;
			return 0;
		}
		int n = poll(p, 3, net_ms_left(deadline));
		if (n < 0 && errno != EINTR)
			return err_sys(e, ERR_NET, errno, _("Cannot wait for %s"), s->host);
		if (n > 0 && p[2].revents) {
			*out = STREAM_WOKEN;
			return 0;
		}
		if (n == 0 && !net_ms_left(deadline)) {
			*out = STREAM_TIMEOUT;
			return 0;
		}
	}
}

void stream_set_io_ms(struct stream *s, int io_ms)
{
	s->io_ms = ms_or_default(io_ms);
}

int stream_fd(const struct stream *s)
{
	return s->fd;
}

const char *stream_host(const struct stream *s)
{
	return s->host;
}
