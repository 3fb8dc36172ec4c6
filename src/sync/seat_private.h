/*
 * seat_private.h - what the files of the seat share: seat.c (the calls of others, the thread, who
 * hosts), seat_peers.c (the host's side of the socket), seat_guest.c (the other side), seat_line.c
 * (what a line means).
 */
#ifndef CRMAIL_SEAT_PRIVATE_H
#define CRMAIL_SEAT_PRIVATE_H

#include <pthread.h>

#include "crmail/base/ask.h"
#include "crmail/base/event.h"
#include "crmail/net/ipc.h"
#include "crmail/net/secret.h"
#include "crmail/sync/seat.h"

#include "progress.h"

enum {
	SEAT_NOTES = 64,     /* wishes that wait for the thread; more of them become "everything" */
	SEAT_ASKS = 16,      /* questions without an answer, or with one not taken */
	SEAT_PEERS = 32,     /* processes beside a host */
	SEAT_PEER_ASKS = 64, /* their questions */
	PEER_LINE_MAX = 4096,
	EVENTS_A_TURN = 64,
};

enum note_kind { NOTE_KICK, NOTE_SYNC_NOW, NOTE_WANT_BODY };

struct note {
	enum note_kind kind;
	int64_t id;
};

struct seat_ask {
	int64_t number;  /* 0 = free */
	struct ask what; /* its text is owned */
	bool is_posted, is_answered;
	struct err answer;
};

struct peer {
	struct ipc *ipc;
	struct event_set *events; /* not sent yet: bounded, however slowly it reads */
	int64_t serial;
	int64_t pass; /* its pass is in the report of this number; 0 = waits for none */
};

struct peer_ask {
	int64_t number; /* ours; 0 = free */
	int64_t serial; /* whose */
	int64_t theirs;
};

struct seat {
	struct seat_options o;
	pthread_t thread;
	bool is_running;
	int net_fd; /* hears of the network; -1 = deaf */
	int wake_fd;
	struct event_set *tap; /* what this process did */

	pthread_mutex_t lock; /* guards what follows up to the thread's own */
	bool must_stop;
	struct note notes[SEAT_NOTES];
	size_t n_notes;
	struct seat_ask asks[SEAT_ASKS];
	int64_t next_number;
	int64_t done, total; /* bodies fetched and wanted */
	struct progress progress;
	struct secret passphrase; /* to be handed to the host */
	bool is_shared;

	/* the thread's own */
	struct host *host; /* NULL = another process hosts, or nobody does yet */
	int listen_fd;
	char *socket; /* path while we listen */
	struct peer peers[SEAT_PEERS];
	size_t n_peers;
	struct peer_ask peer_asks[SEAT_PEER_ASKS];
	int64_t next_serial;
	struct ipc *to_host; /* NULL = we host, or nobody answers yet */
	int64_t retry_at;    /* monotonic ms: when to try again to host or to join; 0 = settled */
	int64_t retry_pause; /* ms */
	int64_t wanted_body; /* asked for and not come yet */
};

/* ---- seat.c ---- */
/* What somebody else did: shown here. */
void seat_learn(struct seat *s, const struct event *ev);
void seat_learn_anything(struct seat *s); /* some of it may have been missed */
void seat_set_counts(struct seat *s, int64_t done, int64_t total);
void seat_keep_answer(struct seat *s, int64_t number, const struct err *e);
int64_t seat_new_number(struct seat *s);
void seat_wake(void *seat);

/* ---- seat_secret.c ---- */
void seat_say_passphrase(struct seat *s); /* what was left to be handed over */
void peers_take_passphrase(struct seat *s, const char *hex);

/* ---- seat_peers.c: only while s->host ---- */
void peers_listen(struct seat *s);
void peers_hide(struct seat *s); /* nobody new finds us; the lock must still be ours */
void peers_close(struct seat *s);
void peers_accept(struct seat *s);
void peers_pump(struct seat *s, size_t i); /* its descriptor is ready; the peer may go */
void peers_flush(struct seat *s);          /* events to whoever has taken what came before */
void peers_tell(struct seat *s, const struct event *ev, int64_t except); /* serial; 0 = all */
void peers_tell_counts(struct seat *s, int64_t done, int64_t total);
void peers_collect(struct seat *s); /* answers and reports of the host, to whom they belong */
/* Rows of accounts or CRMs changed: workers come and go with them. */
void peers_note_rows(struct seat *s, const struct event *ev);

/* ---- seat_guest.c: only while s->to_host ---- */
/* -1: nobody answers there. */
int guest_join(struct seat *s) NODISCARD;
void guest_leave(struct seat *s);
int guest_pump(struct seat *s) NODISCARD; /* -1: the host has gone */
void guest_note(struct seat *s, const struct note *n);
void guest_ask(struct seat *s, const struct seat_ask *a);
void guest_flush(struct seat *s); /* what this process did, to the host */

/* ---- seat_line.c ---- */
/* The next word of a line, cut off in place; NULL at the end. */
char *line_word(char **rest) NODISCARD;
/* `n` numbers and nothing else. */
bool line_numbers(char *rest, int64_t *v, size_t n) NODISCARD;
void line_say_event(struct ipc *c, const struct event *ev);
bool line_read_event(char *rest, struct event *ev) NODISCARD;
const char *line_ask_word(enum ask_kind kind); /* NULL = not to be asked of another process */
bool line_ask_kind(const char *word, enum ask_kind *out) NODISCARD;
/* Cut to size, without what a line has no place for: a query that was pasted, a sentence with what
 * a server said. */
#define ASK_TEXT_MAX 1024
void line_copy_text(char *out, size_t size, const char *text);
void line_say_answer(struct ipc *c, int64_t number, const struct err *e);
bool line_read_answer(char *rest, int64_t *number, struct err *e) NODISCARD;

#endif
