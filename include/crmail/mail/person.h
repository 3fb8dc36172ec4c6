/*
 * person.h - one person (people.h) put together from a stranger's words, wherever they stand: in
 * a file, or in a service's address book. What people.h promises of the text is seen to here. Pure;
 * a maker belongs to one thread.
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
/* Any bytes up to the NUL; empty text says nothing. The first of several wins where
 * there is one of it. is_preferred: before the other addresses. */
void person_add(struct person_maker *m, enum people_field f, const char *text, bool is_preferred);
const struct person *person_end(struct person_maker *m); /* valid until the next begin */
void person_release(struct person_maker *m);

#endif
