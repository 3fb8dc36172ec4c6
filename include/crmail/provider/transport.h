/*
 * transport.h - handing one mail to whoever delivers it: an SMTP server, a sendmail command, or a
 * relay (relay.h).
 *
 * transport_send() never guesses. It ends in one of four ways:
 *	 0, TRANSPORT_SENT     the server took responsibility for every recipient marked accepted
 *	 0, TRANSPORT_REFUSED  the server said no for good; nobody gets the mail
 *	 0, TRANSPORT_UNKNOWN  it was handed over, and the answer never came: only the copy in Sent
 *	                       or the user can tell; never send it again on your own
 *	-1 and *e              surely not sent; e->retry says whether trying again helps
 * The recipients' states and replies are filled in every time, as far as the server was asked.
 *
 * `handed` of struct transport_mail is called while our end could not yet send it: by SMTP before
 * the final dot; for a command before it is started, since its input ends when we die. It records
 * durably that from now on the outcome may be unknown; when it fails, the mail is not sent and *e
 * is the callback's.
 *
 * Services that send a draft of theirs (Gmail, Graph) make it first, and `drafted` records its id
 * before `handed` is called: since a draft is sent once or not at all, transport_settle() can tell
 * later what became of the mail, and a further try goes on with the same draft. A relay has no
 * drafts: it records what its report said before.
 *
 * A transport belongs to one thread, the account's worker; only transport_cancel() may come from
 * elsewhere. Opening connects nothing: the first send or test does, and the connection is kept for
 * the next mail until transport_close(). Errors: stream.h's, and ERR_AUTH (credentials refused),
 * ERR_TLS (STARTTLS not offered), ERR_UNSUPPORTED (the server lacks SMTPUTF8 or 8BITMIME and the
 * mail needs it), ERR_TOOBIG (past the server's SIZE), ERR_RATE (a temporary refusal), ERR_PROTO.
 */
#ifndef CRMAIL_TRANSPORT_H
#define CRMAIL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/provider/provider.h"

struct clock_src;
struct transport;

struct transport_conf { /* strings are copied; the rest borrowed for the transport's life */
	/* "smtp", "sendmail", "relay", or the kind of an account that sends by itself */
	const char *kind;
	int64_t account;  /* for the trace: row id */
	const char *host; /* smtp */
	int port;
	enum tls_mode tls;
	const char *ca_file; /* private CA trusted besides the system's; NULL = none */
	const char *user;    /* NULL = no AUTH; relay: who we are there */
	int (*password)(void *ctx, struct buf *out, struct err *e); /* asked at each connect */
	void *password_ctx;
	/* In place of the password: provider.h; the same ctx. */
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e);
	const char *api;     /* services on the web: base address; NULL = their own */
	const char *command; /* sendmail: program and arguments, split at blanks outside quotes */
	int deadline_ms;     /* per step; the answer to the whole mail may take 20 times that; 0 =
				 * 30000 */
	struct tls_trust *trust;       /* shared trust store; NULL = loads its own (tests) */
	const struct clock_src *clock; /* relay: for the days of its report */
};

enum transport_rcpt {
	TRANSPORT_RCPT_PENDING,  /* not asked about, or nothing came of it */
	TRANSPORT_RCPT_ACCEPTED, /* only with TRANSPORT_SENT */
	TRANSPORT_RCPT_REFUSED,  /* for good */
	TRANSPORT_RCPT_DEFERRED, /* not now: the mail may be sent again to these alone */
};

struct transport_recipient {
	const char *addr; /* in: borrowed for the call */
	enum transport_rcpt state;
	char reply[256]; /* the server's words, one harmless line: "550 5.1.1 No such user" */
};

enum transport_verdict { TRANSPORT_SENT, TRANSPORT_REFUSED, TRANSPORT_UNKNOWN };

struct transport_mail {                    /* borrowed for the call */
	const char *from;                  /* envelope sender */
	const char *envelope_id;           /* for notifications to name; NULL = none */
	struct transport_recipient *rcpts; /* state and reply are filled in */
	size_t n_rcpts;
	const char *data; /* the mail; line ends may be CRLF or LF; no dot-stuffing */
	size_t len;
	int (*handed)(void *ctx, struct err *e); /* NULL = nothing to record (tests) */
	void *handed_ctx;
	/* For services that send a draft; others leave them alone. */
	const char *thread_id; /* the service's, of the mail that is answered; NULL = none */
	const char *draft;     /* the one that an earlier try made; NULL = none */
	bool is_again;         /* an earlier try may have left one whose id nobody kept */
	int (*drafted)(void *ctx, const char *id, struct err *e); /* handed_ctx; NULL as above */
};

struct transport_outcome {
	enum transport_verdict verdict;
	char reply[256];      /* the server's last word on the whole mail, or why it is unknown */
	char message_id[256]; /* where the service gave it another; without brackets, "" = ours */
};

/* What became of a draft that was to be sent. Still a draft is one also while the service is about
 * to send it: only after a while does that mean that it was not sent. */
enum transport_fate { TRANSPORT_FATE_UNKNOWN, TRANSPORT_WAS_SENT, TRANSPORT_STILL_DRAFT };
struct transport_settled {
	enum transport_fate fate;
	char message_id[256]; /* of struct transport_outcome: known only of what was sent */
	bool is_count;        /* the service counts mails of that recipient and subject: another
				 may be meant */
};

/* Caller frees with transport_close. ERR_USAGE when the configuration cannot work. */
int transport_open(struct transport **out, const struct transport_conf *c, struct err *e) NODISCARD;
void transport_close(struct transport *t); /* NULL is fine */
int transport_send(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
	struct err *e) NODISCARD;
/* With the id that `drafted` recorded. ERR_UNSUPPORTED: this kind has no drafts. */
int transport_settle(struct transport *t, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e) NODISCARD;
/* There is a transport of that name: "gmail" accounts send by themselves, "imap" ones do not. */
bool transport_has_kind(const char *kind);
/* Goes as far as one can without sending: connect, TLS, AUTH, MAIL and RCPT with the own address,
 * RSET. For sendmail: the program exists and may be run. */
int transport_test(struct transport *t, const char *own_addr, struct err *e) NODISCARD;
/* From `handed` on, or after a test: the service is known to file its own copy in Sent (Gmail,
 * Exchange). */
bool transport_files_sent(const struct transport *t);
/* Any thread. The running call and all later ones end with ERR_CANCELLED (a mail already handed
 * over: TRANSPORT_UNKNOWN) until transport_resume, which the owner calls. */
void transport_cancel(struct transport *t);
void transport_resume(struct transport *t);

/* What each kind implements; transport_*() dispatch to it. */
struct transport_ops {
	const char *kind;
	int (*open)(struct transport **out, const struct transport_conf *c, struct err *e);
	void (*close)(struct transport *t);
	int (*send)(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
		struct err *e);
	int (*test)(struct transport *t, const char *own_addr, struct err *e);
	bool (*files_sent)(const struct transport *t); /* NULL = false */
	/* NULL = no drafts */
	int (*settle)(struct transport *t, const char *draft, const char *message_id,
		struct transport_settled *out, struct err *e);
};

struct net_cancel;
struct transport { /* first member of every kind's struct */
	const struct transport_ops *ops;
	struct net_cancel *cancel; /* owned */
};

#endif
