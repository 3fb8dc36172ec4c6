/*
 * desk_grant.c - orders that sign in at a provider: the person's part shown to whoever looks at the
 * order, and what they paste handed on.
 */
#include "config.h"

#include "desk_private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/browse.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/grant.h"

static void copy_text(char *out, size_t size, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	out[0] = '\0';
	if (n && n < size)
		memcpy(out, text, n + 1);
}

void desk_prompt(void *desk, const struct oauth_prompt *p)
{
	struct desk *d = desk;
	bool is_opened = !p->user_code && browse_open(p->url);
	pthread_mutex_lock(&d->lock);
	d->prompt = (struct desk_answer){.is_opened = is_opened};
	copy_text(d->prompt.url, sizeof d->prompt.url, p->url);
	copy_text(d->prompt.code, sizeof d->prompt.code, p->user_code);
	pthread_mutex_unlock(&d->lock);
	desk_set_step(d, DESK_BROWSING);
}

/* What is not given goes by the provider. */
static void fill_in(struct order *o, enum desk_field f, const char *text, const char **to)
{
	if (!*to && text && o->kind == DESK_ADD) {
		secret_set(&o->v[f], text, strlen(text));
		*to = order_field(o, f);
	}
}

static void set_paste(struct desk *d, int fd)
{
	pthread_mutex_lock(&d->lock);
	d->paste_fd = fd;
	pthread_mutex_unlock(&d->lock);
}

int desk_with_paste(struct desk *d, int (*run)(void *ctx, int paste_fd, struct err *e), void *ctx,
	struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return run(ctx, -1, e); /* nothing can be pasted */
	set_paste(d, ends[1]);
	int rc = run(ctx, ends[0], e);
	set_paste(d, -1);
	close(ends[0]);
	close(ends[1]);
	return rc;
}

/* The address book was asked for before. */
static bool wants_contacts(struct desk *d, const struct order *o)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err ignored = ERR_INIT;
	struct store_reader *r = NULL;
	if (!o->account || store_reader_open(d->o.store, &r, &ignored))
		return false;
	bool is_wanted = account_setting(r, &a, o->account, "contacts") != NULL;
	store_reader_close(r);
	return is_wanted;
}

struct obtaining {
	struct grant_order order;
	char *entry;
};

static int obtain(void *ctx, int paste_fd, struct err *e)
{
	struct obtaining *what = ctx;
	what->order.paste_fd = paste_fd;
	return grant_obtain(&what->order, what->entry, e);
}

int desk_obtain_grant(struct desk *d, struct order *o, const char *provider,
	const struct account_trial *t, struct buf *api, char entry[DESK_SECRET_NAME], struct err *e)
{
	CLEANUP(oauth_provider_free) struct oauth_provider *p = NULL;
	struct grant_order g = {.by_device = order_field(o, DESK_DEVICE) != NULL,
		.paste_fd = -1,
		.prompt = desk_prompt,
		.ctx = d,
		.trial = *t};
	if (oauth_provider_load(d->o.share_dir, d->o.config_dir, provider, t->kind, &p, e) ||
		desk_open_secrets(d, o, NULL, e))
		return -1;
	if (wants_contacts(d, o) && p->contacts && oauth_provider_add_contacts(p, e))
		return -1;
	if (!t->kind) {
		fill_in(o, DESK_IMAP, p->imap, &g.trial.imap);
		fill_in(o, DESK_SMTP, p->smtp, &g.trial.smtp);
	}
	if (!g.trial.imap && !t->kind)
		return order_fail_at(o, DESK_IMAP, e, _("The provider names no mail servers."));
	if (api && p->api) {
		buf_addstr(api, p->api);
		g.trial.api = api->p;
	}
	desk_prepare_trial(d, &g.trial);
	g.trial.secrets = d->o.secrets;
	g.provider = p;
	struct obtaining what = {g, entry};
	return desk_with_paste(d, obtain, &what, e);
}

bool desk_revoke_grant(struct desk *d, int64_t account, const char *entry)
{
	struct err why = ERR_INIT;
	if (secret_store_revoke(d->o.secrets, entry, d->cancel, &why) == 0)
		return true;
	log_line(LOG_WARN, "desk", "account %lld: sign-in not taken back: %s", (long long)account,
		err_code_name(why.code));
	return false;
}

enum desk_left desk_end_secret(struct desk *d, int64_t account, const char *entry, bool is_grant)
{
	if (!entry || desk_revoke_grant(d, account, entry))
		return DESK_LEFT_NOTHING;
	if (secret_store_has_left(d->o.secrets, entry))
		return is_grant ? DESK_LEFT_UNTIL_UNLOCKED : DESK_LEFT_PASSWORD;
	return is_grant ? DESK_LEFT_AT_PROVIDER : DESK_LEFT_NOTHING;
}

bool desk_paste(struct desk *d, int64_t number, const char *address)
{
	pthread_mutex_lock(&d->lock);
	bool is_taken = d->running == number && d->paste_fd >= 0 &&
			fsx_write_all(d->paste_fd, address, strlen(address)) == 0 &&
			fsx_write_all(d->paste_fd, "\n", 1) == 0;
	pthread_mutex_unlock(&d->lock);
	return is_taken;
}
