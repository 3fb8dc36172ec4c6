/*
 * sendmail.c - sending through a command with sendmail's interface: `CMD -i -f FROM -- TO...`, the
 * mail on its standard input. The end of that input is what the final dot is for SMTP, and if we
 * die the system ends it for us: so the mail counts as handed over before the command is started.
 * Its exit status (sysexits.h) is the answer.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "crmail/base/argv.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "transport_kinds.h"

extern char **environ;

#define WORDS_MOST 2000 /* of its standard error */
#define FINAL_FACTOR 20
#define CHUNK ((size_t)64 << 10)

struct sendmail {
	struct transport base;
	char *command;
	int deadline_ms;
};

/* One running command. */
struct child {
	pid_t pid;
	int pidfd;   /* readable when it has ended */
	int in, err; /* its standard input, its standard error; -1 = closed */
	struct buf words;
	bool has_left; /* it closed its input or ended before it had the whole mail */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Signals as a fresh process expects them; a group of its own, so that all of it can be ended. */
static void set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attr);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setpgroup(attr, 0);
	posix_spawnattr_setflags(attr,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int spawn(char **argv, int in, int err, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
	set_attributes(&attr);
	int rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void reap(struct child *c, int *status)
{
	while (waitpid(c->pid, status, 0) < 0 && errno == EINTR)
		;
	c->pid = -1;
}

static int start(struct child *c, char **argv, struct err *e)
{
	int in[2] = {-1, -1}, err[2] = {-1, -1}, status;

	*c = (struct child){
		.pid = -1, .pidfd = -1, .in = -1, .err = -1, .words = BUF_INIT(WORDS_MOST)};
	int rc = pipe2(in, O_CLOEXEC) || pipe2(err, O_CLOEXEC) ? errno : 0;
	if (!rc)
		rc = spawn(argv, in[0], err[1], &c->pid);
	close_fd(&in[0]);
	close_fd(&err[1]);
	c->in = in[1];
	c->err = err[0];
	if (!rc && (c->pidfd = pidfd_open(c->pid, 0)) < 0) {
		rc = errno;
		kill(c->pid, SIGKILL);
		reap(c, &status);
	}
	if (!rc && (fcntl(c->in, F_SETFL, O_NONBLOCK) || fcntl(c->err, F_SETFL, O_NONBLOCK)))
		rc = errno;
	if (!rc)
		return 0;
	err_sys(e, ERR_UNSUPPORTED, rc, _("Cannot run the sending command %s"), argv[0]);
	if (rc == EAGAIN || rc == ENOMEM || rc == EMFILE || rc == ENFILE)
		e->retry = RETRY_LATER;
	return -1;
}

static void child_release(struct child *c)
{
	int status;

	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		reap(c, &status);
	}
	close_fd(&c->in);
	close_fd(&c->err);
	close_fd(&c->pidfd);
	buf_release(&c->words);
}

/* What it complains of is kept as far as it fits, and read on so that it never has to wait. */
static void read_words(struct child *c)
{
	char chunk[1024];
	ssize_t n = read(c->err, chunk, sizeof(chunk));

	if (n > 0) {
		size_t room = c->words.max - c->words.len;
		buf_add(&c->words, chunk, (size_t)n < room ? (size_t)n : room);
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		close_fd(&c->err);
	}
}

/* Waits for its input, its complaints, its end or a cancel. 1 = `what` is ready, -1 = *e. */
static int wait_for(struct sendmail *s, struct child *c, int what, short events, int64_t deadline,
	struct err *e)
{
	struct pollfd p[3] = {{.fd = what, .events = events}, {.fd = c->err, .events = POLLIN},
		{.fd = net_cancel_fd(s->base.cancel), .events = POLLIN}};

	for (;;) {
		p[1].fd = c->err;
		int64_t left = deadline - clock_mono_ms();
		int n = poll(p, 3, left < 0 ? 0 : (int)left);
		if (net_cancel_is_set(s->base.cancel))
			return err_set(e, ERR_CANCELLED, _("Cancelled."));
		if (n > 0 && p[1].revents)
			read_words(c);
		if (n > 0 && p[0].revents)
			return 1;
		if (n == 0)
			return err_set(e, ERR_NET, _("The sending command did not end in time."));
	}
}

/* Writes the text; 0 also when the command no longer reads (has_left). */
static int feed(struct sendmail *s, struct child *c, const char *p, size_t n, struct err *e)
{
	while (n && !c->has_left) {
		if (wait_for(s, c, c->in, POLLOUT, clock_mono_ms() + s->deadline_ms, e) < 0)
			return -1;
		ssize_t done = write(c->in, p, n);
		if (done < 0 && errno == EPIPE)
			c->has_left = true;
		else if (done < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(e, ERR_IO, errno, _("Cannot write to the sending command"));
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Commands of this kind take the line ends of the system: CRLF becomes LF. */
static int feed_mail(struct sendmail *s, struct child *c, const struct transport_mail *m,
	struct err *e)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);

	for (size_t i = 0; i < m->len && !c->has_left; i++) {
		if (m->data[i] == '\r' && i + 1 < m->len && m->data[i + 1] == '\n')
			continue;
		buf_addch(&out, m->data[i]);
		if (out.len < CHUNK)
			continue;
		if (feed(s, c, out.p, out.len, e))
			return -1;
		buf_reset(&out);
	}
	return feed(s, c, out.p, out.len, e);
}

static int wait_end(struct sendmail *s, struct child *c, int64_t deadline, int *status,
	struct err *e)
{
	if (wait_for(s, c, c->pidfd, POLLIN, deadline, e) < 0)
		return -1;
	reap(c, status);
	for (int i = 0; i < 4 && c->err >= 0; i++) /* what it said last */
		read_words(c);
	return 0;
}

static void set_all(struct transport_mail *m, enum transport_rcpt state, const char *reply)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		m->rcpts[i].state = state;
		transport_put_reply(m->rcpts[i].reply, sizeof(m->rcpts[i].reply), reply,
			strlen(reply));
	}
}

/* A status that says "not sent, try again", or that the command itself is at fault. */
static int status_err(int code, struct err *e)
{
	err_set(e, ERR_RATE, _("The sending command ended with status %d."), code);
	e->sys = code;
	switch (code) {
	case EX_USAGE:
	case EX_CONFIG:
	case EX_NOINPUT:
	case 126: /* of a shell or env: cannot run */
	case 127: /* not found */
		e->code = ERR_UNSUPPORTED;
		e->retry = RETRY_NEVER;
		break;
	case EX_NOPERM:
		e->code = ERR_AUTH;
		e->retry = RETRY_NEVER;
		break;
	case EX_NOHOST:
		e->code = ERR_NET;
		break;
	default:
		break;
	}
	return -1;
}

static bool is_known_failure(int code)
{
	return (code >= EX__BASE && code <= EX__MAX) || code == 126 || code == 127;
}

/* The verdict of a command that had the whole mail. Only statuses with an agreed meaning count as
 * an answer; of the others nobody knows how far it came. */
static int judge(struct child *c, int status, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	transport_put_reply(out->reply, sizeof(out->reply), c->words.p, c->words.len);
	switch (code) {
	case EX_OK:
		out->verdict = TRANSPORT_SENT;
		set_all(m, TRANSPORT_RCPT_ACCEPTED, "");
		return 0;
	case EX_DATAERR:
	case EX_NOUSER:
	case EX_UNAVAILABLE:
		out->verdict = TRANSPORT_REFUSED;
		set_all(m, TRANSPORT_RCPT_REFUSED, out->reply);
		return 0;
	default:
		break;
	}
	if (is_known_failure(code))
		return status_err(code, e);
	out->verdict = TRANSPORT_UNKNOWN;
	return 0;
}

/* It did not want the whole mail: nothing was handed over, whatever its status. */
static int judge_early(int status, struct err *e)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (is_known_failure(code))
		return status_err(code, e);
	err_set(e, ERR_UNSUPPORTED, _("The sending command ended without reading the mail."));
	e->sys = code;
	return -1;
}

static int hand_over(struct sendmail *s, struct child *c, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct err lost = ERR_INIT;
	int status = 0;

	if (feed_mail(s, c, m, e))
		return -1;
	if (c->has_left) {
		if (wait_end(s, c, clock_mono_ms() + s->deadline_ms, &status, e))
			return -1;
		return judge_early(status, e);
	}
	if (net_cancel_is_set(s->base.cancel))
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	close_fd(&c->in);
	int64_t limit = (int64_t)s->deadline_ms * FINAL_FACTOR;
	if (!wait_end(s, c, clock_mono_ms() + limit, &status, &lost))
		return judge(c, status, m, out, e);
	out->verdict = TRANSPORT_UNKNOWN;
	transport_put_reply(out->reply, sizeof(out->reply), lost.msg, strlen(lost.msg));
	return 0;
}

static int make_argv(const struct sendmail *s, const struct transport_mail *m, struct argv *a,
	struct err *e)
{
	if (!transport_addr_is_usable(m->from))
		return err_set(e, ERR_USAGE, _("The sender's address cannot be used."));
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (!*m->rcpts[i].addr || !transport_addr_is_usable(m->rcpts[i].addr))
			return err_set(e, ERR_USAGE, _("A recipient's address cannot be used."));
	}
	if (!argv_split(s->command, a))
		return err_set(e, ERR_USAGE, _("The sending command cannot be understood."));
	argv_add(a, "-i"); /* a lone dot does not end the mail */
	argv_add(a, "-f");
	argv_add(a, *m->from ? m->from : "<>");
	argv_add(a, "--");
	for (size_t i = 0; i < m->n_rcpts; i++)
		argv_add(a, m->rcpts[i].addr);
	return 0;
}

static int sendmail_send(struct transport *t, struct transport_mail *m,
	struct transport_outcome *out, struct err *e)
{
	struct sendmail *s = (struct sendmail *)t;
	CLEANUP(argv_release) struct argv a = {.v = NULL};
	CLEANUP(child_release)
	struct child c = {
		.pid = -1, .pidfd = -1, .in = -1, .err = -1, .words = BUF_INIT(WORDS_MOST)};

	if (net_cancel_is_set(s->base.cancel))
		return err_set(e, ERR_CANCELLED, _("Cancelled."));
	if (make_argv(s, m, &a, e) || (m->handed && m->handed(m->handed_ctx, e)) ||
		start(&c, a.v, e))
		return -1;
	return hand_over(s, &c, m, out, e);
}

/* Whether the shell's search would find it. */
static bool is_on_path(const char *name)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path ? path : "/usr/bin:/bin"), dir;

	if (strchr(name, '/'))
		return !access(name, X_OK);
	while (span_next(&rest, ':', &dir)) {
		CLEANUP(free_str) char *full = xasprintf("%.*s/%s", (int)dir.len, dir.p, name);
		if (!access(full, X_OK))
			return true;
	}
	return false;
}

static int sendmail_test(struct transport *t, const char *own_addr, struct err *e)
{
	struct sendmail *s = (struct sendmail *)t;
	CLEANUP(argv_release) struct argv a = {.v = NULL};

	if (!transport_addr_is_usable(own_addr))
		return err_set(e, ERR_USAGE, _("The sender's address cannot be used."));
	if (!argv_split(s->command, &a))
		return err_set(e, ERR_USAGE, _("The sending command cannot be understood."));
	if (!is_on_path(a.v[0]))
		return err_set(e, ERR_UNSUPPORTED, _("There is no command %s that can be run."),
			a.v[0]);
	return 0;
}

static int sendmail_open(struct transport **out, const struct transport_conf *c, struct err *e)
{
	CLEANUP(argv_release) struct argv a = {.v = NULL};

	if (!c->command || !argv_split(c->command, &a))
		return err_set(e, ERR_USAGE, _("The sending command cannot be understood."));
	struct sendmail *s = xcalloc(1, sizeof(*s));
	s->command = xstrdup(c->command);
	s->deadline_ms = c->deadline_ms > 0 ? c->deadline_ms : STREAM_DEFAULT_MS;
	*out = &s->base;
	return 0;
}

static void sendmail_close(struct transport *t)
{
	struct sendmail *s = (struct sendmail *)t;

	free(s->command);
	free(s);
}

const struct transport_ops sendmail_ops = {
	.kind = "sendmail",
	.open = sendmail_open,
	.close = sendmail_close,
	.send = sendmail_send,
	.test = sendmail_test,
};
