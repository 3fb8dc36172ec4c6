/*
 * entry.h - names of saved secrets. A name says where its secret lies, so that it is asked for
 * there and nowhere else, whatever is preferred by now: "keyring:WHOSE:ID" lies in the desktop's
 * keyring, "ID" in the encrypted file. WHOSE is for people who look into the keyring: an address,
 * the name of a CRM. A grant's tokens are "NAME.refresh" and "NAME.access". Any thread.
 */
#ifndef CRMAIL_ENTRY_H
#define CRMAIL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#define ENTRY_ID 24    /* bytes of an ID that is drawn by lot */
#define ENTRY_MAX 160  /* bytes of a name, with the final 0 */
#define ENTRY_WHOSE 96 /* bytes of WHOSE at most; a longer one is cut */

bool entry_is_in_keyring(const char *name); /* NULL is in no keyring */
/* Whether they name the same secret in the two places. */
bool entry_is_copy(const char *a, const char *b);
/* Makes a name. whose "" = nobody's. */
void entry_name(char out[ENTRY_MAX], bool in_keyring, const char *whose, const char *id);
/* The name of another secret of the same person or CRM, in the same place; beside NULL = the
 * file. */
void entry_name_beside(char out[ENTRY_MAX], const char *beside, const char *id);
/* The same secret's name in the other place; whose is for the keyring. */
void entry_name_elsewhere(char out[ENTRY_MAX], const char *name, const char *whose);
/* What the keyring shows: "crmail: refresh token of WHOSE". */
void entry_label(char *out, size_t size, const char *name);
const char *entry_kind(const char *name); /* "password", "refresh token", "access token" */

#endif
