/* err.c - filling struct err: the defaults of each code, and messages that never end inside a
 * character. Decides nothing about reporting. */
#include "config.h"

#include "crmail/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"

static const struct err_defaults {
	const char *name;
	enum err_scope scope;
	enum err_retry retry;
} defaults[ERR_CODE_COUNT] = {
	[ERR_NONE] = {"none", ERR_ITEM, RETRY_NEVER},
	[ERR_BUG] = {"bug", ERR_ITEM, RETRY_NEVER},
	[ERR_CANCELLED] = {"cancelled", ERR_ACCOUNT, RETRY_NOW},
	[ERR_NOTFOUND] = {"notfound", ERR_ITEM, RETRY_NEVER},
	[ERR_CONFLICT] = {"conflict", ERR_FOLDER, RETRY_NOW},
	[ERR_AUTH] = {"auth", ERR_ACCOUNT, RETRY_NEVER},
	[ERR_NET] = {"net", ERR_ACCOUNT, RETRY_LATER},
	[ERR_TLS] = {"tls", ERR_ACCOUNT, RETRY_NEVER},
	[ERR_PROTO] = {"proto", ERR_ACCOUNT, RETRY_LATER},
	[ERR_PARSE] = {"parse", ERR_ITEM, RETRY_NEVER},
	[ERR_RATE] = {"rate", ERR_ACCOUNT, RETRY_LATER},
	[ERR_IO] = {"io", ERR_ACCOUNT, RETRY_LATER},
	[ERR_DB] = {"db", ERR_ACCOUNT, RETRY_LATER},
	[ERR_TOOBIG] = {"toobig", ERR_ITEM, RETRY_NEVER},
	[ERR_UNSUPPORTED] = {"unsupported", ERR_ITEM, RETRY_NEVER},
	[ERR_USAGE] = {"usage", ERR_ITEM, RETRY_NEVER},
};

/* A message cut by the size of msg must not end inside a UTF-8 sequence. */
static void trim_partial(char *s, size_t size)
{
	size_t n = strlen(s), back = 0;

	if (n + 1 < size)
		return;
	while (back < 3 && n > back && ((unsigned char)s[n - 1 - back] & 0xC0) == 0x80)
		back++;
	if (n > back && (unsigned char)s[n - 1 - back] >= 0xC0)
		s[n - 1 - back] = '\0';
}

static size_t append(struct err *e, size_t at, const char *s)
{
	size_t room = sizeof(e->msg) - 1 - at, n = strlen(s);

	if (n > room)
		n = room;
	memcpy(e->msg + at, s, n);
	e->msg[at + n] = '\0';
	return at + n;
}

/* "<what>: <why>", cut to what msg holds. Neither may lie in e->msg. */
static void put_joined(struct err *e, const char *what, const char *why)
{
	append(e, append(e, append(e, 0, what), ": "), why);
	trim_partial(e->msg, sizeof(e->msg));
}

static void set_defaults(struct err *e, enum err_code code)
{
	const struct err_defaults *d = &defaults[code < ERR_CODE_COUNT ? code : ERR_BUG];

	e->code = code;
	e->scope = d->scope;
	e->retry = d->retry;
	e->after_ms = 0;
	e->sys = 0;
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	set_defaults(e, code);
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	trim_partial(e->msg, sizeof(e->msg));
	return -1;
}

int err_sys(struct err *e, enum err_code code, int sys, const char *fmt, ...)
{
	char what[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	set_defaults(e, code);
	e->sys = sys;
	/* strerror() keeps its text per thread (glibc 2.32, musl). */
	put_joined(e, what, strerror(sys));
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)], context[sizeof(e->msg)];
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	put_joined(e, context, old);
	return -1;
}

void err_clear(struct err *e)
{
	*e = ERR_INIT;
}

const char *err_code_name(enum err_code code)
{
	return code < ERR_CODE_COUNT ? defaults[code].name : "bug";
}

void err_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, _("crmail: internal error at %s:%d: %s\n"), file, line, what);
	abort();
}
