/*
 * fake_book.c - lists and timelines for tests that have the fake store: nobody stands in one. They
 * are looked at over a real store (test_timelines.c).
 */
#include "config.h"

#include "crmail/store/book.h"
#include "crmail/store/timeline.h"
#include "fake_store.h"

int book_read(struct store_reader *r, struct arena *a, const struct book_spec *spec,
	const struct book_key *from, bool back, size_t limit, struct book_page *out, struct err *e)
{
	(void)r;
	(void)a;
	(void)spec;
	(void)from;
	(void)back;
	(void)limit;
	(void)e;
	*out = (struct book_page){.reached = {.t = ""}, .is_end = true};
	return 0;
}

int book_count(struct store_reader *r, enum book b, int64_t *out, struct err *e)
{
	(void)r;
	(void)b;
	(void)e;
	*out = 0;
	return 0;
}

bool book_has_order(enum book b, enum book_order o)
{
	(void)b;
	return o == BOOK_BY_NAME;
}

int book_get(struct store_reader *r, struct arena *a, enum book b, int64_t id,
	struct book_row **out, struct err *e)
{
	(void)r;
	(void)a;
	(void)b;
	(void)id;
	(void)e;
	*out = NULL;
	return 0;
}

int timeline_read(struct store_reader *r, struct arena *a, const struct timeline_spec *spec,
	const struct timeline_key *from, bool newer, size_t limit, struct timeline_items *out,
	struct err *e)
{
	(void)r;
	(void)a;
	(void)spec;
	(void)from;
	(void)newer;
	(void)limit;
	(void)e;
	*out = (struct timeline_items){.is_end = true};
	return 0;
}

int timeline_find_people(struct store_reader *r, struct arena *a, const char *text,
	struct timeline_people *out, struct err *e)
{
	(void)r;
	(void)a;
	(void)text;
	(void)e;
	*out = (struct timeline_people){"[]", "[]"};
	return 0;
}

int timeline_text_get(struct store_reader *r, struct arena *a, int64_t activity,
	struct timeline_text **out, struct err *e)
{
	(void)r;
	(void)a;
	(void)activity;
	(void)e;
	*out = NULL;
	return 0;
}

int64_t timeline_hide(struct store *s, int64_t thread, int64_t *group)
{
	(void)s;
	(void)thread;
	*group = 1;
	return 0;
}

int64_t timeline_unhide(struct store *s, int64_t thread)
{
	(void)s;
	(void)thread;
	return 0;
}

int64_t timeline_hide_undo(struct store *s, int64_t group)
{
	(void)s;
	(void)group;
	return 0;
}

int user_list(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct user_row **out, size_t *n, struct err *e)
{
	(void)r;
	(void)a;
	(void)crm;
	(void)limit;
	(void)e;
	*out = NULL;
	*n = 0;
	return 0;
}
