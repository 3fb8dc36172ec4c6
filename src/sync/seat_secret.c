/*
 * seat_secret.c - the passphrase of the saved passwords on its way to the process that hosts: typed
 * once on a screen, it opens them for a host without one, too. It goes over the socket between own
 * processes alone, and nothing keeps it.
 */
#include "config.h"

#include "seat_private.h"

#include <string.h>

#include "crmail/base/log.h"
#include "crmail/base/mem.h"

static const char digits[] = "0123456789abcdef";

void seat_hand_passphrase(struct seat *s, const struct secret *pass)
{
	pthread_mutex_lock(&s->lock);
	secret_set(&s->passphrase, pass->p, pass->len);
	pthread_mutex_unlock(&s->lock);
	seat_wake(s);
}

/* A host of our own shares our secrets; without any host the next one asks for itself. */
void seat_say_passphrase(struct seat *s)
{
	CLEANUP(secret_release) struct secret hex = SECRET_INIT;
	pthread_mutex_lock(&s->lock);
	struct secret pass = s->passphrase;
	s->passphrase = SECRET_INIT;
	pthread_mutex_unlock(&s->lock);
	if (s->to_host && pass.len) {
		hex.len = 2 * pass.len;
		hex.p = xcalloc(1, hex.len + 1);
		for (size_t i = 0; i < pass.len; i++) {
			hex.p[2 * i] = digits[(unsigned char)pass.p[i] >> 4];
			hex.p[2 * i + 1] = digits[(unsigned char)pass.p[i] & 15];
		}
		ipc_say(s->to_host, "unlock %s", hex.p);
	}
	secret_release(&pass);
}

static bool read_hex(const char *hex, struct secret *out)
{
	size_t n = strlen(hex);
	out->len = n / 2;
	out->p = xcalloc(1, out->len + 1);
	for (size_t i = 0; i < n; i++) {
		const char *digit = strchr(digits, hex[i]);
		if (!digit)
			return false;
		out->p[i / 2] = (char)(out->p[i / 2] << 4 | (digit - digits));
	}
	return n > 0 && n % 2 == 0;
}

/* Takes the half second of a passphrase; that a host without a screen could not sign in until now
 * took longer. */
void peers_take_passphrase(struct seat *s, const char *hex)
{
	CLEANUP(secret_release) struct secret pass = SECRET_INIT;
	struct secret_store *store = s->o.host.secrets;
	struct err e = ERR_INIT;
	if (!store || secret_store_state(store) != SECRET_STORE_LOCKED || !read_hex(hex, &pass))
		return;
	if (secret_store_unlock(store, &pass, &e)) {
		log_line(LOG_WARN, "seat", "saved passwords stay locked: %s",
			err_code_name(e.code));
		return;
	}
	host_sync_now(s->host, 0); /* a kick does not hurry what was refused */
}
