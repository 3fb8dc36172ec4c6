/* helper_grant.c - the jobs of a branch of the helper: tokens, from a request to an answer. */
#include "config.h"

#include "helper.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "grant.h"

static int do_grant(const struct grant_place *g, enum helper_op op, char *const *f,
	struct secret *value, struct err *e)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(HELPER_MAX / 2);
	int rc;
	switch ((int)op) {
	case HELPER_TOKEN:
		return grant_token(g, f[0], *f[1] ? f[1] : NULL, value, e);
	case HELPER_REVOKE:
		return grant_revoke(g, f[0], e);
	case HELPER_COPY:
		return grant_copy(g, f[0], f[1], e);
	case HELPER_SWEEP:
		return grant_sweep(g, f[0], e);
	case HELPER_DEVICE:
		rc = grant_device(f[0], &out, e);
		break;
	default:
		rc = grant_get(g, f[0], f[1], &out, e);
		break;
	}
	if (!rc)
		secret_set(value, out.p, out.len);
	secret_wipe(out.p, out.len);
	return rc;
}

/* The time of a job begins with its turn, whatever those before it took. */
static void begin(void)
{
	alarm(HELPER_JOB_S);
}

static bool is_wanted(void)
{
	struct pollfd asker = {.fd = 0, .events = 0};
	return poll(&asker, 1, 0) <= 0 || !(asker.revents & (POLLHUP | POLLERR));
}

/* From here on nobody is answered, and the time of a job does not count. */
static void go_on(const struct err *why)
{
	CLEANUP(secret_release) struct secret said = SECRET_INIT;
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	alarm(0);
	helper_add_err(&said, why);
	IGNORE_RESULT(helper_answer(VAULT_IO, 0, &said), "nobody listens any more");
	if (nowhere >= 0 && (dup2(nowhere, 0) < 0 || dup2(nowhere, 1) < 0))
		close(nowhere);
}

bool helper_do_grant(const char *path, const struct vault_key *key, enum helper_op op,
	char *const *fields, struct secret *value)
{
	struct err e = ERR_INIT;
	struct clock_src *clock = clock_new(NULL);
	const struct grant_place g = {
		path, key, clock, .begun = begin, .is_wanted = is_wanted, .go_on = go_on};
	int rc = do_grant(&g, op, fields, value, &e);
	clock_free(clock);
	if (rc)
		helper_add_err(value, &e);
	return !rc;
}
