/* relay_letter.h - which mails a relay can carry. Pure; private to src/provider. */
#ifndef CRMAIL_RELAY_LETTER_H
#define CRMAIL_RELAY_LETTER_H

#include "crmail/provider/relay.h"
#include "crmail/provider/transport.h"

struct arena;

/* Takes the mail apart; results live in the arena. ERR_UNSUPPORTED: one sentence says what it holds
 * that a relay cannot carry. */
int relay_letter_make(struct arena *a, const struct transport_mail *m, struct relay_letter *out,
	struct err *e) NODISCARD;
/* The key of a letter; recipients in any order and case. */
void relay_letter_key(const char *const *to, size_t n, const char *subject, char out[65]);

#endif
