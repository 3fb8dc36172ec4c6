/* entry.c - the names of saved secrets: where they lie, and whose they are. */
#include "config.h"

#include "crmail/base/entry.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define KEYRING "keyring:"
#define CRM_TOKEN "crm-token-"

bool entry_is_in_keyring(const char *name)
{
	return name && str_starts(name, KEYRING);
}

/* Up to the last character that is whole. */
static int length_of(const char *whose)
{
	size_t n = strlen(whose);
	if (n <= ENTRY_WHOSE)
		return (int)n;
	n = ENTRY_WHOSE;
	while (n && ((unsigned char)whose[n] & 0xC0) == 0x80)
		n--;
	return (int)n;
}

void entry_name(char out[ENTRY_MAX], bool in_keyring, const char *whose, const char *id)
{
	if (in_keyring)
		snprintf(out, ENTRY_MAX, KEYRING "%.*s:%.40s", length_of(whose), whose, id);
	else
		snprintf(out, ENTRY_MAX, "%.40s", id);
}

/* The last part; whose may hold colons. */
static const char *id_of(const char *name)
{
	const char *colon = entry_is_in_keyring(name) ? strrchr(name, ':') : NULL;
	return colon ? colon + 1 : name;
}

bool entry_is_copy(const char *a, const char *b)
{
	return entry_is_in_keyring(a) != entry_is_in_keyring(b) && !strcmp(id_of(a), id_of(b));
}

static struct span whose_of(const char *name)
{
	size_t skip = strlen(KEYRING), n = (size_t)(id_of(name) - name);
	return n > skip ? (struct span){name + skip, n - skip - 1} : (struct span){"", 0};
}

void entry_name_beside(char out[ENTRY_MAX], const char *beside, const char *id)
{
	char whose[ENTRY_MAX];
	struct span w = beside ? whose_of(beside) : (struct span){"", 0};
	snprintf(whose, sizeof whose, "%.*s", (int)w.len, w.p);
	entry_name(out, entry_is_in_keyring(beside), whose, id);
}

void entry_name_elsewhere(char out[ENTRY_MAX], const char *name, const char *whose)
{
	entry_name(out, !entry_is_in_keyring(name), whose, id_of(name));
}

const char *entry_kind(const char *name)
{
	const char *id = id_of(name), *dot = strrchr(id, '.');
	if (str_starts(id, CRM_TOKEN) || (dot && !strcmp(dot, ".refresh")))
		return _("refresh token");
	return dot && !strcmp(dot, ".access") ? _("access token") : _("password");
}

void entry_label(char *out, size_t size, const char *name)
{
	struct span whose = whose_of(name);
	if (whose.len)
		/* TRANSLATORS: in a list of passwords: "password", "refresh token" or "access
		 * token", and an address or the name of a CRM. */
		snprintf(out, size, _("crmail: %s of %.*s"), entry_kind(name), (int)whose.len,
			whose.p);
	else
		snprintf(out, size, "crmail: %s", entry_kind(name));
}
