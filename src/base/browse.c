/* browse.c - posix_spawn of a browser or a viewer, detached, its output going nowhere. */
#include "config.h"

#include "crmail/base/browse.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/str.h"

extern char **environ;

static bool spawn(const char *program, const char *what)
{
	/* The shell only puts it into the background, so that no zombie is left to wait for. */
	static const char script[] = "\"$1\" \"$2\" >/dev/null 2>&1 </dev/null &";
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, (char *)"sh", (char *)program,
		(char *)what, NULL};
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int rc, status;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	if (rc != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return true;
}

bool browse_has_program(const char *program)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path), dir;

	if (strchr(program, '/'))
		return access(program, X_OK) == 0;
	while (span_next(&rest, ':', &dir)) {
		char full[4096];

		if (dir.len + strlen(program) + 2 > sizeof(full))
			continue;
		memcpy(full, dir.p, dir.len);
		full[dir.len] = '/';
		memcpy(full + dir.len + 1, program, strlen(program) + 1);
		if (access(full, X_OK) == 0)
			return true;
	}
	return false;
}

bool browse_is_url(const char *what)
{
	return str_casestarts(what, "http://") || str_casestarts(what, "https://");
}

bool browse_open(const char *what)
{
	const char *browser = getenv("BROWSER");

	if (browse_is_url(what) && browser && *browser && browse_has_program(browser))
		return spawn(browser, what);
	return browse_has_program("xdg-open") && spawn("xdg-open", what);
}
