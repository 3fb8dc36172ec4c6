/*
 * order.h - an order about accounts that a view waits for (base/desk.h): given, followed, stopped,
 * and what is said about its end. UI thread.
 */
#ifndef CRMAIL_UI_ORDER_H
#define CRMAIL_UI_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/desk.h"

struct event;
struct ui;

struct order {
	int64_t number; /* 0 = none is waited for */
	enum desk_step step;
};

/* False: it could not be given, and the message line says why. */
bool order_give(struct order *o, struct ui *ui, const struct desk_order *what);
/* True: it is done, and *out says how; the order is then none. Call it for every event. */
bool order_follow(struct order *o, struct ui *ui, const struct event *ev, struct desk_answer *out);
void order_stop(struct order *o, struct ui *ui); /* nobody waits any more */
/* "Testing reading…" */
const char *order_says(const struct order *o);

#endif
