/* ready.h - can the data folder be read as it is? Private to src/store; any thread. */
#ifndef CRMAIL_STORE_READY_H
#define CRMAIL_STORE_READY_H

#include <stdbool.h>

struct store;

/* Both files are there, of this version and made for each other, and nothing is left to be made
 * up for that store_open() makes up for. False also when that cannot be found out. */
bool store_is_ready(struct store *s);

#endif
