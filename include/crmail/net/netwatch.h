/*
 * netwatch.h - hears from the kernel that the machine's network came (an address, a route), so that
 * what waits for it need not look [R9]. Linux rtnetlink (rtnetlink(7)); where it is not to be had,
 * nothing is heard and backoff does alone. One thread.
 */
#ifndef CRMAIL_NETWATCH_H
#define CRMAIL_NETWATCH_H

#include <stdbool.h>
#include <stddef.h>

int netwatch_open(void); /* to be polled for reading, closed with close(); -1 = not to be had */
/* Reads all that is there; true = an address or a route has come since the last call. */
bool netwatch_read(int fd);
/* Whether some of these netlink messages says so. For netwatch_read() and tests. */
bool netwatch_has_come(const void *messages, size_t n);

#endif
