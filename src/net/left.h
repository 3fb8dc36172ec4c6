/*
 * left.h - names of saved secrets that may be left behind [R4]: each is noted before it is saved
 * for a row that is not written yet, and before the row that names it goes; whoever is killed in
 * between, or finds the keyring locked, leaves a note. What lies in the keyring could not be told
 * otherwise from what other data folders keep there. A file of lines beside the encrypted one;
 * names are no secrets. Any thread of any process; blocking.
 */
#ifndef CRMAIL_NET_LEFT_H
#define CRMAIL_NET_LEFT_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

enum left_kind {
	LEFT_SAVED = 's', /* a row may come to name it yet */
	LEFT_ENDED = 'e'  /* the row that named it goes */
};

struct left {
	enum left_kind kind;
	int64_t at; /* UTC seconds */
	const char *name;
};

/* Durable; takes the place of an earlier note of that name. path: of the encrypted file. */
int left_note(const char *path, const struct left *l, struct err *e) NODISCARD;
int left_strike(const char *path, const char *name, struct err *e) NODISCARD;
/* name NULL = any. What cannot be read is taken for none. */
bool left_has(const char *path, const char *name);
int left_each(const char *path, void (*visit)(void *ctx, const struct left *l), void *ctx,
	struct err *e) NODISCARD;

#endif
