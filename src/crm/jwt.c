/*
 * jwt.c - who a token says it is for. The server checks tokens; here one claim is read to ask the
 * server about ourselves, so nothing is verified.
 */
#include "config.h"

#include "engine.h"

#include <string.h>

#include "crmail/base/hash.h"

#define JWT_MAX_CLAIMS ((size_t)16 << 10)

void jwt_subject(const char *token, size_t len, struct buf *out)
{
	const char *dot = memchr(token, '.', len);
	if (!dot)
		return;
	dot++;
	size_t left = len - (size_t)(dot - token);
	const char *end = memchr(dot, '.', left);
	CLEANUP(buf_release) struct buf claims = BUF_INIT(JWT_MAX_CLAIMS);
	if (!end || !base64url_decode(&claims, dot, (size_t)(end - dot)))
		return;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err ignored = ERR_INIT;
	if (json_parse(claims.p, claims.len, &j, &ignored))
		return;
	const char *sub = json_str(j, "/sub");
	if (sub)
		buf_addstr(out, sub);
}
