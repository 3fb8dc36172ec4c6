/* launch.h - starts other programs: the desktop's for a URL or file, without a terminal and without
 * waiting; the user's editor, with the terminal. UI thread. */
#ifndef CRMAIL_UI_LAUNCH_H
#define CRMAIL_UI_LAUNCH_H

#include <stdbool.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

/* $BROWSER for URLs, else xdg-open. `what` is one argument of a program, never seen by a shell. */
bool launch_open(const char *what);
/* Without a desktop a file is shown by what mailcap names for it (RFC 1524), in this terminal. */
bool launch_wants_terminal(const char *what);
bool launch_in_terminal(const char *path); /* waits; the caller has left the terminal to it */
/* $VISUAL, else $EDITOR, else one that is there; a command line, as everywhere. Waits. The caller
 * has left the terminal to it. ERR_CANCELLED: ended by a signal; other errors: not started, or it
 * said that it failed. */
int launch_editor(const char *path, struct err *e) NODISCARD;

#endif
