/* launch.h - starts the desktop's program for a URL or file, without a terminal and without
 * waiting. UI thread. */
#ifndef CRMAIL_UI_LAUNCH_H
#define CRMAIL_UI_LAUNCH_H

#include <stdbool.h>

/* $BROWSER for URLs, else xdg-open. `what` is one argument of a program, never seen by a shell. */
bool launch_open(const char *what);

#endif
