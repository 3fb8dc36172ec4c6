/* fuzz_oauth.c - any bytes as a request to the listener of a sign-in, as what a browser comes back
 * with, and as an ID token: nothing but the right state is taken, and what is taken is bounded. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/net/oauth.h"
#include "src/net/id_token.h"
#include "src/net/oauth_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void judge(const char *text, size_t len)
{
	static const struct oauth_provider provider = {
		.title = (char *)"Office", .issuer = (char *)"https://id.example"};
	static const struct oauth_request request = {.state = "right"};
	CLEANUP(buf_release) struct buf code = BUF_INIT(8192);
	struct err e = ERR_INIT;
	enum oauth_reply r = oauth_request_judge(&request, &provider, text, len, &code, &e);

	require(r == OAUTH_NOT_OURS || memmem(text, len, "state=", 6));
	require((r == OAUTH_REFUSED) == (e.code != ERR_NONE));
	require(r != OAUTH_CODE || (code.len > 0 && code.len <= 8192));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_str) char *text = xstrndup((const char *)data, size);
	struct span head = {(const char *)data, size}, query;

	if (size == 0)
		return 0;
	if (oauth_head_read(head, "/callback", 4711, &query) == 0) {
		require(query.len == 0 ||
			(query.p >= head.p && query.p + query.len <= head.p + size));
		judge(query.p, query.len);
	}
	judge((const char *)data, size);
	CLEANUP(free_str) char *email = id_token_email(text, "c");
	require(!email || strchr(email, '@'));
	return 0;
}
