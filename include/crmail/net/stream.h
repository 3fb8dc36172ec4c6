/*
 * stream.h - one connection to a server: plain bytes or TLS, buffered, with deadlines and cancel.
 *
 * Calling sequence:
 *
 *	struct stream_conf c = {.host = "mail.example", .port = 993, .use_tls = true,
 *		.trust = app->trust, .cancel = cancel};
 *	struct stream *s = NULL;
 *	if (stream_open(&s, &c, e) || stream_read_line(s, &line, e))
 *		...
 *	stream_close(s);
 *
 * STARTTLS: open with use_tls = false, talk until the server agreed, stream_start_tls().
 *
 * A stream belongs to one thread; only its net_cancel may be triggered from elsewhere. Calls block
 * until done, failed, cancelled, or timed out: io_ms without a byte of progress (for
 * stream_read_line: for the whole line; otherwise an answer in 16 pieces or more of less than 4
 * bytes each that takes longer is over: a server cannot drip).
 *
 * Errors, all -1 with one sentence that names the host:
 *	ERR_CANCELLED  the net_cancel was triggered
 *	ERR_NET        no address, refused, timed out, or closed by the server (also in mid-line)
 *	ERR_TLS        wrong host, expired, unknown issuer, no TLS 1.2, or bytes injected before
 *	               STARTTLS; err.sys is OpenSSL's X509_V_ERR_* number where there is one
 *	ERR_TOOBIG     a line longer than the buf's ceiling
 * After any error the stream is only good for stream_close(); what it had read ahead is lost.
 *
 * The process ignores SIGPIPE (main() sees to it).
 */
#ifndef CRMAIL_STREAM_H
#define CRMAIL_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct buf;
struct net_cancel;
struct stream;
struct tls_trust;

#define STREAM_DEFAULT_MS 30000

/* Borrowed for stream_open, but trust and cancel for the stream's life. */
struct stream_conf {
	const char *host; /* name or IP address; also what the certificate must name */
	int port;
	bool use_tls;            /* TLS from the first byte */
	const char *ca_file;     /* private CA trusted besides the system's; NULL = none */
	struct tls_trust *trust; /* NULL: the stream loads the system's store for itself (tests) */
	struct net_cancel *cancel; /* NULL = cannot be cancelled */
	int connect_ms;            /* look-up, all addresses and handshake together; 0 = default */
	int io_ms;                 /* 0 = default */
};

/* Looks the host up and tries its addresses in the resolver's order; the first that connects is
 * taken. *out is set only on success; caller frees with stream_close. */
int stream_open(struct stream **out, const struct stream_conf *c, struct err *e) NODISCARD;
/* Says goodbye where that does not block, and frees. NULL is fine. */
void stream_close(struct stream *s);

/* Turns a plain stream into a TLS one. Bytes that arrived before the handshake were put there by
 * somebody in between (RFC 8314, "response injection"): ERR_TLS. */
int stream_start_tls(struct stream *s, struct err *e) NODISCARD;
bool stream_is_tls(const struct stream *s);
/* Before a token is sent, which opens a mailbox to whoever reads it. ERR_TLS: neither is this TLS,
 * nor is the other end on this machine. */
int stream_check_private(const struct stream *s, struct err *e) NODISCARD;

/* Writes all n bytes. */
int stream_write(struct stream *s, const void *p, size_t n, struct err *e) NODISCARD;

/* Replaces `line` by the next line without its CRLF or LF; the ceiling of `line` is the limit. */
int stream_read_line(struct stream *s, struct buf *line, struct err *e) NODISCARD;
/* Reads exactly n bytes. */
int stream_read_exact(struct stream *s, void *p, size_t n, struct err *e) NODISCARD;
/* Reads what is there, at least one byte, at most max > 0; *got says how many. The end of the
 * connection is ERR_NET, never 0 bytes. */
int stream_read_some(struct stream *s, void *p, size_t max, size_t *got, struct err *e) NODISCARD;

enum stream_event {
	STREAM_READABLE, /* a read will not block for long: data, or the end, is there */
	STREAM_WOKEN,    /* wake_fd became readable; it was not read */
	STREAM_TIMEOUT,
};
/* Waits for data (IDLE), for wake_fd (-1 = none), or for timeout_ms (-1 = for ever). */
int stream_wait(struct stream *s, int wake_fd, int timeout_ms, enum stream_event *out,
	struct err *e) NODISCARD;
/* True when a read can be served without the network: look before polling the descriptor. */
bool stream_has_buffered(const struct stream *s);

void stream_set_io_ms(struct stream *s, int io_ms); /* for slow commands; 0 = default */
int stream_fd(const struct stream *s);              /* for poll() only */
const char *stream_host(const struct stream *s);    /* valid until stream_close */

#endif
