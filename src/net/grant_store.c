/* grant_store.c - grants as entries of the encrypted file: reading, writing, listing, locking. */
#include "config.h"

#include "grant_store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/entry.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/secret.h"

#include "grant.h"
#include "safe.h"

int grant_say(enum vault_status st, struct err *e)
{
	if (safe_is_keyring(st, e))
		return -1;
	if (st == VAULT_NOT_FOUND)
		return err_set(e, ERR_AUTH, _("No sign-in is saved: sign in again."));
	if (st == VAULT_LOCKED || st == VAULT_NO_FILE || st == VAULT_WRONG_PASSPHRASE)
		return err_set(e, ERR_AUTH,
			_("The saved passwords are locked: give their passphrase."));
	return err_sys(e, ERR_IO, errno, _("The sign-in cannot be saved"));
}

static int put_secret(const struct grant_place *g, const char *entry, const struct secret *value,
	struct err *e)
{
	enum vault_status st = safe_put(g->path, g->key, entry, value);
	return st ? grant_say(st, e) : 0;
}

void grant_print(const cJSON *j, struct secret *out)
{
	char *text = json_print(j);
	secret_set(out, text, strlen(text));
	secret_wipe(text, strlen(text));
	free(text);
}

int grant_put(const struct grant_place *g, const char *name, const char *suffix, const cJSON *j,
	struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, suffix);
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	grant_print(j, &value);
	return put_secret(g, entry, &value, e);
}

int grant_put_firmly(const struct grant_place *g, const char *name, const char *suffix,
	const cJSON *j, struct err *e)
{
	static const int pauses_ms[] = {50, 150, 300, 500};
	int rc = grant_put(g, name, suffix, j, e);
	for (size_t i = 0; rc && e->code == ERR_IO && i < ARRAY_SIZE(pauses_ms); i++) {
		poll(NULL, 0, pauses_ms[i]);
		err_clear(e);
		rc = grant_put(g, name, suffix, j, e);
	}
	return rc;
}

int grant_read(const struct grant_place *g, const char *name, const char *suffix, cJSON **out,
	struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, suffix);
	CLEANUP(secret_release) struct secret value = SECRET_INIT;
	enum vault_status st = safe_get(g->path, g->key, entry, &value);
	if (st == VAULT_NOT_FOUND)
		return 0;
	return st ? grant_say(st, e) : json_parse(value.p, value.len, out, e);
}

int grant_forget(const struct grant_place *g, const char *name, struct err *e)
{
	grant_drop_spare(g, name);
	CLEANUP(free_str) char *access = xasprintf("%s.%s", name, GRANT_ACCESS);
	CLEANUP(free_str) char *refresh = xasprintf("%s.%s", name, GRANT_REFRESH);
	return put_secret(g, access, NULL, e) || put_secret(g, refresh, NULL, e) ||
			       put_secret(g, name, NULL, e)
		       ? -1
		       : 0;
}

static bool is_listed(const struct buf *names, struct span name)
{
	struct span rest = {names->p, names->len}, line;
	while (span_next(&rest, '\n', &line))
		if (line.len == name.len && memcmp(line.p, name.p, name.len) == 0)
			return true;
	return false;
}

static void add_name(void *ctx, const char *entry, size_t len)
{
	static const char *const suffixes[] = {"." GRANT_REFRESH, "." GRANT_ACCESS};
	struct buf *out = ctx;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);
		const struct span name = {entry, len > n ? len - n : 0};
		if (!name.len || memcmp(entry + name.len, suffixes[i], n) != 0 ||
			memchr(name.p, '\n', name.len) || is_listed(out, name))
			continue;
		buf_add(out, name.p, name.len);
		buf_addch(out, '\n');
	}
}

int grant_names(const struct grant_place *g, struct buf *out, struct err *e)
{
	enum vault_status st = vault_list(g->path, g->key, add_name, out);
	return st ? grant_say(st, e) : 0;
}

static int add_keyring(struct buf *out, struct err *e)
{
	CLEANUP(secret_release) struct secret names = SECRET_INIT;
	enum vault_status st = safe_list_keyring(&names);
	struct span rest = {names.p, names.len}, line;
	if (st == VAULT_NO_KEYRING)
		return 0;
	while (!st && span_next(&rest, '\n', &line))
		add_name(out, line.p, line.len);
	return st ? grant_say(st, e) : 0;
}

int grant_names_beside(const struct grant_place *g, const char *name, struct buf *out,
	struct err *e)
{
	bool is_file_left = entry_is_in_keyring(name) && !g->key->is_set;
	return (!is_file_left && grant_names(g, out, e)) || add_keyring(out, e) ? -1 : 0;
}

static int check_place(const char *name, struct err *e)
{
	CLEANUP(free_str) char *entry = xasprintf("%s.%s", name, GRANT_REFRESH);
	enum vault_status st = entry_is_in_keyring(name) ? safe_probe_keyring(entry) : VAULT_OK;
	return st ? grant_say(st, e) : 0;
}

static int wait_for_lock(int fd, struct flock *lock, struct err *e)
{
	while (fcntl(fd, F_SETLKW, lock))
		if (errno != EINTR)
			return err_sys(e, ERR_IO, errno, _("The sign-in cannot be renewed"));
	return 0;
}

/* One byte of a file beside the encrypted one for each name. */
int grant_lock(const struct grant_place *g, const char *name, int *fd, struct err *e)
{
	CLEANUP(free_str) char *path = xasprintf("%s.grants", g->path);
	char sum[65];
	sha256_hex(name, strlen(name), sum);
	sum[12] = '\0';
	struct flock lock = {.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)strtoll(sum, NULL, 16),
		.l_len = 1};
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(e, ERR_IO, errno, _("The sign-in cannot be renewed"));
	if (fcntl(*fd, F_SETLK, &lock) && (check_place(name, e) || wait_for_lock(*fd, &lock, e))) {
		close(*fd);
		return -1;
	}
	if (g->begun)
		g->begun();
	return 0;
}
