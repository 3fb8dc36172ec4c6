/* sent_copy.c - see sent_copy.h. How a mail is sent is send.c's. */
#include "config.h"

#include "sent_copy.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/outbox.h"

#include "doubt.h"
#include "session.h"

#define SETTING "sent_copy" /* who files it: */
#define BY_SERVER "server"
#define BY_US "crmail"

#define USUAL_DEADLINE_MS 30000 /* with it Sent is watched for 20 s */
#define AGAIN_LEAST_S 30        /* before a refused copy is tried again */
#define AGAIN_MOST_S 3600

enum copy_rule { COPY_OURS, COPY_SERVERS, COPY_NOT_KNOWN };

static enum copy_rule rule_of(const struct session *s, const struct outbox_row *row)
{
	const char *word = s->sent_copy;
	if ((s->ops->caps(s->provider) & PROV_FILES_SENT) || row->files_sent)
		return COPY_SERVERS;
	if (word && strcmp(word, BY_SERVER) == 0)
		return COPY_SERVERS;
	/* A Maildir shows what another program fetched, whenever that may be. */
	if ((word && strcmp(word, BY_US) == 0) || strcmp(s->conf.kind, "maildir") == 0)
		return COPY_OURS;
	return COPY_NOT_KNOWN;
}

static int remember(struct session *s, const char *word, struct err *e)
{
	if (s->sent_copy && strcmp(s->sent_copy, word) == 0)
		return 0;
	s->sent_copy = word;
	return account_set(s->host->store, s->account, SETTING, word, e);
}

int sent_copy_look(struct session *s, const struct outbox_row *row, bool *is_there, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct found found = {0};
	const char *name = row->far_message_id ? row->far_message_id : row->message_id;
	*is_there = false;
	/* The server may make the folder with the first copy. */
	if (!session_folder_of(s, FOLDER_SENT) && session_list_folders(s, e))
		return -1;
	const struct session_folder *sent = session_folder_of(s, FOLDER_SENT);
	if (sent && s->ops->find(s->provider, sent->server_name, name, &a, &found, e))
		return -1;
	*is_there = found.id != NULL;
	return 0;
}

static int append_copy(struct session *s, const struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *raw = NULL, *new_id = NULL;
	size_t len = 0;
	if (session_need_role(s, FOLDER_SENT, e) ||
		outbox_raw(s->reader, &a, row->id, &raw, &len, e))
		return -1;
	const struct op append = {.kind = OP_APPEND,
		.account = s->account,
		.to_folder = session_folder_of(s, FOLDER_SENT)->server_name,
		.message_id = row->message_id,
		.flags_add = MSG_SEEN,
		.data = raw ? raw : "",
		.data_len = len};
	if (s->ops->apply(s->provider, &append, &a, &new_id, e))
		return -1;
	session_pull_role(s, FOLDER_SENT);
	return outbox_filed(s->host->store, row->id, e);
}

static int64_t again_at(const struct session *s, const struct outbox_row *row)
{
	int64_t now = clock_now(s->host->clock), wait = (now - row->created_at) / 2;
	if (wait < AGAIN_LEAST_S)
		wait = AGAIN_LEAST_S;
	return now + (wait < AGAIN_MOST_S ? wait : AGAIN_MOST_S);
}

/* One mail is watched for at a time: with two of them neither watch would come to its end. */
static bool is_watching_another(struct session *s, const struct outbox_row *row)
{
	if (!s->watched || s->watched == row->id || clock_mono_ms() >= s->watch_until_ms)
		return false;
	session_note_due(s, clock_now(s->host->clock) + 1);
	return true;
}

/* Sent is watched for the copy: 20 s where nothing is heard for 30 s. */
static bool is_watch_over(struct session *s, const struct outbox_row *row)
{
	int64_t deadline = s->conf.deadline_ms > 0 ? s->conf.deadline_ms : USUAL_DEADLINE_MS;
	if (s->watched != row->id) {
		s->watched = row->id;
		s->watch_until_ms = clock_mono_ms() + deadline * 2 / 3;
	}
	return clock_mono_ms() >= s->watch_until_ms;
}

/* The copy is another's matter, or may be: looks whether it is there by now. */
static int watch_for_copy(struct session *s, const struct outbox_row *row, enum copy_rule rule,
	struct err *e)
{
	bool is_there = false;
	if (is_watching_another(s, row))
		return 0;
	bool is_over = is_watch_over(s, row);
	if (sent_copy_look(s, row, &is_there, e))
		return -1;
	if (is_there || is_over)
		s->watched = 0;
	if (is_there) {
		session_pull_role(s, FOLDER_SENT);
		return (rule == COPY_NOT_KNOWN && remember(s, BY_SERVER, e)) ||
				       outbox_filed(s->host->store, row->id, e)
			       ? -1
			       : 0;
	}
	if (!is_over) {
		s->copy_at_ms = clock_mono_ms() + 1000;
		session_note_due(s, clock_now(s->host->clock) + 1);
		return 0;
	}
	if (rule == COPY_SERVERS) /* it is slow; a copy of ours would be the second */
		return outbox_copy_later(s->host->store, row->id, again_at(s, row), NULL, e);
	return remember(s, BY_US, e) || append_copy(s, row, e) ? -1 : 0;
}

int sent_copy_file(struct session *s, const struct outbox_row *row, struct err *e)
{
	enum copy_rule rule = rule_of(s, row);
	struct err why = ERR_INIT, said = ERR_INIT;
	if ((rule == COPY_OURS ? append_copy(s, row, &why) : watch_for_copy(s, row, rule, &why)) ==
		0)
		return 0;
	if (why.scope == ERR_ACCOUNT && why.code != ERR_IO) { /* a Maildir's folder is not all */
		*e = why;
		return -1;
	}
	log_line(LOG_WARN, "send", "mail %lld: copy not filed: %s", (long long)row->id,
		err_code_name(why.code));
	s->report.ops_parked++;
	err_set(&said, why.code, _("Sent, but the copy in Sent is missing: %s"), why.msg);
	return outbox_copy_later(s->host->store, row->id, again_at(s, row), &said, e);
}

/* Tried before in this connection: again when its time has come, or with the next connection. */
static bool is_copy_due(struct session *s, const struct outbox_row *row)
{
	if (row->not_before <= clock_now(s->host->clock) || row->changed_at < s->connected_at)
		return clock_mono_ms() >= s->copy_at_ms &&
		       (rule_of(s, row) == COPY_OURS || !is_watching_another(s, row));
	if (!s->send_most) /* a pass does not wait for it */
		session_note_due(s, row->not_before);
	return false;
}

static int settle(struct session *s, const struct outbox_row *row, bool *did, struct err *e)
{
	switch (row->state) {
	case OUTBOX_HANDED:
	case OUTBOX_UNKNOWN:
		return doubt_step(s, row, did, e);
	default:
		*did = is_copy_due(s, row);
		return *did ? sent_copy_file(s, row, e) : 0;
	}
}

int sent_copy_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct outbox_row *rows = NULL;
	size_t n = 0;
	*did = false;
	if (outbox_unsettled(s->reader, &a, s->account, &rows, &n, e))
		return -1;
	if (s->copy_at_ms && clock_mono_ms() < s->copy_at_ms)
		session_note_due(s, clock_now(s->host->clock) + 1);
	for (size_t i = 0; i < n && !*did; i++)
		if (settle(s, &rows[i], did, e))
			return -1;
	return 0;
}
