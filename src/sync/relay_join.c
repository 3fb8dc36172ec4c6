/* relay_join.c - lets a relay into a mailbox, and keeps how it is reached. */
#include "config.h"

#include "crmail/sync/relay_join.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/oauth_visit.h"
#include "crmail/net/secret.h"
#include "crmail/provider/relay.h"
#include "crmail/store/account.h"

#define REDIRECT "http://127.0.0.1/relay"

static int give_key(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	const struct relay_join *j = ctx;
	if (refused)
		return err_set(e, ERR_AUTH, _("The relay did not accept the key."));
	buf_add(out, j->key->p, j->key->len);
	return 0;
}

static int visit(const struct relay_join *j, struct relay *r, struct oauth_listener *l,
	struct err *e)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(16384);
	CLEANUP(buf_release) struct buf code = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf state = BUF_INIT(4096);
	CLEANUP(free_str)
	char *redirect = xasprintf("http://127.0.0.1:%d/relay", oauth_listener_port(l));
	struct oauth_visit v = {.title = _("the relay"),
		.paste_fd = j->paste_fd,
		.cancel = j->cancel,
		.prompt = j->prompt,
		.ctx = j->ctx};
	if (relay_authorize(r, redirect, &url, e))
		return -1;
	v.url = url.p;
	if (oauth_visit(l, &v, &code, &state, e))
		return -1;
	return relay_finish(r, redirect, code.p, state.p, e);
}

/* The person lets it in, where nobody has yet. */
static int let_in(const struct relay_join *j, struct relay *r, struct err *e)
{
	CLEANUP(buf_release) struct buf theirs = BUF_INIT(1000);
	struct oauth_listener *l = NULL;
	bool is_connected = false;
	if (relay_profile(r, &is_connected, &theirs, e))
		return -1;
	if (is_connected)
		return relay_check(r, j->email, e);
	if (oauth_listener_open(&l, REDIRECT, j->port, e))
		return -1;
	int rc = visit(j, r, l, e) || relay_check(r, j->email, e) ? -1 : 0;
	oauth_listener_finish(l, rc ? e->msg : NULL);
	oauth_listener_close(l);
	return rc;
}

int relay_join(const struct relay_join *j, struct err *e)
{
	struct relay_join mine = *j;
	const struct relay_conf conf = {.base = j->url,
		.user = j->user,
		.account = j->account,
		.ca_file = j->ca,
		.key = give_key,
		.key_ctx = &mine,
		.cancel = j->cancel,
		.clock = j->clock,
		.deadline_ms = j->deadline_ms};
	struct relay *r = NULL;
	if (relay_open(&r, &conf, e))
		return -1;
	int rc = let_in(&mine, r, e);
	relay_close(r);
	return rc;
}

/* The address last, or first when it goes: without one the rest says nothing. */
int relay_keep(struct store *s, int64_t account, const struct relay_settings *v, struct err *e)
{
	const struct setting rest[] = {{"relay_user", v->user},
		{"relay_key_command", v->key_command}, {"relay_secret", v->key}};
	if (!v->url && account_set(s, account, "relay", NULL, e))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		if (account_set(s, account, rest[i].key, rest[i].value, e))
			return -1;
	return v->url ? account_set(s, account, "relay", v->url, e) : 0;
}
