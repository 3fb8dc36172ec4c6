/*
 * secret.c - wiped memory for secrets, and asking the auth helper for what a password command
 * prints. What lies in the encrypted file is asked for in secret_store.c. No logging here at all.
 */
#include "config.h"

#include "crmail/net/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#include "helper.h"

#define SECRET_MAX 65536 /* bytes of an answer */
#define SECRET_DEADLINE_MS 30000

void secret_set(struct secret *s, const char *p, size_t len)
{
	secret_release(s);
	s->p = xmalloc(len + 1);
	memcpy(s->p, p, len);
	s->p[len] = '\0';
	s->len = len;
}

void secret_release(struct secret *s)
{
	if (s->p) {
		explicit_bzero(s->p, s->len);
		free(s->p);
	}
	s->p = NULL;
	s->len = 0;
}

void secret_wipe(char *p, size_t len)
{
	explicit_bzero(p, len);
}

/* Reads until the end, the deadline or the cancel; returns bytes read or -1. */
static ssize_t read_answer(const struct helper_child *c, const struct secret_helper *h, char *out,
	struct err *e)
{
	int64_t end = clock_mono_ms() + (h->deadline_ms > 0 ? h->deadline_ms : SECRET_DEADLINE_MS);
	size_t got = 0;
	for (;;) {
		struct pollfd fds[2] = {
			{.fd = c->from, .events = POLLIN}, {.fd = h->cancel_fd, .events = POLLIN}};
		int64_t left = end - clock_mono_ms();
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_CANCELLED,
				_("The password command did not answer in time."));
		if (fds[1].revents)
			return err_set(e, ERR_CANCELLED, _("Cancelled."));
		ssize_t r = read(c->from, out + got, SECRET_MAX - got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, ERR_IO, errno, _("The sign-in helper broke off"));
		if (r == 0)
			return (ssize_t)got;
		got += (size_t)r;
		if (got == SECRET_MAX)
			return err_set(e, ERR_TOOBIG, _("The password command printed too much."));
	}
}

int secret_ask(const struct secret_helper *h, const struct secret_source *src, struct secret *out,
	struct err *e)
{
	struct helper_child c;
	if (helper_start(h->program, &c, e))
		return -1;
	const struct helper_field command = {src->command, strlen(src->command)};
	int asked = helper_ask(&c, HELPER_COMMAND, &command, 1);
	char *answer = xcalloc(1, SECRET_MAX + 1);
	ssize_t got = asked == 0 ? read_answer(&c, h, answer, e)
				 : err_set(e, ERR_IO, _("The sign-in helper broke off."));
	int status = helper_end(&c, got < 0 ? SIGKILL : 0);
	int rc = got < 0 ? -1 : 0;
	if (!rc && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		rc = err_set(e, ERR_AUTH, _("The password command failed (exit status %d)."),
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	if (!rc) {
		size_t n = strcspn(answer, "\r\n");
		if (n == 0)
			rc = err_set(e, ERR_AUTH, _("The password command printed nothing."));
		else
			secret_set(out, answer, n);
	}
	explicit_bzero(answer, SECRET_MAX);
	free(answer);
	return rc;
}
