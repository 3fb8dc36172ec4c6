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
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "helper.h"
#include "vault.h"

#define DEADLINE_MS 60000 /* of one answer: a busy machine may take long over the passphrase */

struct secret_store {
	char *program, *path;
	pthread_mutex_t lock; /* guards the members below, and one request at a time */
	struct helper_child child;
	atomic_bool is_open; /* read without the lock: whoever draws it waits for no request */
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
	case VAULT_STATUS_COUNT:
		break;
	}
	return err_sys(e, ERR_IO, sys, _("Cannot use the file of saved passwords %s"), s->path);
}

/* With the lock held. */
static int ask(struct secret_store *s, enum helper_op op, const struct helper_field *f, size_t n,
	struct secret *value, struct err *e)
{
	enum vault_status st = VAULT_LOCKED;
	int sys = 0;
	if (s->child.pid <= 0)
		return say(s, VAULT_LOCKED, 0, e);
	int asked = helper_ask(&s->child, op, f, n);
	if (asked && errno == EMSGSIZE)
		return say(s, VAULT_TOO_BIG, 0, e);
	if (asked || !read_answer(&s->child, &st, &sys, value)) {
		end_child(s, SIGKILL);
		return err_set(e, ERR_AUTH,
			_("The sign-in helper broke off: give the passphrase of the saved "
			  "passwords again."));
	}
	return say(s, st, sys, e);
}

int secret_store_unlock(struct secret_store *s, const struct secret *pass, struct err *e)
{
	CLEANUP(secret_release) struct secret none = SECRET_INIT;
	const struct helper_field f[] = {{s->path, strlen(s->path)}, {pass->p, pass->len}};
	if (pass->len == 0)
		return err_set(e, ERR_USAGE, _("A passphrase is needed."));
	pthread_mutex_lock(&s->lock);
	int rc = s->child.pid > 0 ? 0 : helper_start(s->program, &s->child, e);
	if (!rc)
		rc = ask(s, HELPER_UNLOCK, f, 2, &none, e);
	if (!rc)
		atomic_store(&s->is_open, true);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int ask_about(struct secret_store *s, enum helper_op op, const struct helper_field *f,
	size_t n, struct secret *value, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	int rc = ask(s, op, f, n, value, e);
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

/* What this side lacks is no reason to end the helper, which the passphrase would have to be given to
 * again. */
int secret_store_branch(struct secret_store *s, int *fd, struct err *e)
{
	int theirs = -1;
	if (helper_branch_socket(fd, &theirs, e))
		return -1;
	pthread_mutex_lock(&s->lock);
	bool is_there = s->child.pid > 0;
	int rc = 0;
	if (!is_there) {
		close(theirs);
		rc = say(s, VAULT_LOCKED, 0, e);
	} else if (helper_branch(&s->child, theirs)) {
		end_child(s, SIGKILL);
		rc = err_set(e, ERR_AUTH,
			_("The sign-in helper broke off: give the passphrase of the saved "
			  "passwords again."));
	}
	pthread_mutex_unlock(&s->lock);
	if (rc)
		close(*fd);
	return rc;
}
