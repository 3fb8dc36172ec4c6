/*
 * browse.h - opening an address or a file in another program, which is left to itself. Any thread;
 * starts a process, waits for none.
 */
#ifndef CRMAIL_BROWSE_H
#define CRMAIL_BROWSE_H

#include <stdbool.h>

/* An http address goes to $BROWSER where that is a program, everything else to xdg-open. False:
 * there is neither. */
bool browse_open(const char *what);
bool browse_is_url(const char *what); /* http or https */
/* A program of that name or path can be run. */
bool browse_has_program(const char *program);

#endif
