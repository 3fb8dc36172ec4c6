/*
 * oauth_request.c - one authorization request and the answer to it: PKCE, state, the address to
 * open, and what the browser came back with. Makes no connection.
 */
#include "config.h"

#include "crmail/net/oauth.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"

#include "form.h"

#define ANSWER_MAX 4096 /* bytes of a code, a state, an issuer */
#define WORD_MAX 40

/* 32 bytes in base64url without padding (RFC 4648 section 5). */
static void encode_32(const unsigned char in[32], char out[OAUTH_RANDOM])
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(64);
	base64_add(&text, in, 32);
	for (size_t i = 0; i < OAUTH_RANDOM - 1; i++) {
		char c = text.p[i];
		out[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
	}
	out[OAUTH_RANDOM - 1] = '\0';
	explicit_bzero(text.p, text.len);
}

static int make_random(char out[OAUTH_RANDOM], struct err *e)
{
	unsigned char raw[32];
	if (RAND_bytes(raw, sizeof raw) != 1)
		return err_set(e, ERR_IO, _("The system gives no random numbers."));
	encode_32(raw, out);
	explicit_bzero(raw, sizeof raw);
	return 0;
}

void oauth_challenge(const char *verifier, char out[OAUTH_RANDOM])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)verifier, strlen(verifier), sum);
	encode_32(sum, out);
}

int oauth_request_init(struct oauth_request *r, const struct oauth_provider *p, int port,
	struct err *e)
{
	const char *host = p->redirect + strlen("http://");
	int n = (int)(host - p->redirect) + (int)strcspn(host, ":/");
	const char *path = strchr(host, '/');
	int len = snprintf(r->redirect, sizeof r->redirect, "%.*s:%d%s", n, p->redirect, port,
		path ? path : "");
	if (len < 0 || (size_t)len >= sizeof r->redirect)
		return err_set(e, ERR_TOOBIG, _("The address to come back to is too long."));
	if (late_load_crypto(e) || make_random(r->verifier, e) || make_random(r->state, e))
		return -1;
	oauth_challenge(r->verifier, r->challenge);
	return 0;
}

void oauth_request_url(const struct oauth_request *r, const struct oauth_provider *p,
	const char *login_hint, struct buf *out)
{
	buf_addstr(out, p->authorize);
	size_t start = out->len;
	form_add(out, "response_type", "code");
	out->p[start] = strchr(p->authorize, '?') ? '&' : '?';
	form_add(out, "client_id", p->client_id);
	form_add(out, "redirect_uri", r->redirect);
	form_add(out, "scope", p->scope);
	form_add(out, "state", r->state);
	form_add(out, "code_challenge", r->challenge);
	form_add(out, "code_challenge_method", "S256");
	if (login_hint)
		form_add(out, "login_hint", login_hint);
	for (size_t i = 0; i < p->n_parameters; i++)
		form_add(out, p->parameters[i].name, p->parameters[i].value);
}

static bool is_state(const struct oauth_request *r, const struct buf *said)
{
	return said->len == strlen(r->state) && CRYPTO_memcmp(said->p, r->state, said->len) == 0;
}

/* What the provider says of an error is a word of the protocol; its sentences are not repeated. */
static int refuse(const struct oauth_provider *p, const char *word, struct err *e)
{
	if (!strcmp(word, "access_denied"))
		return err_set(e, ERR_AUTH, _("Access was not granted at %s."), p->title);
	if (!strcmp(word, "temporarily_unavailable") || !strcmp(word, "server_error"))
		return err_set(e, ERR_NET, _("%s cannot sign anybody in just now."), p->title);
	if (!form_is_word(word, WORD_MAX))
		word = "error";
	return err_set(e, ERR_AUTH, _("%s refused the sign-in (%s)."), p->title, word);
}

/* RFC 9207 section 2.4. What is sent twice, or longer than any issuer, is not the right one. */
static bool is_issuer_right(const struct oauth_provider *p, struct span query)
{
	CLEANUP(buf_release) struct buf issuer = BUF_INIT(ANSWER_MAX);
	if (!p->issuer)
		return true;
	if (!form_has(query, "iss"))
		return !p->is_issuer_required;
	return form_get(query, "iss", &issuer) && strcmp(issuer.p, p->issuer) == 0;
}

enum oauth_reply oauth_request_judge(const struct oauth_request *r, const struct oauth_provider *p,
	const char *text, size_t len, struct buf *code, struct err *e)
{
	CLEANUP(buf_release) struct buf state = BUF_INIT(ANSWER_MAX);
	CLEANUP(buf_release) struct buf error = BUF_INIT(ANSWER_MAX);
	const char *query = memchr(text, '?', len);
	struct span all = query ? (struct span){query + 1, (size_t)(text + len - query - 1)}
				: (struct span){text, len};
	const char *end = memchr(all.p, '#', all.len);
	if (end)
		all.len = (size_t)(end - all.p);
	all = span_trim(all);
	if (!form_get(all, "state", &state) || !is_state(r, &state))
		return OAUTH_NOT_OURS;
	if (!is_issuer_right(p, all)) {
		err_set(e, ERR_AUTH, _("The answer did not come from %s: do not go on there."),
			p->title);
		return OAUTH_REFUSED;
	}
	if (form_get(all, "error", &error)) {
		refuse(p, error.p, e);
		return OAUTH_REFUSED;
	}
	buf_reset(code);
	if (form_get(all, "code", code) && code->len && !code->failed)
		return OAUTH_CODE;
	err_set(e, ERR_PROTO, _("The answer of %s holds no code."), p->title);
	return OAUTH_REFUSED;
}
