/*
 * person.h - one person put together from words of a file, whichever kind it is. Private to
 * src/mail. One thread.
 */
#ifndef CRMAIL_MAIL_PERSON_H
#define CRMAIL_MAIL_PERSON_H

#include "crmail/base/arena.h"
#include "crmail/mail/people.h"

struct person_words {
	const char **v;
	size_t n, cap;
};
struct person_maker {
	struct arena a; /* of one person */
	struct person p;
	struct person_words emails, phones, domains;
	const char *middle;
};
#define PERSON_MAKER_INIT ((struct person_maker){.a = ARENA_INIT_MAX(4 * PEOPLE_MAX_ROW)})
void person_begin(struct person_maker *m, int64_t line);
/* Valid UTF-8 as it stands in the file; empty text says nothing. The first of several wins where
 * there is one of it. is_preferred: before the other addresses. */
void person_add(struct person_maker *m, enum people_field f, const char *text, bool is_preferred);
const struct person *person_end(struct person_maker *m); /* valid until the next begin */
void person_release(struct person_maker *m);

#endif
