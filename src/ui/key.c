/* key.c - names of keys, both ways. */
#include "config.h"

#include "key.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

static const struct {
	const char *name;
	uint32_t code;
} names[] = {
	{"Up", UKEY_UP},
	{"Down", UKEY_DOWN},
	{"Left", UKEY_LEFT},
	{"Right", UKEY_RIGHT},
	{"Home", UKEY_HOME},
	{"End", UKEY_END},
	{"PgUp", UKEY_PGUP},
	{"PgDn", UKEY_PGDN},
	{"Enter", UKEY_ENTER},
	{"Esc", UKEY_ESC},
	{"Tab", UKEY_TAB},
	{"Backspace", UKEY_BACKSPACE},
	{"Del", UKEY_DELETE},
	{"Space", ' '},
};

static const struct {
	const char *name;
	unsigned mod;
} mods[] = {{"Ctrl-", KEY_CTRL}, {"Alt-", KEY_ALT}, {"Shift-", KEY_SHIFT}};

bool key_parse(const char *name, size_t n, struct key *out)
{
	struct key k = {.code = UKEY_NONE};
	struct span s = {name, n};

	for (size_t i = 0; i < ARRAY_SIZE(mods); i++) {
		size_t len = strlen(mods[i].name);

		if (s.len > len && memcmp(s.p, mods[i].name, len) == 0) {
			k.mods |= mods[i].mod;
			s.p += len;
			s.len -= len;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_eq(s, names[i].name))
			k.code = names[i].code;
	if (k.code == UKEY_NONE && (s.len == 0 || utf8_decode(s.p, s.len, &k.code) != s.len))
		return false;
	if (k.mods & (KEY_CTRL | KEY_ALT) && k.code < 0x80)
		k.code = (uint32_t)(unsigned char)ascii_lower((char)k.code);
	*out = k;
	return true;
}

void key_add_name(struct buf *out, const struct key *k)
{
	char c[4];

	for (size_t i = 0; i < ARRAY_SIZE(mods); i++)
		if (k->mods & mods[i].mod)
			buf_addstr(out, mods[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].code == k->code) {
			buf_addstr(out, names[i].name);
			return;
		}
	if (k->code >= UKEY_NONE)
		return;
	if (k->mods & (KEY_CTRL | KEY_ALT) && k->code >= 'a' && k->code <= 'z')
		buf_addch(out, (char)(k->code - 'a' + 'A'));
	else
		buf_add(out, c, utf8_encode(k->code, c));
}

bool key_equal(const struct key *a, const struct key *b)
{
	return a->code == b->code && a->mods == b->mods;
}

bool key_is_text(const struct key *k)
{
	return k->code < UKEY_NONE && k->code >= 0x20 && k->code != 0x7f &&
	       !(k->mods & (KEY_ALT | KEY_CTRL));
}
