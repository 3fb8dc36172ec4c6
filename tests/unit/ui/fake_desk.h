/*
 * fake_desk.h - takes orders about accounts and answers what the test wants: at once, or when told.
 */
#ifndef CRMAIL_TEST_FAKE_DESK_H
#define CRMAIL_TEST_FAKE_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/desk.h"
#include "crmail/ui/ui.h"

struct event_set;

struct fake_desk {
	struct event_set *events;
	enum desk_secrets secrets;
	enum desk_keyring keyring;
	bool is_slow; /* stays at answer.step until fake_desk_finish() */
	struct desk_answer answer;
	/* The last order. */
	int64_t number;
	enum desk_kind kind;
	int64_t account, crm;
	char words[DESK_WORDS_MAX][2][128];
	size_t n_words;
	bool has_profiles;             /* there are CRMs to connect */
	char v[DESK_FIELD_COUNT][128]; /* "" = not given */
	bool is_withdrawn;
	char pasted[256];
	/* DESK_FIND, which is counted apart. */
	struct offers offers; /* the answer */
	bool finds_slowly;    /* until fake_desk_find() */
	int64_t find;         /* number of the last one */
	char sought[128];     /* its address */
	bool is_find_withdrawn;
};

void fake_desk_hook(struct fake_desk *d, struct event_set *events, struct ui_hooks *hooks);
void fake_desk_finish(struct fake_desk *d);
void fake_desk_find(struct fake_desk *d);
void fake_desk_fail(struct fake_desk *d, enum desk_field field, const char *why);

#endif
