/*
 * jwt.c - who a token says it is for. The server checks tokens; here one claim is read to ask the
 * server about ourselves, so nothing is verified.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#define JWT_MAX_CLAIMS ((size_t)16 << 10)

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-' || c == '+')
		return 62;
	return c == '_' || c == '/' ? 63 : -1;
}

static bool add_base64url(struct buf *out, const char *p, size_t n)
{
	uint32_t bits = 0;
	unsigned held = 0;
	for (size_t i = 0; i < n && p[i] != '='; i++) {
		int v = digit_value(p[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		held += 6;
		if (held >= 8) {
			held -= 8;
			buf_addch(out, (char)(bits >> held & 0xff));
		}
	}
	return !out->failed;
}

void jwt_subject(const char *token, size_t len, struct buf *out)
{
	const char *dot = memchr(token, '.', len);
	if (!dot)
		return;
	dot++;
	size_t left = len - (size_t)(dot - token);
	const char *end = memchr(dot, '.', left);
	CLEANUP(buf_release) struct buf claims = BUF_INIT(JWT_MAX_CLAIMS);
	if (!end || !add_base64url(&claims, dot, (size_t)(end - dot)))
		return;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	if (json_parse(claims.p, claims.len, &j, &ignored))
		return;
	const char *sub = json_str(j, "/sub");
	if (sub)
		buf_addstr(out, sub);
}
