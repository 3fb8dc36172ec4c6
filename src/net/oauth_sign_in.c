/*
 * oauth_sign_in.c - conducts a sign-in from the first address to the tokens in their entry. Blocks
 * the calling thread while a person does their part elsewhere.
 */
#include "config.h"

#include "crmail/net/oauth.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/net/secret.h"

#include "id_token.h"
#include "url.h"
#include "wait.h"

#define WAIT_MS (10 * 60 * 1000)
#define DEVICE_INTERVAL_S 5 /* RFC 8628 3.2: where the answer does not say */
#define DEVICE_LIFE_S 900

/* ---- asking the helper ----------------------------------------------------------------------- */

static cJSON *new_request(const struct oauth_provider *p)
{
	cJSON *j = cJSON_CreateObject();
	json_add_str(j, "token", p->token);
	json_add_str(j, "revoke", p->revoke);
	json_add_str(j, "userinfo", p->userinfo);
	json_add_str(j, "device", p->device);
	json_add_str(j, "client_id", p->client_id);
	json_add_str(j, "client_secret", p->client_secret);
	json_add_str(j, "scope", p->scope);
	json_add_str(j, "ca", p->ca);
	return j;
}

/* The answer, parsed. */
static int ask_grant(const struct oauth_sign_in *s, const cJSON *request, cJSON **out,
	struct err *e)
{
	CLEANUP(buf_release) struct buf said = BUF_INIT(65536);
	char *text = json_print(request);
	int rc = secret_store_grant(s->store, s->entry, text, s->cancel, &said, e);
	secret_wipe(text, strlen(text));
	free(text);
	return rc || json_parse(said.p, said.len, out, e) ? -1 : 0;
}

/* A mailbox is opened by whose it is: somebody else's tokens would be refused there, later and in
 * words that help nobody. */
static int check_who(const struct oauth_sign_in *s, const cJSON *said, struct err *e)
{
	const char *email = json_str(said, "/email");
	if (!s->email || !email || id_token_is_same_mailbox(email, s->email))
		return 0;
	return err_set(e, ERR_AUTH,
		_("You signed in at %s with another address than that of this account: sign in "
		  "again and choose the right one."),
		s->provider->title);
}

static int64_t deadline_of(const struct oauth_sign_in *s)
{
	return clock_mono_ms() + (s->wait_ms > 0 ? s->wait_ms : WAIT_MS);
}

/* ---- with the browser ------------------------------------------------------------------------ */

struct browsing {
	const struct oauth_sign_in *s;
	struct oauth_request request;
	struct buf code;
	struct err error;
};

static bool judge(void *ctx, const char *query, size_t len)
{
	struct browsing *b = ctx;
	return oauth_request_judge(&b->request, b->s->provider, query, len, &b->code, &b->error) !=
	       OAUTH_NOT_OURS;
}

static void prompt(const struct oauth_sign_in *s, const char *url, const char *user_code)
{
	const struct oauth_prompt p = {.url = url, .user_code = user_code};
	if (s->prompt)
		s->prompt(s->ctx, &p);
}

static int redeem_code(const struct browsing *b, struct err *e)
{
	CLEANUP(json_free) cJSON *j = new_request(b->s->provider);
	CLEANUP(json_free) cJSON *said = NULL;
	cJSON *form = cJSON_AddObjectToObject(j, "form");
	json_add_str(form, "grant_type", "authorization_code");
	json_add_str(form, "code", b->code.p);
	json_add_str(form, "redirect_uri", b->request.redirect);
	json_add_str(form, "code_verifier", b->request.verifier);
	if (ask_grant(b->s, j, &said, e))
		return -1;
	if (json_str(said, "/said")) /* a word of a device flow, where none runs */
		return err_set(e, ERR_AUTH, _("%s refused the sign-in (%s)."),
			b->s->provider->title, json_str(said, "/said"));
	return check_who(b->s, said, e);
}

static int browse(struct browsing *b, struct oauth_listener *l, struct err *e)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(16384);
	const struct oauth_sign_in *s = b->s;
	const struct oauth_wait w = {.judge = judge,
		.ctx = b,
		.paste_fd = s->paste_fd,
		.deadline = deadline_of(s),
		.cancel = s->cancel};
	if (oauth_request_init(&b->request, s->provider, oauth_listener_port(l), e))
		return -1;
	oauth_request_url(&b->request, s->provider, s->email, &url);
	prompt(s, url.p, NULL);
	if (oauth_listener_wait(l, &w, e))
		return -1;
	int rc = b->error.code == ERR_NONE ? redeem_code(b, e) : -1;
	if (b->error.code != ERR_NONE)
		*e = b->error;
	oauth_listener_finish(l, rc ? e->msg : NULL);
	return rc;
}

int oauth_sign_in_browser(const struct oauth_sign_in *s, struct err *e)
{
	struct oauth_listener *l = NULL;
	struct browsing b = {.s = s, .code = BUF_INIT(8192), .error = ERR_INIT};
	if (oauth_listener_open(&l, s->provider->redirect, s->port, e))
		return -1;
	int rc = browse(&b, l, e);
	oauth_listener_close(l);
	secret_wipe(b.code.p, b.code.len);
	buf_release(&b.code);
	explicit_bzero(&b.request, sizeof b.request);
	return rc;
}

/* ---- with a code ----------------------------------------------------------------------------- */

static bool copy_field(const cJSON *said, const char *at, char *out, size_t size)
{
	const char *v = json_str(said, at);
	size_t n = v ? strlen(v) : 0;
	if (!n || n >= size)
		return false;
	memcpy(out, v, n + 1);
	return true;
}

/* What is shown to the person comes from elsewhere: printable ASCII alone. */
static bool is_showable(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

static bool is_address(const char *s)
{
	CLEANUP(url_release) struct url u = {.host = NULL};
	struct err ignored = ERR_INIT;
	return is_showable(s) && url_parse(s, &u, &ignored) == 0 &&
	       (u.is_https || url_is_loopback(&u));
}

static int read_device(const struct oauth_provider *p, const cJSON *said, struct oauth_device *d,
	struct err *e)
{
	int64_t life = 0, interval = 0;
	*d = (struct oauth_device){.interval_s = DEVICE_INTERVAL_S};
	bool is_whole = copy_field(said, "/user_code", d->user_code, sizeof d->user_code) &&
			copy_field(said, "/device_code", d->code, sizeof d->code) &&
			(copy_field(said, "/verification_uri", d->uri, sizeof d->uri) ||
				copy_field(said, "/verification_url", d->uri, sizeof d->uri));
	if (!is_whole || !is_showable(d->user_code) || !is_address(d->uri))
		return err_set(e, ERR_PROTO, _("%s gave an answer that cannot be understood (%s)."),
			p->title, "OAuth");
	if (!copy_field(said, "/verification_uri_complete", d->complete, sizeof d->complete) ||
		!is_address(d->complete))
		d->complete[0] = '\0';
	if (!json_i64(said, "/expires_in", &life) || life < 1 || life > 86400)
		life = DEVICE_LIFE_S;
	if (json_i64(said, "/interval", &interval) && interval >= 1 && interval <= 60)
		d->interval_s = (int)interval;
	d->until_ms = clock_mono_ms() + life * 1000;
	return 0;
}

static int begin_device(const struct oauth_sign_in *s, struct oauth_device *d, struct err *e)
{
	CLEANUP(json_free) cJSON *j = new_request(s->provider);
	CLEANUP(json_free) cJSON *said = NULL;
	CLEANUP(buf_release) struct buf answer = BUF_INIT(65536);
	CLEANUP(free_str) char *text = json_print(j);
	if (secret_store_device(s->store, text, s->cancel, &answer, e) ||
		json_parse(answer.p, answer.len, &said, e))
		return -1;
	return read_device(s->provider, said, d, e);
}

static int sleep_ms(const struct oauth_sign_in *s, int64_t ms, struct err *e)
{
	struct pollfd p = {.fd = net_cancel_fd(s->cancel), .events = POLLIN};
	int64_t end = clock_mono_ms() + ms;
	while (net_ms_left(end) && !net_cancel_is_set(s->cancel))
		poll(&p, 1, net_ms_left(end));
	return net_check_cancel(s->cancel, e);
}

/* Asks until the code was used or is over. An exchange that came to nothing is no answer: the code
 * is good until its end. */
static int poll_device(const struct oauth_sign_in *s, struct oauth_device *d, const cJSON *request,
	struct err *e)
{
	int64_t wait = (int64_t)d->interval_s * 1000;
	for (;;) {
		CLEANUP(json_free) cJSON *said = NULL;
		struct err lost = ERR_INIT;
		const char *word = NULL;
		if (sleep_ms(s, wait, e))
			return -1;
		if (ask_grant(s, request, &said, &lost) == 0) {
			word = json_str(said, "/said");
			if (!word)
				return check_who(s, said, e);
		} else if (lost.code != ERR_NET && lost.code != ERR_RATE) {
			*e = lost;
			return -1;
		}
		wait = oauth_device_next(d, word, lost.after_ms, clock_mono_ms(), e);
		if (wait < 0)
			return -1;
	}
}

int oauth_sign_in_device(const struct oauth_sign_in *s, struct err *e)
{
	struct oauth_device d;
	if (!s->provider->device)
		return err_set(e, ERR_UNSUPPORTED,
			_("%s gives no codes for mailboxes: sign in with the browser, and where "
			  "that is "
			  "on another machine, paste the address that it ends at."),
			s->provider->title);
	if (begin_device(s, &d, e))
		return -1;
	CLEANUP(json_free) cJSON *j = new_request(s->provider);
	cJSON *form = cJSON_AddObjectToObject(j, "form");
	json_add_str(form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
	json_add_str(form, "device_code", d.code);
	prompt(s, d.uri, d.user_code);
	int rc = poll_device(s, &d, j, e);
	explicit_bzero(&d, sizeof d);
	return rc;
}
