/*
 * seat.h - a process's seat at a data folder [R46]: it hosts, or it stands beside the process that
 * does and takes over when that one ends, however it ends. One thread of its own owns the host
 * while there is one, the socket, and the connections.
 *
 * Through the socket go kicks and wishes to the host, and to everybody what anybody changed:
 * events are the same words in every process (but for tickets). A seat taps the event set of its
 * process, so whoever writes to the store needs to do nothing about it.
 *
 * seat_open, seat_close, seat_host, seat_pause, seat_resume: one thread. The rest: any thread,
 * return at once.
 */
#ifndef CRMAIL_SEAT_H
#define CRMAIL_SEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/sync/host.h"

struct ask;
struct event_set;
struct seat;
struct secret;

struct seat_options {             /* borrowed for the seat's life */
	struct host_options host; /* store and events are needed; on_news is the seat's own */
	const char *runtime_dir;  /* the socket's folder, 0700; made when absent */
	/* The caller runs host_pass() on seat_host() itself. Somebody else hosting is then
	 * ERR_CONFLICT. */
	bool is_once;
};

/* Hosts when nobody does, else joins. */
int seat_open(struct seat **out, const struct seat_options *o, struct err *e) NODISCARD;
/* What was written is committed and told; then the host, if it is ours, stops and the next one may
 * take over. NULL is fine. */
void seat_close(struct seat *s);
struct host *seat_host(struct seat *s); /* with is_once */
/* This process is about to stand still (Ctrl-Z): somebody else may host until it goes on. */
void seat_pause(struct seat *s);
void seat_resume(struct seat *s);

void seat_kick(struct seat *s, int64_t account);     /* durable work is waiting; 0 = all */
void seat_sync_now(struct seat *s, int64_t account); /* pull everything now; 0 = all */
void seat_want_body(struct seat *s, int64_t message);
/* To the process that hosts, if that is another one: it opens the saved passwords for itself. The
 * copy is wiped once it was sent. */
void seat_hand_passphrase(struct seat *s, const struct secret *pass);
/* Other processes stay at the data folder when we leave: what waits goes on with them. */
bool seat_is_shared(struct seat *s);
/* One line about long work, wherever it is done; false = none. */
bool seat_progress(struct seat *s, char *out, size_t size);

/* See base/ask.h. What was asked is asked again when another process takes over; what was
 * cancelled has no answer. 0 = cannot be asked here, or too much is asked already. */
int64_t seat_ask(struct seat *s, const struct ask *what);
bool seat_answer(struct seat *s, int64_t number, struct err *e);
void seat_cancel(struct seat *s, int64_t number);

/* ---- for processes that do one thing and end ---- */

/* Asks whoever hosts for a pass and waits for its report (report.h; caller frees *report with
 * free()). 0 with NULL: nobody hosts, or it ended meanwhile: the lock may be free now. */
int seat_borrow_pass(const char *data_dir, char **report, struct err *e) NODISCARD;
/* Tells whoever hosts what this process posted to `events`, which it drains. */
void seat_tell(const char *data_dir, struct event_set *events);
/* Asks whoever hosts, if anybody does, to look at an account now, also where it was refused
 * before. */
void seat_hurry(const char *data_dir, int64_t account);

#endif
