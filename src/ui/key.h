/*
 * key.h - keys as the program names them, independent of curses: a code point or a named key, with
 * Alt and Shift where the terminal reports them. Pure; any thread.
 */
#ifndef CRMAIL_UI_KEY_H
#define CRMAIL_UI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

struct buf;

enum key_named { /* above every code point */
	UKEY_NONE = 0x200000,
	UKEY_UP,
	UKEY_DOWN,
	UKEY_LEFT,
	UKEY_RIGHT,
	UKEY_HOME,
	UKEY_END,
	UKEY_PGUP,
	UKEY_PGDN,
	UKEY_ENTER,
	UKEY_ESC,
	UKEY_TAB,
	UKEY_BACKSPACE,
	UKEY_DELETE,
	UKEY_PASTE, /* text of a bracketed paste */
	UKEY_RESIZE,
	UKEY_UNKNOWN,
};

enum key_mods { KEY_ALT = 1, KEY_SHIFT = 2, KEY_CTRL = 4 };

struct key {
	uint32_t code;     /* code point (Ctrl-A is 'a' with KEY_CTRL), or enum key_named */
	unsigned mods;     /* enum key_mods */
	const char *paste; /* UKEY_PASTE: valid until the next key is read */
	size_t paste_len;
};

/* "j", "Ctrl-D", "Alt-S", "Shift-Tab", "PgDn", "Space". Names are those of the manual. */
bool key_parse(const char *name, size_t n, struct key *out) NODISCARD;
void key_add_name(struct buf *out, const struct key *k);
bool key_equal(const struct key *a, const struct key *b);
bool key_is_text(const struct key *k); /* a printable character without Alt and Ctrl */

#endif
