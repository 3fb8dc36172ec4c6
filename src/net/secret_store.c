/*
 * secret_store.c - the encrypted file as the rest of the program sees it: a helper that was given
 * the passphrase once and answers for this process. Sentences for people are made here; the helper
 * answers numbers.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/entry.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "helper.h"
#include "keyring.h"
#include "left.h"
#include "safe.h"

#define DEADLINE_MS 60000 /* of one answer: a busy machine may take long over the passphrase */

struct secret_store {
	char *program, *path;
	pthread_mutex_t lock; /* guards the members below, and one request at a time */
	struct helper_child child;
	/* read without the lock: whoever draws them waits for no request */
	atomic_bool is_open;       /* the file */
	atomic_int keyring;        /* enum secret_keyring, as last seen */
	atomic_bool takes_keyring; /* for what is saved anew */
};

struct secret_store *secret_store_new(const char *program, const char *path)
{
	struct secret_store *s = xcalloc(1, sizeof *s);
	s->program = xstrdup(program);
	s->path = xstrdup(path);
	s->child = (struct helper_child){.pid = -1, .to = -1, .from = -1};
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

/* A helper that was asked nothing half-way ends by itself; one that hangs does not. */
static void end_child(struct secret_store *s, int sig)
{
	if (s->child.pid > 0)
		helper_end(&s->child, sig);
	atomic_store(&s->is_open, false);
}

void secret_store_free(struct secret_store *s)
{
	if (!s)
		return;
	end_child(s, 0);
	pthread_mutex_destroy(&s->lock);
	free(s->program);
	free(s->path);
	free(s);
}

enum secret_store_state secret_store_state(struct secret_store *s)
{
	if (atomic_load(&s->is_open))
		return SECRET_STORE_OPEN;
	return fsx_exists(s->path) ? SECRET_STORE_LOCKED : SECRET_STORE_NONE;
}

static bool read_within(int fd, void *to, size_t n, int64_t end)
{
	unsigned char *p = to;
	while (n) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left = end - clock_mono_ms();
		int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		ssize_t got = ready > 0 ? read(fd, p, n) : -1;
		if (got < 0 && ready > 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* False: the helper broke off or says what it cannot. */
static bool read_answer(const struct helper_child *c, enum vault_status *st, int *sys,
	struct secret *value)
{
	unsigned char head[9];
	int64_t end = clock_mono_ms() + DEADLINE_MS;
	if (!read_within(c->from, head, sizeof head, end))
		return false;
	size_t n = helper_get_u32(head);
	if (n < 5 || n > HELPER_MAX || head[4] >= VAULT_STATUS_COUNT)
		return false;
	*st = (enum vault_status)head[4];
	*sys = (int)helper_get_u32(head + 5);
	n -= 5;
	char *p = xcalloc(1, n + 1);
	bool ok = read_within(c->from, p, n, end);
	if (ok)
		secret_set(value, p, n);
	secret_wipe(p, n);
	free(p);
	return ok;
}

static int say(const struct secret_store *s, enum vault_status st, int sys, struct err *e)
{
	switch (st) {
	case VAULT_OK:
		return 0;
	case VAULT_NO_FILE:
		return err_set(e, ERR_AUTH,
			_("The file of saved passwords is gone: sign in again."));
	case VAULT_WRONG_PASSPHRASE:
		return err_set(e, ERR_AUTH,
			_("That is not the passphrase of the saved passwords."));
	case VAULT_DAMAGED:
		return err_set(e, ERR_PARSE,
			_("The file of saved passwords is damaged: bring back a copy of %s, or "
			  "remove it and sign in again."),
			s->path);
	case VAULT_NEWER:
		return err_set(e, ERR_UNSUPPORTED,
			_("The file of saved passwords was written by a newer crmail."));
	case VAULT_LOCKED:
		return err_set(e, ERR_AUTH,
			_("The saved passwords are locked: give their passphrase."));
	case VAULT_NOT_FOUND:
		return err_set(e, ERR_AUTH, _("No password is saved: sign in again."));
	case VAULT_TOO_BIG:
		return err_set(e, ERR_TOOBIG, _("The file of saved passwords is full."));
	case VAULT_IO:
	case VAULT_NO_KEYRING:
	case VAULT_KEYRING_LOCKED:
	case VAULT_KEYRING_SLOW:
	case VAULT_KEYRING_SHUT:
	case VAULT_KEYRING_FAILED:
	case VAULT_STATUS_COUNT:
		break;
	}
	if (safe_is_keyring(st, e))
		return -1;
	return err_sys(e, ERR_IO, sys, _("Cannot use the file of saved passwords %s"), s->path);
}

/* What an answer says about the keyring. */
static void note_keyring(struct secret_store *s, enum vault_status st)
{
	static const enum secret_keyring seen[VAULT_STATUS_COUNT] = {
		[VAULT_OK] = SECRET_KEYRING_OPEN,
		[VAULT_NOT_FOUND] = SECRET_KEYRING_OPEN,
		[VAULT_NO_KEYRING] = SECRET_KEYRING_NONE,
		[VAULT_KEYRING_LOCKED] = SECRET_KEYRING_LOCKED,
		[VAULT_KEYRING_SHUT] = SECRET_KEYRING_LOCKED,
		[VAULT_KEYRING_SLOW] = SECRET_KEYRING_SLOW,
	};
	if (seen[st] != SECRET_KEYRING_UNKNOWN)
		atomic_store(&s->keyring, (int)seen[st]);
}

/* With the lock held: a helper that knows of the file; nothing is open by that. */
static int need_child(struct secret_store *s, struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field path = {s->path, strlen(s->path)};
	enum vault_status st = VAULT_IO;
	int sys = 0;
	if (s->child.pid > 0)
		return 0;
	if (helper_start(s->program, &s->child, e))
		return -1;
	if (helper_ask(&s->child, HELPER_FILE, &path, 1) == 0 &&
		read_answer(&s->child, &st, &sys, &none) && st == VAULT_OK)
		return 0;
	end_child(s, SIGKILL);
	return err_set(e, ERR_IO, _("The sign-in helper broke off."));
}

/* With the lock held. */
static int broke_off(struct secret_store *s, struct err *e)
{
	bool was_open = atomic_load(&s->is_open);
	end_child(s, SIGKILL);
	return was_open ? err_set(e, ERR_AUTH,
				  _("The sign-in helper broke off: give the passphrase of the "
				    "saved passwords again."))
			: err_set(e, ERR_IO, _("The sign-in helper broke off."));
}

/* With the lock held. */
static int ask(struct secret_store *s, enum helper_op op, const struct helper_field *f, size_t n,
	struct secret *value, struct err *e)
{
	enum vault_status st = VAULT_LOCKED;
	int sys = 0;
	int asked = helper_ask(&s->child, op, f, n);
	if (asked && errno == EMSGSIZE)
		return say(s, VAULT_TOO_BIG, 0, e);
	if (asked || !read_answer(&s->child, &st, &sys, value))
		return broke_off(s, e);
	return say(s, st, sys, e);
}

int secret_store_unlock(struct secret_store *s, const struct secret *pass, struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f = {pass->p, pass->len};
	if (pass->len == 0)
		return err_set(e, ERR_USAGE, _("A passphrase is needed."));
	pthread_mutex_lock(&s->lock);
	int rc = need_child(s, e);
	if (!rc)
		rc = ask(s, HELPER_UNLOCK, &f, 1, &none, e);
	if (!rc)
		atomic_store(&s->is_open, true);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int ask_about(struct secret_store *s, enum helper_op op, const struct helper_field *f,
	size_t n, struct secret *value, struct err *e)
{
	if (entry_is_in_keyring(f->p))
		return secret_store_ask_of_keyring(s, op, f, n, value, e);
	pthread_mutex_lock(&s->lock);
	int rc = s->child.pid <= 0 ? say(s, VAULT_LOCKED, 0, e) : 0;
	if (!rc)
		rc = ask(s, op, f, n, value, e);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int secret_store_get(struct secret_store *s, const char *name, struct secret *out, struct err *e)
{
	const struct helper_field f = {name, strlen(name)};
	return ask_about(s, HELPER_GET, &f, 1, out, e);
}

int secret_store_put(struct secret_store *s, const char *name, const struct secret *value,
	struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f[] = {{name, strlen(name)}, {value->p, value->len}};
	return ask_about(s, HELPER_PUT, f, 2, &none, e);
}

int secret_store_erase(struct secret_store *s, const char *name, struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f = {name, strlen(name)};
	return ask_about(s, HELPER_ERASE, &f, 1, &none, e);
}

/* What this side lacks is no reason to end the helper, which the passphrase would have to be given
 * to again. */
int secret_store_branch(struct secret_store *s, const char *name, int *fd, struct err *e)
{
	bool is_file = name && !entry_is_in_keyring(name);
	int theirs = -1;
	if (helper_branch_socket(fd, &theirs, e))
		return -1;
	pthread_mutex_lock(&s->lock);
	int rc = is_file && !atomic_load(&s->is_open) ? say(s, VAULT_LOCKED, 0, e)
						      : need_child(s, e);
	if (rc)
		close(theirs);
	else if (helper_branch(&s->child, theirs))
		rc = broke_off(s, e);
	pthread_mutex_unlock(&s->lock);
	if (rc)
		close(*fd);
	return rc;
}

/* ---- what may be left behind ----------------------------------------------------------------- */

int secret_store_note(struct secret_store *s, const char *name, bool goes, struct err *e)
{
	struct clock_src *clock = clock_new(NULL);
	const struct left l = {goes ? LEFT_ENDED : LEFT_SAVED, clock_now(clock), name};
	clock_free(clock);
	return left_note(s->path, &l, e);
}

bool secret_store_has_left(struct secret_store *s, const char *name)
{
	return left_has(s->path, name);
}

/* ---- the keyring ----------------------------------------------------------------------------- */

void secret_store_take_keyring(struct secret_store *s, bool takes)
{
	atomic_store(&s->takes_keyring, takes && keyring_has_bus());
}

enum secret_keyring secret_store_keyring(struct secret_store *s)
{
	return (enum secret_keyring)atomic_load(&s->keyring);
}

static enum secret_keyring probe(struct secret_store *s, const char *name)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f = {name ? name : "", name ? strlen(name) : 0};
	struct err ignored = ERR_INIT;
	if (keyring_has_bus())
		IGNORE_RESULT(secret_store_ask_of_keyring(s, HELPER_PROBE, &f, 1, &none, &ignored),
			"it is noted");
	else
		note_keyring(s, VAULT_NO_KEYRING);
	return secret_store_keyring(s);
}

enum secret_keyring secret_store_ask_keyring(struct secret_store *s)
{
	return probe(s, NULL);
}

static bool is_there(enum secret_keyring k)
{
	return k == SECRET_KEYRING_LOCKED || k == SECRET_KEYRING_OPEN || k == SECRET_KEYRING_SLOW;
}

bool secret_store_saves_in_keyring(struct secret_store *s)
{
	return atomic_load(&s->takes_keyring) && is_there(secret_store_keyring(s));
}

int secret_store_check(struct secret_store *s, const char *name, bool *needs_passphrase,
	struct err *e)
{
	bool in_keyring = entry_is_in_keyring(name);
	*needs_passphrase = false;
	if (!name && atomic_load(&s->takes_keyring))
		in_keyring = is_there(secret_store_ask_keyring(s));
	else if (in_keyring)
		probe(s, name);
	if (!in_keyring) {
		*needs_passphrase = !atomic_load(&s->is_open);
		return 0;
	}
	switch (secret_store_keyring(s)) {
	case SECRET_KEYRING_OPEN:
	case SECRET_KEYRING_UNKNOWN:
		return 0;
	case SECRET_KEYRING_NONE:
		return say(s, VAULT_NO_KEYRING, 0, e);
	case SECRET_KEYRING_LOCKED:
		return say(s, VAULT_KEYRING_LOCKED, 0, e);
	case SECRET_KEYRING_SLOW:
		return say(s, VAULT_KEYRING_SLOW, 0, e);
	}
	return 0;
}

bool secret_store_is_open(struct secret_store *s, const char *name)
{
	return entry_is_in_keyring(name) || atomic_load(&s->is_open);
}

void secret_store_note_keyring(struct secret_store *s, enum vault_status st)
{
	note_keyring(s, st);
}

int secret_store_say(const struct secret_store *s, enum vault_status st, int sys, struct err *e)
{
	return say(s, st, sys, e);
}
