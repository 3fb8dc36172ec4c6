/*
 * seat_peers.c - the host's side of the socket: who is connected, what they ask, what they are
 * told. A peer that reads slowly is sent less, never more slowly the others.
 */
#include "config.h"

#include "seat_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

/* One name for a data folder, whichever way it was reached. No digest of its path: libcrypto would
 * be loaded for it before the first paint. */
static char *socket_path(const struct seat *s)
{
	struct stat st = {.st_ino = 0};
	IGNORE_RESULT(stat(s->o.host.data_dir, &st), "the store in it is open");
	CLEANUP(free_str)
	char *name = xasprintf("%jx-%jx.sock", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return fsx_join(s->o.runtime_dir, name);
}

/* Without a socket the others still work: they only see less, and find the lock free later. */
void peers_listen(struct seat *s)
{
	struct err e = ERR_INIT;
	char *path = socket_path(s);
	if (ipc_listen(path, &s->listen_fd, &e) == 0) {
		s->socket = path;
		if (host_note(s->host, path, &e) == 0)
			return;
		peers_close(s);
	} else {
		s->listen_fd = -1;
		free(path);
	}
	log_line(LOG_WARN, "seat", "no socket: %s (sys %d)", err_code_name(e.code), e.sys);
}

static void drop_peer(struct seat *s, size_t i)
{
	struct peer *p = &s->peers[i];
	for (size_t k = 0; k < SEAT_PEER_ASKS; k++)
		if (s->peer_asks[k].serial == p->serial)
			s->peer_asks[k] = (struct peer_ask){.number = 0};
	ipc_close(p->ipc);
	event_set_free(p->events);
	*p = s->peers[--s->n_peers];
}

void peers_hide(struct seat *s)
{
	if (s->socket)
		IGNORE_RESULT(unlink(s->socket), "the next host replaces it anyway");
	free(s->socket);
	s->socket = NULL;
}

void peers_close(struct seat *s)
{
	peers_hide(s);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	s->listen_fd = -1;
	while (s->n_peers > 0)
		drop_peer(s, s->n_peers - 1);
}

void peers_accept(struct seat *s)
{
	struct ipc *c = ipc_accept(s->listen_fd, PEER_LINE_MAX);
	if (!c)
		return;
	if (s->n_peers == SEAT_PEERS) {
		ipc_close(c);
		return;
	}
	struct peer *p = &s->peers[s->n_peers++];
	*p = (struct peer){.ipc = c, .events = event_set_new(), .serial = ++s->next_serial};
	for (int type = EV_MESSAGES; type <= EV_CRM; type++) /* what came while it connected */
		event_post(p->events, &(struct event){.type = (enum event_type)type, .count = 1});
	ipc_say(c, "progress %lld %lld", (long long)s->done, (long long)s->total);
}

/* ---- what they ask --------------------------------------------------------------------------- */

static void do_kick(struct seat *s, struct peer *p, char *rest)
{
	int64_t account;
	(void)p;
	if (line_numbers(rest, &account, 1))
		host_kick(s->host, account);
}

static void do_sync_now(struct seat *s, struct peer *p, char *rest)
{
	int64_t account;
	(void)p;
	if (line_numbers(rest, &account, 1))
		host_sync_now(s->host, account);
}

static void do_want_body(struct seat *s, struct peer *p, char *rest)
{
	int64_t message;
	(void)p;
	if (line_numbers(rest, &message, 1))
		host_want_body(s->host, message);
}

/* A host of one pass has none to give: the peer takes over when it ends. */
static void do_pass(struct seat *s, struct peer *p, char *rest)
{
	if (line_numbers(rest, NULL, 0) && !s->o.is_once)
		p->pass = host_want_pass(s->host);
}

static void do_ask(struct seat *s, struct peer *p, char *rest)
{
	struct ask what = {.kind = ASK_SYNC_NOW};
	const char *number = line_word(&rest), *kind = line_word(&rest);
	struct peer_ask *slot = NULL;
	for (size_t i = 0; i < SEAT_PEER_ASKS; i++)
		if (!s->peer_asks[i].number)
			slot = &s->peer_asks[i];
	const char *account = line_word(&rest);
	int64_t theirs;
	if (!slot || !account || !str_to_i64(number, 1, INT64_MAX, &theirs) ||
		!line_ask_kind(kind, &what.kind) ||
		!str_to_i64(account, INT64_MIN, INT64_MAX, &what.account))
		return;
	what.text = rest; /* the rest of the line, blanks and all; NULL = none */
	*slot = (struct peer_ask){seat_new_number(s), p->serial, theirs};
	host_ask(s->host, slot->number, &what);
}

static void do_cancel(struct seat *s, struct peer *p, char *rest)
{
	int64_t theirs;
	if (!line_numbers(rest, &theirs, 1))
		return;
	for (size_t i = 0; i < SEAT_PEER_ASKS; i++)
		if (s->peer_asks[i].serial == p->serial && s->peer_asks[i].theirs == theirs)
			s->peer_asks[i] = (struct peer_ask){.number = 0};
}

static void do_changed(struct seat *s, struct peer *p, char *rest)
{
	struct event ev;
	if (!line_read_event(rest, &ev))
		return;
	seat_learn(s, &ev);
	peers_tell(s, &ev, p->serial);
	peers_note_rows(s, &ev);
}

static void do_unlock(struct seat *s, struct peer *p, char *rest)
{
	const char *hex = line_word(&rest);
	(void)p;
	if (hex)
		peers_take_passphrase(s, hex);
}

static const struct {
	const char *word;
	void (*run)(struct seat *s, struct peer *p, char *rest);
} requests[] = {
	{"kick", do_kick},
	{"sync-now", do_sync_now},
	{"want-body", do_want_body},
	{"pass", do_pass},
	{"ask", do_ask},
	{"cancel", do_cancel},
	{"changed", do_changed},
	{"unlock", do_unlock},
};

static void read_lines(struct seat *s, struct peer *p)
{
	char *line;
	while ((line = ipc_line(p->ipc))) {
		const char *word = line_word(&line);
		for (size_t i = 0; word && i < ARRAY_SIZE(requests); i++)
			if (strcmp(requests[i].word, word) == 0)
				requests[i].run(s, p, line);
	}
}

/* What it said before it went counts. */
void peers_pump(struct seat *s, size_t i)
{
	int rc = ipc_pump(s->peers[i].ipc);
	read_lines(s, &s->peers[i]);
	if (rc || ipc_is_over(s->peers[i].ipc))
		drop_peer(s, i);
}

/* ---- what they are told ---------------------------------------------------------------------- */

void peers_tell(struct seat *s, const struct event *ev, int64_t except)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].serial != except)
			event_post(s->peers[i].events, ev);
}

void peers_tell_counts(struct seat *s, int64_t done, int64_t total)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (ipc_is_drained(s->peers[i].ipc) || done >= total)
			ipc_say(s->peers[i].ipc, "progress %lld %lld", (long long)done,
				(long long)total);
}

void peers_flush(struct seat *s)
{
	for (size_t i = 0; i < s->n_peers; i++) {
		struct event ev[EVENTS_A_TURN];
		if (!ipc_is_drained(s->peers[i].ipc))
			continue;
		size_t n = event_drain(s->peers[i].events, ev, ARRAY_SIZE(ev));
		for (size_t k = 0; k < n; k++)
			line_say_event(s->peers[i].ipc, &ev[k]);
	}
}

static struct peer *find_peer(struct seat *s, int64_t serial)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].serial == serial)
			return &s->peers[i];
	return NULL;
}

static void hand_on_answer(struct seat *s, int64_t number, const struct err *e)
{
	for (size_t i = 0; i < SEAT_PEER_ASKS; i++) {
		struct peer_ask *a = &s->peer_asks[i];
		struct peer *p = a->number == number ? find_peer(s, a->serial) : NULL;
		if (!p)
			continue;
		line_say_answer(p->ipc, a->theirs, e);
		*a = (struct peer_ask){.number = 0};
		return;
	}
	seat_keep_answer(s, number, e); /* dropped there if nobody waits for it */
}

void peers_collect(struct seat *s)
{
	int64_t number;
	struct err e;
	while (host_take_answer(s->host, &number, &e))
		hand_on_answer(s, number, &e);
	CLEANUP(free_str) char *report = host_take_report(s->host, &number);
	for (size_t i = 0; report && i < s->n_peers; i++) {
		struct peer *p = &s->peers[i];
		if (!p->pass || p->pass > number)
			continue;
		ipc_say(p->ipc, "report %s", report);
		p->pass = 0;
	}
}

void peers_note_rows(struct seat *s, const struct event *ev)
{
	struct err e = ERR_INIT;
	if (s->o.is_once || (ev->type != EV_ACCOUNT && ev->type != EV_CRM))
		return;
	if (host_reload(s->host, &e))
		log_line(LOG_ERROR, "seat", "workers not matched with rows: %s",
			err_code_name(e.code));
	if (ev->type == EV_CRM && ev->arg) /* the user wrote something to it */
		host_kick(s->host, 0);
}
