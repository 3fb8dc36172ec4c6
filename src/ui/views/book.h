/*
 * book.h - private to the lists of contacts, partners and deals: book_view.c (state and keys),
 * book_paint.c (cells). UI thread.
 */
#ifndef CRMAIL_UI_BOOK_H
#define CRMAIL_UI_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/store/book.h"

#include "ui/editor.h"
#include "ui/view.h"
#include "ui/window.h"

struct book_data {
	enum book book;
	enum book_order order;
	struct window rows;  /* of struct book_row */
	struct editor input; /* the words looked for */
	int64_t total;       /* all rows, words or not */
	bool is_typing;      /* the words have the keyboard */
	bool is_loaded, wants_reload;
};

static inline struct book_data *book_data_of(const struct view *v)
{
	return v->data;
}

bool book_has_words(const struct book_data *d);
int book_first_row(const struct view *v); /* of the rows */
int book_height(const struct view *v);    /* rows on screen */
void book_paint(const struct view *v, const struct draw *d);
const char *book_order_name(enum book_order o); /* translated: "by name" */

#endif
