/*
 * seat_guest.c - the side of the socket that is not the host's: a seat beside it, and the calls of
 * processes that do one thing and end.
 */
#include "config.h"

#include "seat_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/store.h"

enum {
	SILENCE_MS = 10 * 60000, /* a host that says nothing for so long does not work */
	TELL_MS = 2000,          /* for a host to take what it is told */
};

static struct ipc *connect_host(const char *data_dir, struct err *e)
{
	struct ipc *c = NULL;
	CLEANUP(free_str) char *path = host_socket(data_dir);
	if (path && ipc_connect(path, &c, e))
		return NULL;
	return c;
}

/* A new host may not have seen what the one before was kicked for, nor we what it changed. */
int guest_join(struct seat *s)
{
	struct err e = ERR_INIT;
	s->to_host = connect_host(s->o.host.data_dir, &e);
	if (!s->to_host)
		return -1;
	ipc_say(s->to_host, "kick 0");
	return 0;
}

void guest_leave(struct seat *s)
{
	ipc_close(s->to_host);
	s->to_host = NULL;
}

static void read_line(struct seat *s, char *line)
{
	const char *word = line_word(&line);
	int64_t v[2];
	struct event ev;
	struct err e;
	if (!word)
		return;
	if (strcmp(word, "changed") == 0 && line_read_event(line, &ev))
		seat_learn(s, &ev);
	else if (strcmp(word, "progress") == 0 && line_numbers(line, v, ARRAY_SIZE(v)))
		seat_set_counts(s, v[0], v[1]);
	else if (strcmp(word, "answer") == 0 && line_read_answer(line, &v[0], &e))
		seat_keep_answer(s, v[0], &e);
}

int guest_pump(struct seat *s)
{
	char *line;
	int rc = ipc_pump(s->to_host);
	while ((line = ipc_line(s->to_host)))
		read_line(s, line);
	return rc || ipc_is_over(s->to_host) ? -1 : 0;
}

/* What a kick is about shall be committed before the host looks for it. */
void guest_note(struct seat *s, const struct note *n)
{
	static const char *const words[] = {
		[NOTE_KICK] = "kick", [NOTE_SYNC_NOW] = "sync-now", [NOTE_WANT_BODY] = "want-body"};
	ipc_say(s->to_host, "%s %lld", words[n->kind], (long long)n->id);
}

void guest_ask(struct seat *s, const struct seat_ask *a)
{
	const char *word = line_ask_word(a->what.kind);
	char text[ASK_TEXT_MAX];
	if (!word)
		return;
	line_copy_text(text, sizeof text, a->what.text ? a->what.text : "");
	ipc_say(s->to_host, "ask %lld %s %lld %s", (long long)a->number, word,
		(long long)a->what.account, text);
}

/* Bounded by the size of an event set, and by polling the tap only when all was taken. */
void guest_flush(struct seat *s)
{
	struct event ev[EVENTS_A_TURN];
	for (size_t n; (n = event_drain(s->tap, ev, ARRAY_SIZE(ev))) > 0;)
		for (size_t i = 0; i < n; i++)
			line_say_event(s->to_host, &ev[i]);
}

/* ---- processes that do one thing and end ----------------------------------------------------- */

static int wait_report(struct ipc *c, char **report, struct err *e)
{
	int64_t silent_since = clock_mono_ms();
	for (;;) {
		int rc = ipc_wait(c, SILENCE_MS);
		for (char *line; (line = ipc_line(c));) {
			const char *word = line_word(&line);
			silent_since = clock_mono_ms();
			if (!word || strcmp(word, "report") != 0 || !line)
				continue;
			*report = xstrdup(line);
			return 0;
		}
		if (rc)
			return 0;
		if (clock_mono_ms() - silent_since >= SILENCE_MS)
			return err_set(e, ERR_NET, "%s",
				_("The crmail that syncs this data folder does not answer."));
	}
}

int seat_borrow_pass(const char *data_dir, char **report, struct err *e)
{
	*report = NULL;
	struct err why = ERR_INIT;
	struct ipc *c = connect_host(data_dir, &why);
	if (!c) {
		if (why.code != ERR_NONE)
			*e = why;
		return why.code == ERR_NONE ? 0 : -1;
	}
	ipc_say(c, "pass");
	int rc = wait_report(c, report, e);
	ipc_close(c);
	return rc;
}

static void send_all(struct ipc *c)
{
	int64_t end = clock_mono_ms() + TELL_MS;
	while (!ipc_is_drained(c)) {
		int64_t left = end - clock_mono_ms();
		if (left <= 0 || ipc_wait(c, (int)left))
			return;
		while (ipc_line(c))
			continue; /* what it says is not for us */
	}
}

void seat_tell(const char *data_dir, struct event_set *events)
{
	struct event ev[EVENTS_A_TURN];
	struct err e = ERR_INIT;
	size_t n = event_drain(events, ev, ARRAY_SIZE(ev));
	struct ipc *c = n ? connect_host(data_dir, &e) : NULL;
	if (!c)
		return;
	for (; n; n = event_drain(events, ev, ARRAY_SIZE(ev)))
		for (size_t i = 0; i < n; i++)
			line_say_event(c, &ev[i]);
	ipc_say(c, "kick 0");
	send_all(c);
	ipc_close(c);
}

void seat_hurry(const char *data_dir, int64_t account)
{
	struct err e = ERR_INIT;
	struct ipc *c = connect_host(data_dir, &e);
	if (!c)
		return;
	ipc_say(c, "sync-now %lld", (long long)account);
	send_all(c);
	ipc_close(c);
}
