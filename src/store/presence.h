/*
 * presence.h - who has the data folder open, and whether somebody went without closing it.
 *
 * Each open store is a file in `open/`, locked for as long as its process lives and removed when
 * the store is closed. A file that nobody holds the lock of is what a kill or a power cut left;
 * it becomes `open/unclean`, which stays until the data folder was checked. Any thread.
 */
#ifndef CRMAIL_STORE_PRESENCE_H
#define CRMAIL_STORE_PRESENCE_H

#include <stdbool.h>

struct presence {
	int fd;     /* -1 = none */
	char *path; /* NULL = none */
};
#define PRESENCE_INIT ((struct presence){.fd = -1})

/* Without the folder nothing is noticed, and nothing else changes: no error. */
void presence_begin(struct presence *p, const char *dir);
void presence_end(struct presence *p);
/* Somebody ended without closing, or came upon damage, and nobody has looked since. */
bool presence_is_unclean(const char *dir);
void presence_note_unclean(const char *dir);
void presence_forget_unclean(const char *dir);
/* Some process, this one included, has the folder open. */
bool presence_is_open(const char *dir);

#endif
