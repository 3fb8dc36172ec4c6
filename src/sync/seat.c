/*
 * seat.c - who hosts, and the thread that finds out; the calls of other threads, which only leave
 * notes for it.
 */
#include "config.h"

#include "seat_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/net/netwatch.h"
#include "crmail/store/store.h"

enum {
	RETRY_FIRST_MS = 50, /* a host that dies lets go of the lock and the socket in some order */
	RETRY_MOST_MS = 2000,
	GOODBYE_MS = 2000, /* for the host to take what a leaving guest did last */
};

enum poll_slot { POLL_WAKE, POLL_TAP, POLL_NET, POLL_SOCKET, POLL_PEERS };

/* ---- other threads --------------------------------------------------------------------------- */

void seat_wake(void *seat)
{
	const struct seat *s = seat;
	const uint64_t one = 1;
	IGNORE_RESULT(write(s->wake_fd, &one, sizeof one) < 0, "full means it is awake already");
}

/* Called with the lock held. Too many different wishes become one that covers them. */
static void add_note(struct seat *s, enum note_kind kind, int64_t id)
{
	for (size_t i = 0; i < s->n_notes; i++)
		if (s->notes[i].kind == kind && (s->notes[i].id == id))
			return;
	if (s->n_notes == SEAT_NOTES) {
		s->n_notes = 0;
		add_note(s, NOTE_KICK, 0);
		add_note(s, NOTE_SYNC_NOW, 0);
	}
	s->notes[s->n_notes++] = (struct note){kind, id};
}

static void leave_note(struct seat *s, enum note_kind kind, int64_t id)
{
	pthread_mutex_lock(&s->lock);
	add_note(s, kind, id);
	pthread_mutex_unlock(&s->lock);
	seat_wake(s);
}

void seat_kick(struct seat *s, int64_t account)
{
	leave_note(s, NOTE_KICK, account);
}

void seat_sync_now(struct seat *s, int64_t account)
{
	leave_note(s, NOTE_SYNC_NOW, account);
}

void seat_want_body(struct seat *s, int64_t message)
{
	leave_note(s, NOTE_WANT_BODY, message);
}

bool seat_is_shared(struct seat *s)
{
	pthread_mutex_lock(&s->lock);
	bool is_shared = s->is_shared;
	pthread_mutex_unlock(&s->lock);
	return is_shared;
}

bool seat_progress(struct seat *s, char *out, size_t size)
{
	pthread_mutex_lock(&s->lock);
	progress_note(&s->progress, clock_mono_ms(), s->done, s->total);
	bool is_running = progress_line(&s->progress, out, size);
	pthread_mutex_unlock(&s->lock);
	return is_running;
}

int64_t seat_new_number(struct seat *s)
{
	pthread_mutex_lock(&s->lock);
	int64_t number = ++s->next_number;
	pthread_mutex_unlock(&s->lock);
	return number;
}

/* Called with the lock held; number 0 finds a free place. */
static struct seat_ask *find_ask(struct seat *s, int64_t number)
{
	for (size_t i = 0; i < SEAT_ASKS; i++)
		if (s->asks[i].number == number)
			return &s->asks[i];
	return NULL;
}

static void forget_ask(struct seat_ask *a)
{
	free((char *)a->what.text);
	*a = (struct seat_ask){.number = 0};
}

int64_t seat_ask(struct seat *s, const struct ask *what)
{
	int64_t number = 0;
	pthread_mutex_lock(&s->lock);
	struct seat_ask *a = find_ask(s, 0);
	if (a) {
		number = ++s->next_number;
		*a = (struct seat_ask){.number = number, .what = *what};
		a->what.text = what->text ? xstrdup(what->text) : NULL;
	}
	pthread_mutex_unlock(&s->lock);
	seat_wake(s);
	return number;
}

bool seat_answer(struct seat *s, int64_t number, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	struct seat_ask *a = number ? find_ask(s, number) : NULL;
	bool is_there = a && a->is_answered;
	if (is_there) {
		*e = a->answer;
		forget_ask(a);
	}
	pthread_mutex_unlock(&s->lock);
	return is_there;
}

/* Whoever works on it is not stopped: its answer finds nobody. */
void seat_cancel(struct seat *s, int64_t number)
{
	pthread_mutex_lock(&s->lock);
	struct seat_ask *a = number ? find_ask(s, number) : NULL;
	if (a)
		forget_ask(a);
	pthread_mutex_unlock(&s->lock);
}

/* ---- what the thread does for them ----------------------------------------------------------- */

void seat_learn(struct seat *s, const struct event *ev)
{
	if (ev->type == EV_BODY && ev->arg == s->wanted_body)
		s->wanted_body = 0;
	event_deliver(s->o.host.events, ev);
}

void seat_learn_anything(struct seat *s)
{
	for (int type = EV_MESSAGES; type <= EV_CRM; type++)
		seat_learn(s, &(struct event){.type = (enum event_type)type, .count = 1});
}

void seat_set_counts(struct seat *s, int64_t done, int64_t total)
{
	pthread_mutex_lock(&s->lock);
	bool is_new = s->done != done || s->total != total;
	s->done = done;
	s->total = total;
	pthread_mutex_unlock(&s->lock);
	if (!is_new)
		return;
	event_deliver(s->o.host.events, &(struct event){.type = EV_PROGRESS, .count = 1});
	if (s->host)
		peers_tell_counts(s, done, total);
}

void seat_keep_answer(struct seat *s, int64_t number, const struct err *e)
{
	pthread_mutex_lock(&s->lock);
	struct seat_ask *a = find_ask(s, number);
	if (a) {
		a->is_answered = true;
		a->answer = *e;
	}
	pthread_mutex_unlock(&s->lock);
	if (a)
		event_deliver(s->o.host.events,
			&(struct event){.type = EV_REPLY, .arg = number, .count = 1});
}

/* Without a host the note is not lost: the next one begins with everything that waits. */
static void do_note(struct seat *s, const struct note *n)
{
	if (n->kind == NOTE_WANT_BODY)
		s->wanted_body = n->id;
	if (s->to_host)
		guest_note(s, n);
	if (!s->host)
		return;
	if (n->kind == NOTE_KICK)
		host_kick(s->host, n->id);
	else if (n->kind == NOTE_SYNC_NOW)
		host_sync_now(s->host, n->id);
	else
		host_want_body(s->host, n->id);
}

static void do_ask(struct seat *s, const struct seat_ask *a)
{
	if (s->host)
		host_ask(s->host, a->number, &a->what);
	else if (s->to_host)
		guest_ask(s, a);
}

/* The oldest question that nobody works on, as a copy with a text of its own; false = none. */
static bool take_ask(struct seat *s, struct seat_ask *out)
{
	struct seat_ask *oldest = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < SEAT_ASKS; i++) {
		struct seat_ask *a = &s->asks[i];
		if (a->number && !a->is_posted && !a->is_answered &&
			(!oldest || a->number < oldest->number))
			oldest = a;
	}
	if (oldest) {
		oldest->is_posted = true;
		*out = *oldest;
		out->what.text = oldest->what.text ? xstrdup(oldest->what.text) : NULL;
	}
	pthread_mutex_unlock(&s->lock);
	return oldest;
}

/* In the order they were asked; without a host they wait for the next one. */
static void post_asks(struct seat *s)
{
	struct seat_ask a;
	while ((s->host || s->to_host) && take_ask(s, &a)) {
		do_ask(s, &a);
		free((char *)a.what.text);
	}
}

/* As the host: to those beside it. */
static void tell_own_news(struct seat *s)
{
	struct event ev[EVENTS_A_TURN];
	size_t n;
	while ((n = event_drain(s->tap, ev, ARRAY_SIZE(ev))) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (ev[i].type == EV_BODY && ev[i].arg == s->wanted_body)
				s->wanted_body = 0;
			peers_tell(s, &ev[i], 0);
			peers_note_rows(s, &ev[i]);
		}
	}
	int64_t done, total;
	host_counts(s->host, &done, &total);
	seat_set_counts(s, done, total);
}

static void do_notes(struct seat *s)
{
	struct note notes[SEAT_NOTES];
	pthread_mutex_lock(&s->lock);
	size_t n = s->n_notes;
	memcpy(notes, s->notes, n * sizeof *notes);
	s->n_notes = 0;
	pthread_mutex_unlock(&s->lock);
	struct err e = ERR_INIT;
	/* A kick may overtake the write that it is about. */
	if (n && s->to_host && store_flush(s->o.host.store, &e))
		log_line(LOG_WARN, "seat", "not flushed: %s", err_code_name(e.code));
	/* Whoever asks for something has heard of what it is about: so shall the host. */
	if (s->host)
		tell_own_news(s);
	else if (s->to_host)
		guest_flush(s);
	seat_say_passphrase(s);
	for (size_t i = 0; i < n; i++)
		do_note(s, &notes[i]);
	post_asks(s);
}

/* ---- who hosts ------------------------------------------------------------------------------- */

/* What the host before was asked for is asked again. */
static void settle(struct seat *s)
{
	s->retry_at = s->retry_pause = 0;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < SEAT_ASKS; i++)
		s->asks[i].is_posted = false;
	pthread_mutex_unlock(&s->lock);
	if (s->wanted_body)
		do_note(s, &(struct note){NOTE_WANT_BODY, s->wanted_body});
	post_asks(s);
}

/* 0 = hosting, joined, or to be tried again; -1 only where trying again is no use. */
static int find_place(struct seat *s, struct err *e)
{
	struct err why = ERR_INIT;
	if (host_open(&s->host, &s->o.host, &why) == 0) {
		peers_listen(s);
		if (!s->o.is_once && host_start(s->host, e))
			return -1;
		log_line(LOG_NOTE, "seat", "hosting");
		settle(s);
		return 0;
	}
	s->host = NULL;
	if (why.code != ERR_CONFLICT || s->o.is_once) {
		*e = why;
		return -1;
	}
	if (guest_join(s) == 0) {
		log_line(LOG_NOTE, "seat", "beside another host");
		settle(s);
		return 0;
	}
	s->retry_pause = s->retry_pause ? s->retry_pause * 2 : RETRY_FIRST_MS;
	if (s->retry_pause > RETRY_MOST_MS)
		s->retry_pause = RETRY_MOST_MS;
	s->retry_at = clock_mono_ms() + s->retry_pause;
	return 0;
}

static void find_place_again(struct seat *s)
{
	struct err e = ERR_INIT;
	if (find_place(s, &e) == 0)
		return;
	log_line(LOG_ERROR, "seat", "cannot host: %s (sys %d)", err_code_name(e.code), e.sys);
	peers_close(s);
	host_close(s->host);
	s->host = NULL;
	s->retry_pause = RETRY_MOST_MS;
	s->retry_at = clock_mono_ms() + s->retry_pause;
}

static void lose_host(struct seat *s)
{
	log_line(LOG_NOTE, "seat", "the host has gone");
	guest_leave(s);
	seat_set_counts(s, 0, 0);
	find_place_again(s);
	seat_learn_anything(s);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void note_company(struct seat *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_shared = s->to_host || s->n_peers > 0;
	pthread_mutex_unlock(&s->lock);
}

static size_t fill_poll(struct seat *s, struct pollfd *p)
{
	note_company(s);
	bool may_tell = s->host || (s->to_host && ipc_is_drained(s->to_host));
	p[POLL_WAKE] = (struct pollfd){.fd = s->wake_fd, .events = POLLIN};
	p[POLL_TAP] = (struct pollfd){.fd = may_tell ? event_set_fd(s->tap) : -1, .events = POLLIN};
	p[POLL_NET] = (struct pollfd){.fd = s->host ? s->net_fd : -1, .events = POLLIN};
	p[POLL_SOCKET] = (struct pollfd){.fd = s->listen_fd, .events = POLLIN};
	if (s->to_host)
		p[POLL_SOCKET] =
			(struct pollfd){.fd = ipc_fd(s->to_host), .events = ipc_events(s->to_host)};
	for (size_t i = 0; i < s->n_peers; i++)
		p[POLL_PEERS + i] = (struct pollfd){
			.fd = ipc_fd(s->peers[i].ipc), .events = ipc_events(s->peers[i].ipc)};
	return POLL_PEERS + s->n_peers;
}

static int timeout_of(const struct seat *s)
{
	if (!s->retry_at)
		return -1;
	int64_t left = s->retry_at - clock_mono_ms();
	return left > 0 ? (int)left : 0;
}

static void serve_host(struct seat *s, const struct pollfd *p, size_t n)
{
	/* from the last: a peer that goes is replaced by one that was looked at */
	for (size_t i = n - POLL_PEERS; i-- > 0;)
		if (p[POLL_PEERS + i].revents)
			peers_pump(s, i);
	if (p[POLL_NET].revents && netwatch_read(s->net_fd)) {
		log_line(LOG_NOTE, "seat", "the network came");
		host_kick(s->host, 0); /* what waits to be tried again is tried now */
	}
	if (p[POLL_SOCKET].revents)
		peers_accept(s);
	peers_collect(s);
	peers_flush(s);
}

static void serve_guest(struct seat *s, const struct pollfd *p)
{
	if (p[POLL_SOCKET].revents && guest_pump(s))
		lose_host(s);
}

static bool must_stop(struct seat *s)
{
	pthread_mutex_lock(&s->lock);
	bool stop = s->must_stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static void drain_wake(struct seat *s)
{
	uint64_t ignored;
	IGNORE_RESULT(read(s->wake_fd, &ignored, sizeof ignored) < 0, "EAGAIN: nobody called");
}

static void *seat_main(void *seat)
{
	struct seat *s = seat;
	while (!must_stop(s)) {
		struct pollfd p[POLL_PEERS + SEAT_PEERS];
		size_t n = fill_poll(s, p);
		if (poll(p, n, timeout_of(s)) < 0 && errno != EINTR)
			break; /* only for lack of memory: the host goes on without news */
		drain_wake(s);
		do_notes(s);
		if (s->host)
			serve_host(s, p, n);
		else if (s->to_host)
			serve_guest(s, p);
		else if (s->retry_at && clock_mono_ms() >= s->retry_at)
			find_place_again(s);
	}
	return NULL;
}

static int start_thread(struct seat *s, struct err *e)
{
	sigset_t all, old;
	sigfillset(&all); /* signals belong to the main thread */
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int rc = pthread_create(&s->thread, NULL, seat_main, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc)
		return err_sys(e, ERR_IO, rc, "%s", _("Cannot start a thread"));
	s->is_running = true;
	return 0;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static void stop_thread(struct seat *s)
{
	if (!s->is_running)
		return;
	pthread_mutex_lock(&s->lock);
	s->must_stop = true;
	pthread_mutex_unlock(&s->lock);
	seat_wake(s);
	pthread_join(s->thread, NULL);
	s->is_running = false;
}

/* What the user did last may still be on its way to the file: the host shall find it there. */
static void say_goodbye(struct seat *s)
{
	int64_t end = clock_mono_ms() + GOODBYE_MS;
	guest_flush(s);
	ipc_say(s->to_host, "kick 0");
	while (!ipc_is_drained(s->to_host) && clock_mono_ms() < end)
		if (ipc_wait(s->to_host, GOODBYE_MS))
			return;
}

static void leave_place(struct seat *s)
{
	struct err e = ERR_INIT;
	if (store_flush(s->o.host.store, &e))
		log_line(LOG_WARN, "seat", "not flushed: %s", err_code_name(e.code));
	if (s->to_host)
		say_goodbye(s);
	guest_leave(s);
	if (!s->host)
		return;
	/* The name of the socket first, because it is the next host's as soon as the lock is; then
	 * the lock, so that who loses the connection finds it free. */
	peers_hide(s);
	host_close(s->host);
	s->host = NULL;
	peers_close(s);
}

void seat_close(struct seat *s)
{
	if (!s)
		return;
	stop_thread(s);
	event_set_tap(s->o.host.events, NULL);
	leave_place(s);
	event_set_free(s->tap);
	for (size_t i = 0; i < SEAT_ASKS; i++)
		forget_ask(&s->asks[i]);
	secret_release(&s->passphrase);
	if (s->net_fd >= 0)
		close(s->net_fd);
	close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int seat_open(struct seat **out, const struct seat_options *o, struct err *e)
{
	struct seat *s = xcalloc(1, sizeof *s);
	s->o = *o;
	s->o.host.on_news = seat_wake;
	s->o.host.news_ctx = s;
	s->listen_fd = -1;
	s->net_fd = netwatch_open();
	s->tap = event_set_new();
	pthread_mutex_init(&s->lock, NULL);
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	BUG_ON(s->wake_fd < 0);
	event_set_tap(s->o.host.events, s->tap);
	if (find_place(s, e) || start_thread(s, e)) {
		seat_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void seat_pause(struct seat *s)
{
	stop_thread(s);
	leave_place(s);
	seat_set_counts(s, 0, 0);
}

void seat_resume(struct seat *s)
{
	struct err e = ERR_INIT;
	s->must_stop = false; /* there is no thread to see it */
	find_place_again(s);
	seat_learn_anything(s);
	if (start_thread(s, &e))
		log_line(LOG_ERROR, "seat", "not resumed: %s", err_code_name(e.code));
}

struct host *seat_host(struct seat *s)
{
	return s->host;
}
