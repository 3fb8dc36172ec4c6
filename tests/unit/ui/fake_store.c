/* fake_store.c - the store's functions over arrays. Slow and simple; no threads. */
#include "config.h"

#include "fake_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/header.h"
#include "crmail/store/care.h"
#include "crmail/store/correspondent.h"
#include "crmail/store/draft.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox_file.h"
#include "crmail/store/saved_search.h"
#include "crmail/store/search.h"
#include "crmail/store/store.h"

int store_reader_open(struct store *s, struct store_reader **out, struct err *e)
{
	if (s->is_unreadable)
		return err_set(e, ERR_DB, "Cannot read.");
	*out = xcalloc(1, sizeof(**out));
	(*out)->s = s;
	return 0;
}

struct store *fake_store_of(struct store_reader *r)
{
	return r->s;
}

void store_reader_close(struct store_reader *r)
{
	free(r);
}

const char *care_notice(struct store_reader *r, struct arena *a)
{
	return r->s->notice ? arena_strdup(a, r->s->notice) : NULL;
}

void store_reader_interrupt(struct store_reader *r)
{
	(void)r;
}

int64_t store_last_ticket(struct store *s)
{
	return s->ticket;
}

int store_ticket_error(struct store *s, int64_t ticket, struct err *out)
{
	if (!ticket || ticket != s->failed_ticket)
		return 0;
	err_set(out, ERR_IO, "The disk is full.");
	return 1;
}

/* A place of each test program: they run at the same time. */
char *store_path(const struct store *s, const char *name)
{
	(void)s;
	return xasprintf("%s/ui-%s-%s", getenv("CRMAIL_BUILDDIR") ? getenv("CRMAIL_BUILDDIR") : ".",
		program_invocation_short_name, name);
}

int account_list(struct store_reader *r, struct arena *a, struct account_row **out, size_t *n,
	struct err *e)
{
	(void)e;
	*out = arena_array(a, r->s->n_accounts + 1, sizeof(**out));
	memcpy(*out, r->s->accounts, r->s->n_accounts * sizeof(**out));
	*n = r->s->n_accounts;
	return 0;
}

const char *account_setting(struct store_reader *r, struct arena *a, int64_t id, const char *key)
{
	for (size_t i = 0; i < r->s->n_accounts; i++)
		if (r->s->accounts[i].id == id && strcmp(key, "signature") == 0)
			return arena_strdup(a, r->s->signatures[i]);
	if (strcmp(key, "secret") == 0)
		return r->s->has_keyring  ? "keyring:minh@ourfirm.example:0123"
		       : r->s->has_secret ? "entry"
					  : NULL;
	if (strcmp(key, "oauth") == 0)
		return r->s->has_grant ? "google" : NULL;
	if (r->s->has_relay && strcmp(key, "relay") == 0)
		return "https://relay.example";
	if (r->s->has_relay && strcmp(key, "relay_user") == 0)
		return "minh-7";
	if (strcmp(key, "imap") == 0)
		return "imap.ourfirm.example:143";
	return r->s->is_insecure && strcmp(key, "tls") == 0 ? "insecure-none" : NULL;
}

int op_counts(struct store_reader *r, int64_t account, int64_t *queued, int64_t *parked,
	struct err *e)
{
	(void)e;
	*queued = account == 4 ? 0 : r->s->ops_waiting;
	*parked = 0;
	return 0;
}

int account_own_addresses(struct store_reader *r, struct arena *a, int64_t id,
	const char *const **out, size_t *n, struct err *e)
{
	const char **v = arena_array(a, r->s->n_accounts + 2, sizeof(*v));

	(void)e;
	*n = 0;
	for (size_t i = 0; i < r->s->n_accounts; i++)
		if (!id || r->s->accounts[i].id == id)
			v[(*n)++] = r->s->accounts[i].email;
	if (r->s->alias && (!id || r->s->accounts[0].id == id))
		v[(*n)++] = r->s->alias;
	*out = v;
	return 0;
}

int folder_list(struct store_reader *r, struct arena *a, int64_t account, struct folder_row **out,
	size_t *n, struct err *e)
{
	(void)e;
	*out = arena_array(a, r->s->n_folders + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < r->s->n_folders; i++)
		if (!account || r->s->folders[i].account == account)
			(*out)[(*n)++] = r->s->folders[i];
	return 0;
}

int folder_get(struct store_reader *r, struct arena *a, int64_t id, struct folder_row **out,
	struct err *e)
{
	(void)a;
	(void)e;
	*out = NULL;
	for (size_t i = 0; i < r->s->n_folders; i++)
		if (r->s->folders[i].id == id)
			*out = &r->s->folders[i];
	return 0;
}

static const struct fake_mail *newest(const struct store *s, int64_t thread)
{
	for (size_t i = s->n_mail; i-- > 0;)
		if (s->mail[i].thread == thread)
			return &s->mail[i];
	return NULL;
}

static bool is_in(const struct store *s, const struct list_spec *spec, int64_t thread)
{
	for (size_t i = 0; i < s->n_mail; i++) {
		const struct fake_mail *m = &s->mail[i];

		if (m->thread != thread || (spec->unread_only && m->flags & MSG_SEEN))
			continue;
		if (spec->kind == LIST_ROLE && m->role != spec->role)
			continue;
		if (spec->kind == LIST_STARRED && !(m->flags & MSG_FLAGGED))
			continue;
		return true;
	}
	return false;
}

static const struct contact_row *contact_at(const struct store *s, int64_t id)
{
	for (size_t i = 0; i < s->n_contacts; i++)
		if (s->contacts[i].id == id)
			return &s->contacts[i];
	return NULL;
}

static void add_person(struct buf *people, const struct store *s, const struct fake_mail *m)
{
	const char *name = m->from_name ? m->from_name : m->from_addr;

	if (strcmp(m->from_addr, s->accounts[0].email) == 0)
		name = "\001";
	if (strstr(people->p, name))
		return;
	buf_addf(people, "%s%s", people->len ? ", " : "", name);
}

static void row_of(struct store *s, struct arena *a, int64_t thread, struct thread_row *t)
{
	CLEANUP(buf_release) struct buf people = BUF_INIT(1 << 20);
	const struct fake_mail *last = newest(s, thread);
	const struct contact_row *c = NULL;

	*t = (struct thread_row){.thread = thread,
		.account = s->accounts[0].id,
		.message = last->id,
		.sort_at = last->date,
		.date = last->date,
		.subject = last->subject,
		.snippet = last->snippet};
	for (size_t i = 0; i < s->n_mail; i++) {
		const struct fake_mail *m = &s->mail[i];

		if (m->thread != thread)
			continue;
		t->count++;
		t->unread += !(m->flags & MSG_SEEN);
		t->starred |= (m->flags & MSG_FLAGGED) != 0;
		t->has_attachment |= m->n_attachments > 0;
		t->peer_unknown |= m->is_unknown;
		if (m->contact)
			c = contact_at(s, m->contact);
		add_person(&people, s, m);
	}
	t->people = arena_strndup(a, people.p, people.len);
	if (c) {
		t->contact = c->id;
		t->contact_name = c->name;
		t->partner = c->partner;
		t->partner_name = c->partner_name;
		t->deal = c->partner && s->n_deals ? "€12k" : NULL;
	}
	t->remind_at = s->reminded == thread ? s->remind_at : 0;
}

static bool is_before(const struct fake_mail *m, const struct list_key *k)
{
	return m->date < k->sort_at || (m->date == k->sort_at && m->thread < k->thread);
}

static bool is_after(const struct fake_mail *m, const struct list_key *k)
{
	return m->date > k->sort_at || (m->date == k->sort_at && m->thread > k->thread);
}

int thread_list_page(struct store_reader *r, struct arena *a, const struct list_spec *spec,
	const struct list_key *from, bool newer, size_t limit, struct thread_row **out, size_t *n,
	struct err *e)
{
	struct store *s = r->s;
	struct thread_row *v = arena_array(a, limit + 1, sizeof(*v));

	(void)e;
	s->n_lists++;
	s->longest_page = limit > s->longest_page ? limit : s->longest_page;
	*n = 0;
	for (size_t k = 0; k < s->n_mail && *n < limit; k++) {
		const struct fake_mail *m = &s->mail[newer ? k : s->n_mail - 1 - k];

		if (newest(s, m->thread) != m || !is_in(s, spec, m->thread))
			continue;
		if (from && !(newer ? is_after(m, from) : is_before(m, from)))
			continue;
		row_of(s, a, m->thread, &v[(*n)++]);
	}
	for (size_t i = 0; newer && i < *n / 2; i++) {
		struct thread_row t = v[i];

		v[i] = v[*n - 1 - i];
		v[*n - 1 - i] = t;
	}
	*out = v;
	return 0;
}

int thread_list_count(struct store_reader *r, const struct list_spec *spec, int64_t *threads,
	int64_t *unread, struct err *e)
{
	(void)e;
	*threads = *unread = 0;
	for (size_t i = 0; i < r->s->n_mail; i++)
		if (r->s->mail[i].role == spec->role && !(r->s->mail[i].flags & MSG_SEEN))
			++*unread;
	return 0;
}

int thread_get(struct store_reader *r, struct arena *a, int64_t thread, struct thread_row **out,
	struct err *e)
{
	(void)e;
	*out = NULL;
	if (!newest(r->s, thread))
		return 0;
	*out = arena_alloc(a, sizeof(**out));
	row_of(r->s, a, thread, *out);
	return 0;
}

int thread_get_at(struct store_reader *r, struct arena *a, int64_t thread, int64_t message,
	struct thread_row **out, struct err *e)
{
	(void)message;
	return thread_get(r, a, thread, out, e);
}

static void message_of(const struct store *s, struct arena *a, const struct fake_mail *m,
	struct message_row *o)
{
	*o = (struct message_row){.id = m->id,
		.thread = m->thread,
		.parent = m->parent,
		.account = s->accounts[0].id,
		.folder_name = "INBOX",
		.date = m->date,
		.received = m->date,
		.flags = m->flags,
		.subject = m->subject,
		.snippet = m->snippet,
		.from = {m->from_name, m->from_addr, m->contact},
		.n_attachments = m->n_attachments,
		.body = BODY_WHOLE};
	o->is_own = strcmp(m->from_addr, s->accounts[0].email) == 0;
	o->to = arena_array(a, 1, sizeof(*o->to));
	o->to[0] = (struct party){.name = m->to_name, .addr = m->to_addr};
	o->n_to = 1;
	if (m->cc) {
		o->cc = arena_array(a, 1, sizeof(*o->cc));
		o->cc[0] = (struct party){.addr = m->cc};
		o->n_cc = 1;
	}
}

int thread_messages(struct store_reader *r, struct arena *a, int64_t thread,
	struct message_row **out, size_t *n, struct err *e)
{
	(void)e;
	*out = arena_array(a, r->s->n_mail + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < r->s->n_mail; i++)
		if (r->s->mail[i].thread == thread)
			message_of(r->s, a, &r->s->mail[i], &(*out)[(*n)++]);
	return 0;
}

int message_get(struct store_reader *r, struct arena *a, int64_t id, struct message_row **out,
	struct err *e)
{
	(void)e;
	*out = NULL;
	for (size_t i = 0; i < r->s->n_mail; i++)
		if (r->s->mail[i].id == id) {
			*out = arena_alloc(a, sizeof(**out));
			message_of(r->s, a, &r->s->mail[i], *out);
		}
	return 0;
}

int message_raw(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	enum body_state *state, struct err *e)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);

	(void)e;
	for (size_t i = 0; i < r->s->n_mail; i++) {
		const struct fake_mail *m = &r->s->mail[i];

		if (m->id != id)
			continue;
		buf_addf(&b, "From: %s <%s>\r\nTo: %s <%s>\r\n", m->from_name ? m->from_name : "",
			m->from_addr, m->to_name ? m->to_name : "", m->to_addr);
		if (m->cc)
			buf_addf(&b, "Cc: %s\r\n", m->cc);
		buf_addf(&b,
			"Subject: %s\r\nMessage-ID: <m%lld@example.test>\r\nDate: ", m->subject,
			(long long)id);
		date_write(&b, m->date, 0);
		buf_addf(&b, "\r\nMIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n%s",
			m->type ? m->type : "text/plain; charset=utf-8", m->text);
	}
	*state = b.len ? BODY_WHOLE : BODY_NONE;
	*p = arena_strndup(a, b.p, b.len);
	*n = b.len;
	return 0;
}

int64_t message_opened(struct store *s, int64_t id)
{
	(void)s;
	(void)id;
	return 0;
}

int64_t message_want_body(struct store *s, int64_t id)
{
	(void)s;
	return id;
}

static bool is_target(const struct target *t, const struct fake_mail *m)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->ids[i] == (t->kind == TARGET_THREADS ? m->thread : m->id))
			return true;
	return false;
}

static void change(struct store *s, const struct target *t, uint32_t add, uint32_t remove,
	enum folder_role role, int64_t *group)
{
	s->n_before = 0;
	for (size_t i = 0; i < s->n_mail; i++) {
		struct fake_mail *m = &s->mail[i];

		if (!is_target(t, m))
			continue;
		if (s->n_before < 64) {
			s->before[s->n_before].id = m->id;
			s->before[s->n_before].flags = m->flags;
			s->before[s->n_before++].role = m->role;
		}
		m->flags = (m->flags | add) & ~remove;
		if (role != FOLDER_OTHER)
			m->role = role;
	}
	if (group)
		*group = ++s->next_group;
}

int64_t action_flags(struct store *s, const struct target *t, uint32_t add, uint32_t remove,
	int64_t *group)
{
	change(s, t, add, remove, FOLDER_OTHER, group);
	return 1;
}

int64_t action_move_role(struct store *s, const struct target *t, enum folder_role role,
	int64_t *group)
{
	change(s, t, 0, 0, role, group);
	return 1;
}

int64_t action_move(struct store *s, const struct target *t, int64_t folder, int64_t *group)
{
	(void)folder;
	change(s, t, 0, 0, FOLDER_ARCHIVE, group);
	return 1;
}

/* One label at a time is enough for the screen's tests. */
int64_t action_label(struct store *s, const struct target *t, int64_t folder, bool is_on,
	int64_t *group)
{
	(void)t;
	s->labelled = is_on ? folder : 0;
	*group = ++s->next_group;
	return 1;
}

int message_folders(struct store_reader *r, struct arena *a, int64_t id, int64_t **out, size_t *n,
	struct err *e)
{
	(void)id;
	(void)e;
	*out = arena_array(a, 1, sizeof(**out));
	(*out)[0] = r->s->labelled;
	*n = r->s->labelled != 0;
	return 0;
}

int64_t action_undo(struct store *s, int64_t group)
{
	(void)group;
	for (size_t k = 0; k < s->n_before; k++)
		for (size_t i = 0; i < s->n_mail; i++)
			if (s->mail[i].id == s->before[k].id) {
				s->mail[i].flags = s->before[k].flags;
				s->mail[i].role = s->before[k].role;
			}
	return 1;
}

int outbox_list(struct store_reader *r, struct arena *a, struct outbox_row **out, size_t *n,
	struct err *e)
{
	(void)e;
	*out = arena_array(a, r->s->n_outbox + 1, sizeof(**out));
	memcpy(*out, r->s->outbox, r->s->n_outbox * sizeof(**out));
	*n = r->s->n_outbox;
	return 0;
}

int64_t outbox_put(struct store *s, const struct outbox_new *o, int64_t *id)
{
	size_t at = o->id ? (size_t)o->id - 1 : s->n_outbox;
	struct outbox_row *row = &s->outbox[at];

	if (at >= FAKE_MAX_OUTBOX)
		return 0;
	if (at == s->n_outbox)
		s->n_outbox++;
	free(s->draft_json[at]);
	free(s->raw[at]);
	s->draft_json[at] = xstrdup(o->draft_json ? o->draft_json : "{}");
	s->raw[at] = xstrndup(o->raw, o->raw_len);
	*row = (struct outbox_row){.id = (int64_t)at + 1,
		.account = o->account,
		.state = o->state,
		.subject = "",
		.created_at = FAKE_NOW,
		.not_before = o->not_before,
		.reply_to = o->reply_to};
	s->adopted = o->adopts;
	*id = row->id;
	return s->ticket;
}

int64_t outbox_file_add(struct store *s, int64_t outbox, const struct outbox_file *f, int64_t *id)
{
	struct fake_file *x = &s->files[s->n_files];

	if (s->n_files == FAKE_MAX_FILES)
		return 0;
	*x = (struct fake_file){.outbox = outbox,
		.name = xstrdup(f->name),
		.type = xstrdup(f->type),
		.data = xstrndup(f->data, f->len),
		.len = f->len};
	*id = (int64_t)++s->n_files;
	return 1;
}

int64_t outbox_file_drop(struct store *s, int64_t id)
{
	s->files[id - 1].outbox = 0;
	return 1;
}

int outbox_files(struct store_reader *r, struct arena *a, int64_t outbox, struct outbox_file **out,
	size_t *n, struct err *e)
{
	struct store *s = r->s;

	(void)e;
	*out = arena_array(a, s->n_files + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < s->n_files; i++)
		if (s->files[i].outbox == outbox)
			(*out)[(*n)++] = (struct outbox_file){(int64_t)i + 1, s->files[i].name,
				s->files[i].type, s->files[i].data, s->files[i].len};
	return 0;
}

int64_t outbox_act(struct store *s, int64_t id, enum outbox_act act)
{
	static const enum outbox_state to[] = {
		[OUTBOX_TAKE_BACK] = OUTBOX_DRAFT,
		[OUTBOX_DISCARD] = OUTBOX_CANCELLED,
		[OUTBOX_HOLD] = OUTBOX_HELD,
		[OUTBOX_SEND_NOW] = OUTBOX_QUEUED,
		[OUTBOX_WAS_SENT] = OUTBOX_SENT,
		[OUTBOX_WAS_NOT_SENT] = OUTBOX_QUEUED,
	};

	s->outbox[id - 1].state = to[act];
	s->outbox[id - 1].not_before = act == OUTBOX_HOLD ? OUTBOX_HELD_FOREVER : 0;
	return 1;
}

/* Mail in Drafts: none of it is a copy of ours. */
int draft_list(struct store_reader *r, struct arena *a, struct draft_row **out, size_t *n,
	struct err *e)
{
	(void)e;
	*n = 0;
	*out = arena_array(a, r->s->n_mail + 1, sizeof(**out));
	for (size_t i = 0; i < r->s->n_mail; i++)
		if (r->s->mail[i].role == FOLDER_DRAFTS)
			(*out)[(*n)++] = (struct draft_row){.message = r->s->mail[i].id,
				.account = 1,
				.date = r->s->mail[i].date,
				.subject = r->s->mail[i].subject,
				.to = r->s->mail[i].to_name};
	return 0;
}

int draft_of_message(struct store_reader *r, int64_t message, int64_t *outbox, struct err *e)
{
	(void)r;
	(void)message;
	(void)e;
	*outbox = 0;
	return 0;
}

int store_flush(struct store *s, struct err *e) /* everything is written at once */
{
	(void)s;
	(void)e;
	return 0;
}

void fake_store_fill_outbox(struct store *s)
{
	static struct outbox_recipient people[] = {
		{"laura@dafaneto.example", RCPT_ACCEPTED, "250 2.0.0 Ok: queued as 4F1"},
		{"denis@dafaneto.example", RCPT_REFUSED, "550 5.1.1 No such user"},
		{"bjoern@tolabe.example", RCPT_PENDING, NULL},
		{"minh@partner.example", RCPT_DELIVERED, NULL},
		{"julia@lebo.example", RCPT_BOUNCED, "5.2.2 mailbox full"},
	};
	static const struct {
		enum outbox_state state;
		const char *subject, *error;
		int64_t not_before;
		size_t first, n;
	} rows[] = {
		{OUTBOX_DRAFT, "Draft of an offer", NULL, 0, 0, 1},
		{OUTBOX_HELD, "Offer 17, second version", NULL, FAKE_NOW + 8, 2, 1},
		{OUTBOX_HELD, "Only after the board met", NULL, OUTBOX_HELD_FOREVER, 2, 1},
		{OUTBOX_QUEUED, "Price list", "smtp.example takes no mail at present.",
			FAKE_NOW + 300, 2, 1},
		{OUTBOX_CONNECTING, "Minutes of Tuesday", NULL, 0, 2, 1},
		{OUTBOX_REFUSED, "Delivery in week 7",
			"The server refused the mail: 550 5.1.1 No such user", 0, 1, 1},
		{OUTBOX_UNKNOWN, "Re: Deadline order and the new terms",
			"The connection broke before the server's answer. Was it sent?", 0, 2, 1},
		{OUTBOX_SCHEDULED, "Happy new year", NULL, FAKE_NOW + 3 * 86400, 2, 1},
		{OUTBOX_SENT, "Invitation to the fair", NULL, 0, 0, 5},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		s->draft_json[i] = xstrdup("{}");
		s->raw[i] = xstrdup("");
		s->outbox[i] = (struct outbox_row){.id = (int64_t)i + 1,
			.account = 1,
			.account_name = "work",
			.state = rows[i].state,
			.subject = rows[i].subject,
			.error = rows[i].error,
			.not_before = rows[i].not_before,
			.created_at = FAKE_NOW - (int64_t)i * 60,
			.attempts = rows[i].error ? 2 : 0,
			.recipients = people + rows[i].first,
			.n_recipients = rows[i].n};
	}
	s->n_outbox = ARRAY_SIZE(rows);
}

const char *outbox_draft_json(struct store_reader *r, struct arena *a, int64_t id)
{
	return arena_strdup(a, r->s->draft_json[id - 1]);
}

int contact_get(struct store_reader *r, struct arena *a, int64_t id, struct contact_row **out,
	struct err *e)
{
	const struct contact_row *c = contact_at(r->s, id);

	(void)e;
	*out = NULL;
	if (c) {
		*out = arena_alloc(a, sizeof(**out));
		**out = *c;
	}
	return 0;
}

int contact_list(struct store_reader *r, struct arena *a, const char *filter, int64_t after_id,
	size_t limit, struct contact_row **out, size_t *n, struct err *e)
{
	(void)after_id;
	(void)e;
	*out = arena_array(a, r->s->n_contacts + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < r->s->n_contacts && *n < limit; i++) {
		const struct contact_row *c = &r->s->contacts[i];

		if (mem_casefind(c->name, strlen(c->name), filter) ||
			mem_casefind(c->emails[0], strlen(c->emails[0]), filter))
			(*out)[(*n)++] = *c;
	}
	return 0;
}

int lead_of_message(struct store_reader *r, int64_t message, int64_t *out, struct err *e)
{
	(void)r;
	(void)message;
	(void)e;
	*out = 0;
	return 0;
}

int contact_by_address(struct store_reader *r, struct arena *a, int64_t account, const char *addr,
	struct contact_row **out, struct err *e)
{
	(void)a;
	(void)account;
	(void)e;
	*out = NULL;
	for (size_t i = 0; i < r->s->n_contacts; i++)
		if (str_casecmp(r->s->contacts[i].emails[0], addr) == 0)
			*out = &r->s->contacts[i];
	return 0;
}

static void add_correspondent(const struct correspondent_query *q, const char *name,
	const char *addr, const struct contact_row *c, struct correspondent_row *v, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (str_casecmp(v[i].addr, addr) == 0)
			return;
	if (*n < q->limit && (mem_casefind(name, strlen(name), q->text) ||
				     mem_casefind(addr, strlen(addr), q->text)))
		v[(*n)++] = (struct correspondent_row){.name = name,
			.addr = addr,
			.contact = c ? c->id : 0,
			.partner_name = c ? c->partner_name : NULL};
}

int correspondent_find(struct store_reader *r, struct arena *a, const struct correspondent_query *q,
	struct correspondent_row **out, size_t *n, struct err *e)
{
	const struct store *s = r->s;
	struct correspondent_row *v = arena_array(a, q->limit + 1, sizeof(*v));

	(void)e;
	*n = 0;
	for (size_t i = 0; i < s->n_contacts; i++)
		add_correspondent(q, s->contacts[i].name, s->contacts[i].emails[0], &s->contacts[i],
			v, n);
	for (size_t i = s->n_mail; i-- > 0;)
		add_correspondent(q, s->mail[i].from_name ? s->mail[i].from_name : "",
			s->mail[i].from_addr, NULL, v, n);
	*out = v;
	return 0;
}

int partner_list(struct store_reader *r, struct arena *a, const char *filter, size_t limit,
	struct partner_row **out, size_t *n, struct err *e)
{
	(void)e;
	*out = arena_array(a, r->s->n_partners + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < r->s->n_partners && *n < limit; i++)
		if (mem_casefind(r->s->partners[i].name, strlen(r->s->partners[i].name), filter))
			(*out)[(*n)++] = r->s->partners[i];
	return 0;
}

int partner_get(struct store_reader *r, struct arena *a, int64_t id, struct partner_row **out,
	struct err *e)
{
	(void)a;
	(void)e;
	*out = NULL;
	for (size_t i = 0; i < r->s->n_partners; i++)
		if (r->s->partners[i].id == id)
			*out = &r->s->partners[i];
	return 0;
}

int deals_of(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	struct deal_row **out, size_t *n, struct err *e)
{
	(void)e;
	(void)contact;
	*out = arena_array(a, r->s->n_deals + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < r->s->n_deals; i++)
		if (r->s->deals[i].partner == partner)
			(*out)[(*n)++] = r->s->deals[i];
	return 0;
}

int timeline_page(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	const struct timeline_entry *after, size_t limit, struct timeline_entry **out, size_t *n,
	struct err *e)
{
	(void)after;
	(void)contact;
	(void)partner;
	(void)e;
	*out = arena_array(a, r->s->n_entries + 1, sizeof(**out));
	*n = r->s->n_entries < limit ? r->s->n_entries : limit;
	memcpy(*out, r->s->entries, *n * sizeof(**out));
	return 0;
}

int log_state_of(struct store_reader *r, struct arena *a, int64_t message, enum log_state *out,
	const char **reason, struct err *e)
{
	(void)a;
	(void)reason;
	(void)e;
	*out = LOG_NOT;
	for (size_t i = 0; i < r->s->n_mail; i++)
		if (r->s->mail[i].id == message && r->s->mail[i].contact)
			*out = LOG_LOGGED;
	return 0;
}

struct search_query {
	const char *word;
};

int search_parse(struct arena *a, const char *query, int64_t now, int typing,
	struct search_query **out, struct err *e)
{
	(void)now;
	if (!typing && strchr(query, '"') && !strchr(strchr(query, '"') + 1, '"')) {
		e->sys = (int)(strchr(query, '"') - query) + 1;
		return err_set(e, ERR_USAGE, "The phrase has no end.");
	}
	*out = arena_alloc(a, sizeof(**out));
	(*out)->word = arena_strdup(a, query);
	return 0;
}

int search_threads(struct store_reader *r, struct arena *a, const struct search_query *q,
	const struct list_key *after, size_t limit, struct thread_row **out, size_t *n,
	struct err *e)
{
	*out = arena_array(a, limit + 1, sizeof(**out));
	*n = 0;
	if (after && r->s->n_bad_pages > 0) {
		r->s->n_bad_pages--;
		return err_set(e, ERR_IO, "The disk is on fire.");
	}
	for (size_t i = r->s->n_mail; i-- > 0 && *n < limit;) {
		const struct fake_mail *m = &r->s->mail[i];

		if (newest(r->s, m->thread) != m || (after && !is_before(m, after)))
			continue;
		if (mem_casefind(m->subject, strlen(m->subject), q->word) ||
			mem_casefind(m->text, strlen(m->text), q->word))
			row_of(r->s, a, m->thread, &(*out)[(*n)++]);
	}
	return 0;
}

int search_total(struct store_reader *r, const struct search_query *q, int64_t *total,
	struct err *e)
{
	*total = 0;
	if (r->s->n_stops > 0) {
		r->s->n_stops--;
		return err_set(e, ERR_CANCELLED, "Stopped.");
	}
	for (size_t i = 0; i < r->s->n_mail; i++)
		*total += mem_casefind(r->s->mail[i].subject, strlen(r->s->mail[i].subject),
				  q->word) != NULL;
	return 0;
}

/* One conversation is one mail here. */
int search_unread(struct store_reader *r, struct arena *a, const struct search_query *q,
	size_t most, int64_t *count, struct err *e)
{
	(void)a;
	(void)e;
	*count = 0;
	for (size_t i = 0; i < r->s->n_mail && *count < (int64_t)most; i++)
		*count += !(r->s->mail[i].flags & MSG_SEEN) &&
			  mem_casefind(r->s->mail[i].subject, strlen(r->s->mail[i].subject),
				  q->word) != NULL;
	return 0;
}

int search_found(struct store_reader *r, struct arena *a, const char *query, size_t limit,
	struct thread_row **out, size_t *n, struct err *e)
{
	(void)query;
	(void)limit;
	(void)e;
	*out = arena_array(a, 2, sizeof(**out));
	*n = 0;
	if (r->s->found)
		row_of(r->s, a, r->s->found, &(*out)[(*n)++]);
	return 0;
}

int64_t saved_search_toggle(struct store *s, const char *query)
{
	size_t n = s->n_saved;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s->saved[i], query) != 0)
			continue;
		memmove(s->saved[i], s->saved[i + 1], (n - i - 1) * sizeof(s->saved[0]));
		s->n_saved--;
		return 1;
	}
	if (n < ARRAY_SIZE(s->saved) && strlen(query) < sizeof(s->saved[0])) {
		memcpy(s->saved[n], query, strlen(query) + 1);
		s->n_saved++;
	}
	return 1;
}

int saved_search_list(struct store_reader *r, struct arena *a, const char ***out, size_t *n,
	struct err *e)
{
	(void)e;
	*n = r->s->n_saved;
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = r->s->saved[i];
	return 0;
}

int op_parked(struct store_reader *r, struct arena *a, int64_t account, int64_t *n,
	const char **reason, struct err *e)
{
	(void)a;
	(void)e;
	*n = account == 1 ? r->s->n_parked : 0;
	*reason = *n ? "mail.example does not let you change this folder." : NULL;
	return 0;
}

int64_t op_retry_parked(struct store *s)
{
	s->n_parked = 0;
	return 1;
}

int64_t op_forget_parked(struct store *s)
{
	s->n_parked = 0;
	return 1;
}

bool store_trouble(struct store *s, struct err *out)
{
	*out = ERR_INIT;
	if (s->is_full)
		err_set(out, ERR_IO, "The disk is full.");
	return s->is_full;
}
