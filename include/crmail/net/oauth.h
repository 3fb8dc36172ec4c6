/*
 * oauth.h - signing in at an identity provider: with the browser (authorization code with PKCE,
 * RFC 6749, 7636, 8252, 9207) or with a code typed on another device (RFC 8628) [R2].
 *
 * A provider is data: share/crmail/oauth/NAME.json, overlaid by a file of the same name in the
 * folder oauth of the person's settings, which is where a company's own client id stands.
 *
 * What is done here is all but the tokens: those are asked for, kept and renewed by the auth helper
 * (secret.h, "Grants"), under the name of an entry in the file of saved passwords. The code and its
 * verifier pass through this process, and are worth nothing once they were used. Nothing here
 * writes a log; no error names a query, a code or an address.
 */
#ifndef CRMAIL_OAUTH_H
#define CRMAIL_OAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct buf;
struct net_cancel;
struct secret_store;

#define OAUTH_PARAMETERS 8

struct oauth_provider { /* strings NULL where the files say nothing; owned */
	char *name, *title;
	char *authorize, *token, *revoke, *userinfo, *device; /* https, or http on loopback */
	char *issuer;            /* what `iss` of an answer must be, where it is sent */
	bool is_issuer_required; /* without `iss` it is no answer of theirs */
	char *client_id, *client_secret;
	char *scope;
	char *redirect;    /* "http://127.0.0.1/path", or localhost: the port is put in */
	char *ca;          /* private CA file for these addresses */
	char *imap, *smtp; /* HOST:PORT of its mail servers */
	char *api;         /* base address of the service asked for */
	char *contacts;    /* what it wants to be asked for besides, to show its address book */
	struct oauth_parameter {
		char *name, *value;
	} parameters[OAUTH_PARAMETERS]; /* added to the authorization request */
	size_t n_parameters;
};

/* service: the kind of account that signs in, "gmail" or "graph", with scopes of its own
 * ("services" in the file); NULL = the mail servers. Worker call: reads files. ERR_NOTFOUND: no
 * such provider, or it has no such service; ERR_PARSE: a file is wrong; ERR_USAGE:
 * nobody has said as which client crmail signs in there (client_id). */
int oauth_provider_load(const char *share_dir, const char *config_dir, const char *name,
	const char *service, struct oauth_provider **out, struct err *e) NODISCARD;
/* Asks for the address book, too. ERR_UNSUPPORTED: the service has none. */
int oauth_provider_add_contacts(struct oauth_provider *p, struct err *e) NODISCARD;
void oauth_provider_free(struct oauth_provider **p); /* for CLEANUP; NULL inside is fine */

/* As which program crmail signs in: what an organisation has registered with the provider. */
struct oauth_client { /* borrowed; NULL = as it stands in the file, for a secret: none */
	/* Or the path of the file that Google hands out, which has both. */
	const char *id, *secret;
	const char *tenant; /* Microsoft's directory of the organisation */
};
/* Keeps it in oauth/NAME.json of the person's settings, where the other words stay. Worker call.
 * ERR_USAGE: not such a registration; ERR_PARSE: a file is wrong. */
int oauth_client_keep(const char *config_dir, const char *name, const struct oauth_client *c,
	struct err *e) NODISCARD;

/* ---- one authorization request --------------------------------------------------------------- */

#define OAUTH_RANDOM 44 /* 32 random bytes in base64url, and the final 0 */

struct oauth_request {
	char verifier[OAUTH_RANDOM], challenge[OAUTH_RANDOM], state[OAUTH_RANDOM];
	char redirect[256]; /* with the port */
};

/* From 32 bytes of the system's randomness each. */
int oauth_request_init(struct oauth_request *r, const struct oauth_provider *p, int port,
	struct err *e) NODISCARD;
/* S256 of RFC 7636; for oauth_request_init() and its test. */
void oauth_challenge(const char *verifier, char out[OAUTH_RANDOM]);
/* The address to open. login_hint NULL = none. */
void oauth_request_url(const struct oauth_request *r, const struct oauth_provider *p,
	const char *login_hint, struct buf *out);

enum oauth_reply {
	OAUTH_NOT_OURS, /* no state, another state, or no answer at all: somebody else's */
	OAUTH_CODE,     /* the code is in `code` */
	OAUTH_REFUSED   /* *e says why */
};
/* Judges what the browser came back with: the query of the redirected address, or that whole
 * address as it was pasted. */
enum oauth_reply oauth_request_judge(const struct oauth_request *r, const struct oauth_provider *p,
	const char *text, size_t len, struct buf *code, struct err *e);

/* ---- the listener ---------------------------------------------------------------------------- */

/*
 * On 127.0.0.1, and for a redirect to localhost also on ::1 of the same port, where there is one.
 * Serves a few connections of the person's own processes at once, each with a bounded request and
 * little time, so that nobody who connects can keep the browser out. Whatever is not a GET of the
 * redirect's path to this very host and port gets an error page; only what `judge` takes ends the
 * wait, and its connection is kept until oauth_listener_finish(), because the page tells how
 * signing in ended.
 */
struct oauth_listener;
/* port 0 = any that is free. ERR_NET when none is to be had. */
int oauth_listener_open(struct oauth_listener **out, const char *redirect, int port,
	struct err *e) NODISCARD;
int oauth_listener_port(const struct oauth_listener *l);
struct oauth_wait {
	/* True: the wait is over. The query is ended by 0. */
	bool (*judge)(void *ctx, const char *query, size_t len);
	void *ctx;
	int paste_fd;     /* lines from here are judged like a query; -1 = none */
	int64_t deadline; /* clock_mono_ms() */
	struct net_cancel *cancel;
};
/* ERR_CANCELLED, or at the deadline ERR_NET. */
int oauth_listener_wait(struct oauth_listener *l, const struct oauth_wait *w,
	struct err *e) NODISCARD;
/* Tells the browser that waits; why NULL = all went well. */
void oauth_listener_finish(struct oauth_listener *l, const char *why);
void oauth_listener_close(struct oauth_listener *l); /* NULL is fine */
/* The page as it is sent, with its HTTP header; of any status but 200 it looks like bad news. */
struct oauth_words {
	const char *title; /* what happened, in a few words */
	const char *what;  /* the same in a sentence; NULL = the title says it all */
	const char *next;  /* what the person does now; NULL = nothing */
};
void oauth_page(struct buf *out, int status, const struct oauth_words *w);

/* ---- a code on another device ---------------------------------------------------------------- */

struct oauth_device {
	char user_code[64];
	char uri[512];      /* where it is typed */
	char complete[512]; /* the same with the code in it; "" = none */
	char code[2048];    /* for the provider alone; wipe */
	int interval_s;     /* between two questions; grows */
	int64_t until_ms;   /* clock_mono_ms(): after that the code is void */
};
enum oauth_poll { OAUTH_POLL_DONE, OAUTH_POLL_PENDING, OAUTH_POLL_SLOW_DOWN, OAUTH_POLL_OVER };
/* When to ask again after an answer, in ms from now, at the code's end at the latest; -1 and *e: it
 * is over (declined, expired). A pure function of the answer and the clock: `said` is the error
 * word of RFC 8628 3.5, NULL = there was no answer, which may have been a Retry-After of after_ms
 * (0 = it was not). */
int64_t oauth_device_next(struct oauth_device *d, const char *said, int64_t after_ms,
	int64_t now_ms, struct err *e);

/* ---- the whole ------------------------------------------------------------------------------- */

struct oauth_prompt {          /* what a person has to know, while it is waited for */
	const char *url;       /* to open */
	const char *user_code; /* to type there; NULL = with the browser */
};
struct oauth_sign_in { /* borrowed for the call */
	const struct oauth_provider *provider;
	struct secret_store *store; /* open */
	const char *entry;          /* where the tokens will lie */
	const char *email;          /* whose mailbox; NULL = whoever signs in */
	int port;                   /* of the listener; 0 = any */
	int paste_fd;               /* -1 = none */
	int wait_ms;                /* for the person; 0 = 10 minutes */
	struct net_cancel *cancel;
	void (*prompt)(void *ctx, const struct oauth_prompt *what); /* on the calling thread */
	void *ctx;
};
/* Blocks until the person has signed in, or not. Afterwards the entry holds the tokens. ERR_AUTH:
 * refused, denied, or somebody else signed in; ERR_CANCELLED; ERR_NET. */
int oauth_sign_in_browser(const struct oauth_sign_in *s, struct err *e) NODISCARD;
/* ERR_UNSUPPORTED: the provider has no such way. */
int oauth_sign_in_device(const struct oauth_sign_in *s, struct err *e) NODISCARD;

#endif
