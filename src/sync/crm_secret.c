/*
 * crm_secret.c - the secrets of a CRM's sign-in: what the person's command prints or saved, and
 * the refresh token that the CRM gives, which lies in the keyring or in the encrypted file of saved
 * passwords and nowhere else. While that is locked or not there, signing in takes the password each
 * time.
 */
#include "config.h"

#include "crm_sync.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/crm/profile.h"
#include "crmail/net/cancel.h"
#include "crmail/net/secret.h"

static bool has_token_place(const struct crm_sync *s)
{
	return !s->options.without_token && s->options.vault &&
	       secret_store_is_open(s->options.vault, s->token_entry);
}

static bool is_sign_in_word(const struct crm_profile *p, const char *word)
{
	struct crm_profile_key key;
	if (!strcmp(word, "url"))
		return true;
	for (size_t i = 0; crm_profile_key_at(p, i, &key); i++)
		if (!strcmp(key.name, word))
			return true;
	return false;
}

/* It lies where the password lies. The entry's name is bound to the address and to the profile's
 * settings: a token can only go back where it came from. */
void crm_secret_name_token(struct crm_sync *s, const struct crm_config *config, size_t n)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	char sum[65];
	buf_addf(&text, "%lld", (long long)s->id);
	for (size_t i = 0; i < n; i++)
		if (is_sign_in_word(s->profile, config[i].key))
			buf_addf(&text, "\n%s=%s", config[i].key, config[i].value);
	sha256_hex(text.p, text.len, sum);
	char id[64], name[ENTRY_MAX];
	snprintf(id, sizeof id, "crm-token-%.24s", sum);
	entry_name_beside(name, s->secret_entry, id);
	s->token_entry = arena_strdup(&s->keep, name);
}

const char *crm_sync_token_entry(const struct crm_sync *s)
{
	return s->token_entry;
}

static int add_secret(struct buf *out, const struct secret *secret)
{
	buf_add(out, secret->p, secret->len);
	return 0;
}

static int get_token(struct crm_sync *s, struct buf *out, struct err *e)
{
	CLEANUP(secret_release) struct secret secret = SECRET_INIT;
	if (!has_token_place(s))
		return err_set(e, ERR_NOTFOUND, _("The saved passwords are locked."));
	if (secret_store_get(s->options.vault, s->token_entry, &secret, e))
		return -1;
	return add_secret(out, &secret);
}

static int ask_command(struct crm_sync *s, struct buf *out, struct err *e)
{
	CLEANUP(secret_release) struct secret secret = SECRET_INIT;
	const struct secret_helper helper = {
		.program = s->options.program,
		.deadline_ms = s->options.deadline_ms,
		.cancel_fd = net_cancel_fd(s->options.cancel),
	};
	const struct secret_source source = {.command = s->secret_command};
	return secret_ask(&helper, &source, &secret, e) ? -1 : add_secret(out, &secret);
}

static int get_saved(struct crm_sync *s, struct buf *out, struct err *e)
{
	CLEANUP(secret_release) struct secret secret = SECRET_INIT;
	if (!s->options.vault)
		return err_set(e, ERR_AUTH,
			_("The saved passwords are locked: give their passphrase."));
	if (secret_store_get(s->options.vault, s->secret_entry, &secret, e))
		return -1;
	return add_secret(out, &secret);
}

int crm_secret_get(void *ctx, const char *name, struct buf *out, struct err *e)
{
	struct crm_sync *s = ctx;
	if (!strcmp(name, CRM_SECRET_REFRESH))
		return get_token(s, out, e);
	bool is_ours = s->secret_name && !strcmp(name, s->secret_name);
	if (is_ours && s->secret_command)
		return ask_command(s, out, e);
	if (is_ours && s->secret_entry)
		return get_saved(s, out, e);
	return err_set(e, ERR_AUTH,
		_("Sign in to the CRM %s again: it has neither a saved password nor a secret "
		  "command."),
		s->row->name);
}

int crm_secret_put(void *ctx, const char *name, const char *value, size_t len, struct err *e)
{
	struct crm_sync *s = ctx;
	if (strcmp(name, CRM_SECRET_REFRESH) != 0 || !has_token_place(s))
		return err_set(e, ERR_UNSUPPORTED, _("The saved passwords are locked."));
	if (!len)
		return secret_store_erase(s->options.vault, s->token_entry, e);
	CLEANUP(secret_release) struct secret secret = SECRET_INIT;
	secret_set(&secret, value, len);
	return secret_store_put(s->options.vault, s->token_entry, &secret, e);
}
