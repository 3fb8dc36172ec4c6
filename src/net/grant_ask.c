/* grant_ask.c - asking a provider for tokens, and what its refusals mean. No logging. */
#include "config.h"

#include "grant_ask.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/http.h"
#include "crmail/net/secret.h"

#include "form.h"
#include "url.h"

#define WORD_MAX 40

struct grant_other grant_read_other(const cJSON *j)
{
	return (struct grant_other){.token = json_str(j, "/token"),
		.revoke = json_str(j, "/revoke"),
		.userinfo = json_str(j, "/userinfo"),
		.client_id = json_str(j, "/client_id"),
		.client_secret = json_str(j, "/client_secret"),
		.scope = json_str(j, "/scope"),
		.ca = json_str(j, "/ca"),
		.who = json_str(j, "/who")};
}

int grant_exchange(const struct grant_other *o, const struct http_request *rq,
	struct grant_answer *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(url_release) struct url u = {.host = NULL};
	struct err not_json = ERR_INIT;
	if (url_parse(rq->url, &u, e))
		return -1;
	struct http *h = http_new(&(struct http_conf){.ca_file = o->ca});
	int rc = http_do(h, rq, &r, e);
	http_free(h);
	if (!rc) {
		out->status = r.status;
		out->retry_after_ms = r.retry_after_ms;
		snprintf(out->host, sizeof out->host, "%s", u.host);
		if (json_parse(r.body.p, r.body.len, &out->json, &not_json))
			out->json = NULL;
	}
	secret_wipe(r.body.p, r.body.len);
	return rc;
}

int grant_post(const struct grant_other *o, const char *url, const struct buf *form,
	struct grant_answer *out, struct err *e)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", NULL};
	const struct http_request rq = {.method = "POST",
		.url = url,
		.headers = headers,
		.body = form->p + 1,
		.body_len = form->len - 1,
		.timeout_ms = GRANT_REQUEST_MS,
		.max_body = GRANT_ANSWER_MAX};
	if (form->failed)
		return err_set(e, ERR_TOOBIG, _("The request for a token is too long."));
	return grant_exchange(o, &rq, out, e);
}

void grant_answer_release(struct grant_answer *a)
{
	json_free(&a->json);
}

void grant_add_client(struct buf *form, const struct grant_other *o)
{
	form_add(form, "client_id", o->client_id);
	if (o->client_secret)
		form_add(form, "client_secret", o->client_secret);
}

const char *grant_error_word(const struct grant_answer *a)
{
	const char *word = a->json ? json_str(a->json, "/error") : NULL;
	bool is_error = a->status >= 400 && a->status <= 499 && a->status != 429;
	return is_error && word && form_is_word(word, WORD_MAX) ? word : "";
}

/* What only the person can mend (RFC 6749 5.2; OpenID Connect Core 3.1.2.6, which Microsoft uses
 * here, too). */
static bool is_over(const char *word)
{
	static const char *const words[] = {
		"invalid_grant", "interaction_required", "login_required", "consent_required"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static int explain_word(const char *word, const char *host, struct err *e)
{
	if (is_over(word))
		return err_set(e, ERR_AUTH,
			_("%s does not accept this sign-in any more: sign in again."), host);
	if (!strcmp(word, "invalid_client") || !strcmp(word, "unauthorized_client"))
		return err_set(e, ERR_PROTO,
			_("%s does not accept the client that crmail signs in as: correct "
			  "client_id and client_secret in the provider's file "
			  "(crmail-config(5))."),
			host);
	if (!strcmp(word, "temporarily_unavailable") || !strcmp(word, "server_error"))
		return err_set(e, ERR_NET, _("%s cannot sign anybody in just now."), host);
	if (!strcmp(word, "slow_down"))
		return err_set(e, ERR_RATE, _("%s wants to be asked less often."), host);
	return err_set(e, ERR_PROTO, _("%s refused the sign-in (%s)."), host, word);
}

int grant_explain(const struct grant_answer *a, struct err *e)
{
	const char *word = grant_error_word(a);
	struct http_response r = {.status = a->status, .retry_after_ms = a->retry_after_ms};
	if (*word)
		return explain_word(word, a->host, e);
	if (a->status >= 200 && a->status <= 299)
		return err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."),
			a->host, "OAuth");
	if (http_status_err(&r, a->host, e) && e->code != ERR_RATE && e->code != ERR_NET)
		err_set(e, ERR_PROTO, _("%s answered with HTTP status %d."), a->host, a->status);
	return -1;
}
