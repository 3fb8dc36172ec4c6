/* launch.c - posix_spawn of a viewer, detached, its output going nowhere; and of an editor. */
#include "config.h"

#include "launch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/browse.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

extern char **environ;

static bool has_desktop(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x && *x) || (wayland && *wayland);
}

bool launch_wants_terminal(const char *what)
{
	return !browse_is_url(what) && !has_desktop() && browse_has_program("run-mailcap");
}

bool launch_open(const char *what)
{
	return browse_open(what);
}

static const char *editor_command(void)
{
	static const char *const known[] = {"sensible-editor", "nano", "vim", "vi"};
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (visual && *visual)
		return visual;
	if (editor && *editor)
		return editor;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (browse_has_program(known[i]))
			return known[i];
	return NULL;
}

/* Ctrl-C is the editor's: whoever waits for it must not die of it. */
static void ignore_interrupts(struct sigaction before[2])
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &before[0]);
	sigaction(SIGQUIT, &ignore, &before[1]);
}

/* One that came while it was ignored and blocked is still pending: ignoring it anew forgets it. */
static void heed_interrupts(const struct sigaction before[2])
{
	struct sigaction ignored[2];

	ignore_interrupts(ignored);
	sigaction(SIGINT, &before[0], NULL);
	sigaction(SIGQUIT, &before[1], NULL);
}

static int spawn_shell(const char *command, const char *path, pid_t *pid)
{
	CLEANUP(free_str) char *script = xasprintf("%s \"$@\"", command);
	char *argv[] = {(char *)"sh", (char *)"-c", script, (char *)"sh", (char *)path, NULL};
	posix_spawnattr_t attr;
	sigset_t none, reset;
	int rc;

	sigemptyset(&none);
	sigemptyset(&reset);
	sigaddset(&reset, SIGINT);
	sigaddset(&reset, SIGQUIT);
	sigaddset(&reset, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &reset);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(pid, "/bin/sh", NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static int tell_end(const char *command, int status, struct err *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status) || WEXITSTATUS(status) > 128) /* as a shell tells it */
		return err_set(e, ERR_CANCELLED, "%s",
			_("The editor was stopped: what it had saved is taken."));
	if (WEXITSTATUS(status) == 127)
		/* TRANSLATORS: the placeholder is a command */
		return err_set(e, ERR_NOTFOUND,
			_("The editor cannot be started: %s. Set EDITOR to one that is installed."),
			command);
	return err_set(e, ERR_IO, "%s", _("The editor failed: the text stays as it was."));
}

/* Runs a command line with a file, in the terminal, and waits. An errno, or 0 and *status. */
static int run_in_terminal(const char *command, const char *path, int *status)
{
	struct sigaction before[2];
	pid_t pid;
	int rc;

	ignore_interrupts(before);
	rc = spawn_shell(command, path, &pid);
	while (rc == 0 && waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			rc = errno;
	heed_interrupts(before);
	return rc;
}

int launch_editor(const char *path, struct err *e)
{
	const char *command = editor_command();
	int rc, status = 0;

	if (!command)
		return err_set(e, ERR_NOTFOUND, "%s",
			_("No editor is installed: set EDITOR to the one you like."));
	rc = run_in_terminal(command, path, &status);
	if (rc != 0)
		return err_sys(e, ERR_IO, rc, "%s", _("The editor cannot be started"));
	return tell_end(command, status, e);
}

bool launch_in_terminal(const char *path)
{
	int status = 0;

	return run_in_terminal("run-mailcap --action=view", path, &status) == 0 &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
