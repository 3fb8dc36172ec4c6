/* id_token.c - the claims in the middle of a JWT. */
#include "config.h"

#include "id_token.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define TOKEN_MAX 65536

static bool is_for(const cJSON *claims, const char *client_id)
{
	const cJSON *aud = json_at(claims, "/aud"), *one;
	if (cJSON_IsString(aud))
		return !strcmp(aud->valuestring, client_id);
	cJSON_ArrayForEach(one, aud)
	{
		if (cJSON_IsString(one) && !strcmp(one->valuestring, client_id))
			return true;
	}
	return false;
}

char *id_token_email(const char *token, const char *client_id)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TOKEN_MAX);
	CLEANUP(json_free) cJSON *claims = NULL;
	struct err ignored = ERR_INIT;
	struct span rest = span_of(token), head, body;
	if (rest.len > TOKEN_MAX || !span_next(&rest, '.', &head) || !span_next(&rest, '.', &body))
		return NULL;
	if (!body.len || !base64url_decode(&text, body.p, body.len) ||
		json_parse(text.p, text.len, &claims, &ignored) || !is_for(claims, client_id))
		return NULL;
	const char *v = json_str(claims, "/email");
	return v && strchr(v, '@') ? xstrdup(v) : NULL;
}

static const char *domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	const char *domain = at ? at + 1 : "";
	return str_casecmp(domain, "googlemail.com") == 0 ? "gmail.com" : domain;
}

/* The next character of a local part at Gmail that counts; 0 = its end. */
static char next_counting(const char **p, const char *end)
{
	while (*p < end && **p == '.')
		(*p)++;
	return *p < end && **p != '+' ? ascii_lower(*(*p)++) : '\0';
}

static bool is_same_at_gmail(const char *a, const char *b)
{
	const char *a_end = strrchr(a, '@'), *b_end = strrchr(b, '@');
	for (;;) {
		char x = next_counting(&a, a_end), y = next_counting(&b, b_end);
		if (x != y)
			return false;
		if (!x)
			return true;
	}
}

bool id_token_is_same_mailbox(const char *a, const char *b)
{
	if (str_casecmp(a, b) == 0)
		return true;
	return str_casecmp(domain_of(a), "gmail.com") == 0 &&
	       str_casecmp(domain_of(b), "gmail.com") == 0 && is_same_at_gmail(a, b);
}
