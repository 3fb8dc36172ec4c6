/*
 * err.h - what failed, how far the damage reaches, and whether retrying helps.
 *
 * A fallible function returns 0 or -1 and takes `struct err *e` last (never NULL). On 0 *e is
 * untouched, so that calls chain with ||:
 *
 *	struct err e = ERR_INIT;
 *	if (step_one(x, &e) || step_two(x, &e))
 *		return report(&e);
 *
 * `code` is for branching, `scope` says how far to unwind, `retry` drives backoff, `msg` is one
 * complete translated sentence for the status bar; it never holds mail text, an address, a URL
 * query or a secret. Nobody parses `msg`; nobody prints and returns. Absence where it is normal is
 * 0 with `*out = NULL`. Any thread; a struct err belongs to one thread.
 */
#ifndef CRMAIL_ERR_H
#define CRMAIL_ERR_H

#include <stdint.h>

#include "crmail/base/attrs.h"

enum err_code {
	ERR_NONE,
	ERR_BUG,         /* our own code broke a promise */
	ERR_CANCELLED,   /* somebody asked us to stop */
	ERR_NOTFOUND,    /* the thing named is not there */
	ERR_CONFLICT,    /* state differs from what the caller assumed */
	ERR_AUTH,        /* credentials missing or refused */
	ERR_NET,         /* no connection, or it broke */
	ERR_TLS,         /* certificate or handshake refused */
	ERR_PROTO,       /* the peer broke its protocol */
	ERR_PARSE,       /* data that cannot be understood */
	ERR_RATE,        /* the peer asks us to slow down: after_ms */
	ERR_IO,          /* file system */
	ERR_DB,          /* SQLite */
	ERR_TOOBIG,      /* a limit was reached */
	ERR_UNSUPPORTED, /* the peer or this build cannot do that */
	ERR_USAGE,       /* the person's input is wrong: command line, search query, config */
	ERR_CODE_COUNT
};
enum err_scope { ERR_ITEM, ERR_FOLDER, ERR_ACCOUNT };   /* skip it / the folder / stop */
enum err_retry { RETRY_NEVER, RETRY_NOW, RETRY_LATER }; /* never: needs the user */

struct err {
	enum err_code code;
	enum err_scope scope;
	enum err_retry retry;
	uint32_t after_ms; /* with ERR_RATE: wait this long; 0 = not said */
	int sys;           /* errno, or a library's own number; 0 = none */
	char msg[512];
};

#define ERR_INIT ((struct err){.code = ERR_NONE})

/* Fills *e with the defaults of `code` (scope, retry: table in err.c) and the formatted sentence.
 * Always returns -1, so that callers write `return err_set(e, ...)`. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with sys = errno value; appends ": " and strerror text. */
int err_sys(struct err *e, enum err_code code, int sys, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Puts "<context>: " before the message, once, where the context is known. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *e);

/* "net", "auth", ...: lower-case word used in JSON and the log. Valid for ever. */
const char *err_code_name(enum err_code code);

/* What our own code guarantees; never for input, disk, network or server behaviour. Aborts with
 * file and line when `cond` is false. */
#define BUG_ON(cond) ((cond) ? err_bug(__FILE__, __LINE__, #cond) : (void)0)
void err_bug(const char *file, int line, const char *what) NORETURN;

#endif
