/* relay_api.c - what is asked of a relay: profile, letting it in, a letter, its report. */
#include "config.h"

#include "crmail/provider/relay.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"
#include "relay_letter.h"
#include "web.h"

#define PATH_MAX_BYTES ((size_t)2048)

struct relay {
	struct web *web;
	char *user;
};

int relay_open(struct relay **out, const struct relay_conf *c, struct err *e)
{
	if (!c->base || !c->user || !*c->user)
		return err_set(e, ERR_USAGE, _("A relay needs its address and your user there."));
	const struct web_conf conf = {.protocol = "relay",
		.account = c->account,
		.base = c->base,
		.ca_file = c->ca_file,
		.token = c->key,
		.token_ctx = c->key_ctx,
		.cancel = c->cancel,
		.clock = c->clock,
		.deadline_ms = c->deadline_ms};
	struct web *w = NULL;
	if (web_open(&w, &conf, e))
		return -1;
	*out = xmalloc(sizeof **out);
	**out = (struct relay){.web = w, .user = xstrdup(c->user)};
	return 0;
}

void relay_close(struct relay *r)
{
	if (!r)
		return;
	web_close(r->web);
	free(r->user);
	free(r);
}

/* `before`, the user, `after`. */
static void add_path(const struct relay *r, const char *before, const char *after, struct buf *out)
{
	buf_addstr(out, before);
	http_add_escaped(out, r->user);
	buf_addstr(out, after);
}

/* A question by GET; *out is an object. */
static int ask(struct relay *r, const struct buf *path, cJSON **out, struct err *e)
{
	if (path->failed)
		return err_set(e, ERR_USAGE, _("The user at the relay is too long."));
	if (web_json(r->web, "GET", path->p, NULL, out, e))
		return -1;
	if (cJSON_IsObject(*out))
		return 0;
	json_free(out);
	return err_set(e, ERR_PROTO, _("The answer of %s cannot be understood."), web_host(r->web));
}

/* ---- whose mailbox --------------------------------------------------------------------------- */

int relay_profile(struct relay *r, bool *is_connected, struct buf *email, struct err *e)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	CLEANUP(json_free) cJSON *said = NULL;
	add_path(r, "/v1/users/", "/profile", &path);
	if (ask(r, &path, &said, e))
		return -1;
	const char *address = json_str(said, "/email_address");
	*is_connected = cJSON_IsTrue(json_at(said, "/gmail_connected"));
	buf_addstr(email, address ? address : "");
	return 0;
}

int relay_check(struct relay *r, const char *email, struct err *e)
{
	CLEANUP(buf_release) struct buf theirs = BUF_INIT(1000);
	bool is_connected = false;
	if (relay_profile(r, &is_connected, &theirs, e))
		return -1;
	if (!is_connected)
		return err_set(e, ERR_AUTH,
			_("%s may not send from your mailbox yet: crmail account relay lets it "
			  "in."),
			web_host(r->web));
	if (addr_same(theirs.p, email))
		return 0;
	return err_set(e, ERR_AUTH,
		_("%s sends from another mailbox than that of this account: crmail account relay "
		  "lets it into the right one."),
		web_host(r->web));
}

/* ---- letting it in --------------------------------------------------------------------------- */

int relay_authorize(struct relay *r, const char *redirect, struct buf *url, struct err *e)
{
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	CLEANUP(json_free) cJSON *said = NULL;
	json_add_str(body, "user_id", r->user);
	json_add_str(body, "redirect_url", redirect);
	if (web_json(r->web, "POST", "/v1/oauth/authorize", body, &said, e))
		return -1;
	const char *address = said ? json_str(said, "/authorization_url") : NULL;
	if (!address ||
		(!str_starts(address, "https://") && !str_starts(address, "http://127.0.0.1:") &&
			!str_starts(address, "http://localhost:")))
		return err_set(e, ERR_PROTO, _("The answer of %s cannot be understood."),
			web_host(r->web));
	buf_addstr(url, address);
	return 0;
}

int relay_finish(struct relay *r, const char *redirect, const char *code, const char *state,
	struct err *e)
{
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	json_add_str(body, "user_id", r->user);
	json_add_str(body, "redirect_url", redirect);
	json_add_str(body, "code", code);
	json_add_str(body, "state", state);
	return web_json(r->web, "POST", "/v1/oauth/callback", body, NULL, e);
}

/* ---- a letter -------------------------------------------------------------------------------- */

static char *letter_text(const char *from, const struct relay_letter *l)
{
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	cJSON *to = cJSON_AddArrayToObject(body, "to");
	for (size_t i = 0; i < l->n_to; i++)
		cJSON_AddItemToArray(to, cJSON_CreateString(l->to[i]));
	json_add_str(body, "from_email", from);
	json_add_str(body, "subject", l->subject);
	json_add_str(body, "body", l->text);
	json_add_str(body, "provider", "gmail");
	return json_print(body);
}

/* "error": a text, or an object with one. An empty one says nothing. */
static const char *error_of(const cJSON *said)
{
	const char *text = said ? json_str(said, "/error") : NULL;
	if (said && !text)
		text = json_str(said, "/error/message");
	return text && *text ? text : NULL;
}

static enum relay_end judge_answer(const struct http_response *r, struct buf *reply)
{
	CLEANUP(json_free) cJSON *said = NULL;
	struct err ignored = ERR_INIT;
	bool is_good = r->status >= 200 && r->status <= 299;
	const char *status = NULL;
	if (json_parse(r->body.p, r->body.len, &said, &ignored) == 0)
		status = json_str(said, "/status");
	const char *error = error_of(said);
	bool is_success = status && strcmp(status, "success") == 0;
	buf_addstr(reply, error ? error : "");
	if (!is_good || (error && !is_success))
		return RELAY_REFUSED;
	return is_success && !error ? RELAY_SENT : RELAY_UNKNOWN;
}

/* What a status says about the letter: refused, or that nobody knows how far it came. */
static bool is_refusal(int status)
{
	return status >= 400 && status <= 499 && status != 408;
}

/* Surely not sent: nobody let us in, or it asks for patience before it took the letter, or none was
 * sent at all. A 5xx has taken it, whatever it says about trying again. */
static bool is_not_handed(const struct http_response *r, const struct err *why)
{
	if (r->status >= 500)
		return false;
	return r->status == 401 || why->code == ERR_AUTH || why->code == ERR_RATE ||
	       why->code == ERR_TLS || why->code == ERR_USAGE || why->code == ERR_IO;
}

int relay_post(struct relay *r, const char *from, const struct relay_letter *l, enum relay_end *end,
	struct buf *reply, struct err *e)
{
	CLEANUP(http_response_release) struct http_response answer = HTTP_RESPONSE_INIT;
	CLEANUP(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	CLEANUP(free_str) char *text = letter_text(from, l);
	struct err why = ERR_INIT;
	add_path(r, "/v1/users/", "/messages", &path);
	const struct web_request rq = {.method = "POST",
		.path = path.p,
		.type = "application/json",
		.body = text,
		.body_len = strlen(text),
		.is_long = true};
	int rc = web_do(r->web, &rq, &answer, &why);
	if (rc && is_not_handed(&answer, &why)) {
		*e = why;
		return -1;
	}
	if (!rc || is_refusal(why.sys)) {
		*end = judge_answer(&answer, reply);
		return 0;
	}
	*end = RELAY_UNKNOWN;
	buf_addstr(reply, why.msg);
	return 0;
}

/* ---- its report ------------------------------------------------------------------------------ */

/* "to" of an entry: an address, or a list of them. */
static const char **addresses_of(struct arena *a, const cJSON *to, size_t *n)
{
	const char **v = arena_array(a, (size_t)cJSON_GetArraySize(to) + 1, sizeof *v);
	const cJSON *one = cJSON_IsArray(to) ? to->child : to;
	for (*n = 0; one; one = cJSON_IsArray(to) ? one->next : NULL)
		if (cJSON_IsString(one))
			v[(*n)++] = one->valuestring;
	return v;
}

/* Whether one of "recent_emails" is such a letter, and was sent. */
static bool is_entry_of(const cJSON *entry, const char *key)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *subject = json_str(entry, "/subject"), *status = json_str(entry, "/status");
	char found[65];
	size_t n;
	const char **to = addresses_of(&a, json_at(entry, "/to"), &n);
	if (!n || (status && strcmp(status, "success") != 0 && strcmp(status, "sent") != 0))
		return false;
	relay_letter_key(to, n, subject ? subject : "", found);
	return strcmp(found, key) == 0;
}

int relay_count(struct relay *r, const char *key, const char *from_day, const char *to_day,
	int64_t *out, struct err *e)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(PATH_MAX_BYTES);
	CLEANUP(json_free) cJSON *said = NULL;
	const cJSON *entry;
	add_path(r, "/v1/reports/users/", "?start_date=", &path);
	buf_addf(&path, "%s&end_date=%s", from_day, to_day);
	if (ask(r, &path, &said, e))
		return -1;
	*out = 0;
	cJSON_ArrayForEach(entry, json_at(said, "/recent_emails")) *out += is_entry_of(entry, key);
	return 0;
}
