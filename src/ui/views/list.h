/*
 * list.h - private to the list's files: list_view.c (data, titles, painting) and list_keys.c (what
 * keys do). UI thread.
 */
#ifndef CRMAIL_UI_LIST_H
#define CRMAIL_UI_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/store/message.h"

#include "card.h"
#include "preview.h"
#include "sidebar.h"
#include "tree.h"
#include "ui/rows.h"
#include "ui/view.h"
#include "views.h"

enum pane { PANE_LIST, PANE_SIDEBAR };

struct list_data {
	struct list_spec spec;
	char title[256];
	struct rows rows;
	struct sidebar sidebar;
	struct card card;
	struct preview preview;
	struct tree tree; /* of the expanded conversation */
	int64_t card_thread;
	enum pane pane;
	bool is_loaded, wants_reload, wants_sidebar;
	int64_t sidebar_at_ms; /* when it was read last */
};

static inline struct list_data *list_data_of(const struct view *v)
{
	return v->data;
}

void list_set_place(struct list_data *d, const struct list_args *a);
int list_load(struct view *v, struct err *e); /* the place's rows, unless they are there */
int list_height(const struct view *v);        /* conversations on screen */
enum view_result list_action(struct view *v, enum action act);

#endif
