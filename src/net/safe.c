/* safe.c - entries in the keyring and in the encrypted file, by their names alone. */
#include "config.h"

#include "safe.h"

#include <stddef.h>

#include "crmail/base/entry.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "keyring.h"

enum vault_status safe_get(const char *path, const struct vault_key *k, const char *name,
	struct secret *out)
{
	const struct keyring_call c = {
		.op = KEYRING_GET, .name = name, .deadline_ms = KEYRING_MS, .watch_fd = -1};
	if (entry_is_in_keyring(name))
		return keyring_run(&c, out);
	return k->is_set ? vault_get(path, k, name, out) : VAULT_LOCKED;
}

enum vault_status safe_put(const char *path, const struct vault_key *k, const char *name,
	const struct secret *value)
{
	const struct keyring_call c = {.op = value ? KEYRING_PUT : KEYRING_ERASE,
		.name = name,
		.value = value,
		.deadline_ms = KEYRING_MS,
		.watch_fd = -1};
	if (entry_is_in_keyring(name))
		return keyring_run(&c, NULL);
	return k->is_set ? vault_put(path, k, name, value) : VAULT_LOCKED;
}

enum vault_status safe_probe_keyring(const char *name)
{
	const struct keyring_call c = {
		.op = KEYRING_PROBE, .name = name, .deadline_ms = KEYRING_MS, .watch_fd = -1};
	return keyring_run(&c, NULL);
}

enum vault_status safe_list_keyring(struct secret *out)
{
	const struct keyring_call c = {
		.op = KEYRING_LIST, .deadline_ms = KEYRING_MS, .watch_fd = -1};
	return keyring_run(&c, out);
}

enum vault_status safe_drop(const char *path, const struct vault_key *k, const char *name)
{
	static const char *const suffixes[] = {"", ".refresh", ".access"};
	enum vault_status st = VAULT_OK;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		CLEANUP(free_str) char *entry = xasprintf("%s%s", name, suffixes[i]);
		enum vault_status one = safe_put(path, k, entry, NULL);
		st = st ? st : one;
	}
	return st;
}

/* Not ERR_AUTH: nobody refused anything, and it may be there by itself the next time. */
bool safe_is_keyring(enum vault_status st, struct err *e)
{
	switch (st) {
	case VAULT_NO_KEYRING:
		err_set(e, ERR_IO,
			_("No keyring is running: start that of the desktop, or sign in again."));
		return true;
	case VAULT_KEYRING_LOCKED:
		err_set(e, ERR_IO,
			_("The keyring is locked: unlock it in the desktop, or by \"crmail secrets "
			  "unlock\"."));
		return true;
	case VAULT_KEYRING_SLOW:
		err_set(e, ERR_IO, _("The keyring does not answer; it is asked again later."));
		return true;
	case VAULT_KEYRING_SHUT:
		err_set(e, ERR_IO,
			_("The keyring stays locked: nobody answered its question, or there is no "
			  "desktop to ask it on."));
		return true;
	case VAULT_KEYRING_FAILED:
		err_set(e, ERR_IO,
			_("The keyring failed: look at it with the desktop's password program."));
		return true;
	case VAULT_OK:
	case VAULT_NO_FILE:
	case VAULT_WRONG_PASSPHRASE:
	case VAULT_DAMAGED:
	case VAULT_NEWER:
	case VAULT_LOCKED:
	case VAULT_NOT_FOUND:
	case VAULT_TOO_BIG:
	case VAULT_IO:
	case VAULT_STATUS_COUNT:
		break;
	}
	return false;
}
