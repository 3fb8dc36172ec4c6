/* compose_draft.c - what a message begins with; runs on the reader thread. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/compose.h"
#include "crmail/store/account.h"
#include "crmail/store/outbox.h"
#include "crmail/store/store.h"
#include "crmail/store/outbox_file.h"
#include "body.h"
#include "compose.h"
#include "people.h"

#define FIELD_MAX ((size_t)1 << 20)
#define ATTACHMENTS_MAX ((size_t)32 << 20)

static const char *list_text(struct arena *a, const struct addr_list *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FIELD_MAX);

	for (size_t i = 0; i < l->n; i++) {
		if (i > 0)
			buf_addstr(&b, ", ");
		people_add_addr(&b, &l->v[i]);
	}
	return arena_strndup(a, b.p, b.len);
}

static void take_compose(struct draft_job *d, const struct compose *c)
{
	struct arena *a = &d->arena;

	d->draft.to = list_text(a, &c->to);
	d->draft.cc = list_text(a, &c->cc);
	d->draft.subject = c->subject;
	d->draft.text = compose_from_start(&d->draft, a, c->text);
	d->draft.in_reply_to = c->in_reply_to;
	d->draft.n_in_reply_to = c->n_in_reply_to;
	d->draft.references = c->references;
	d->draft.n_references = c->n_references;
}

/* What is forwarded goes whole: decoded here, so that sending only has to write it. */
static void take_attachments(struct draft_job *d, const struct body *b)
{
	struct compose_attachment *v = arena_array(&d->arena, b->n_attachments + 1, sizeof(*v));

	for (size_t i = 0; i < b->n_attachments; i++) {
		const struct message_attachment *a = &b->attachments[i];
		CLEANUP(buf_release) struct buf data = BUF_INIT(ATTACHMENTS_MAX);
		char *copy;

		attachment_data(a, &data);
		if (data.failed) {
			err_set(&d->job.err, ERR_TOOBIG, "%s",
				_("The attachments are too large to be forwarded."));
			return;
		}
		copy = arena_alloc(&d->arena, data.len + 1);
		memcpy(copy, data.p, data.len);
		v[i] = (struct compose_attachment){.filename = a->save_as,
			.type = a->part->type,
			.data = copy,
			.len = data.len};
	}
	d->draft.attachments = v;
	d->draft.n_attachments = b->n_attachments;
}

/* The answer borrows from the body: the body's arena becomes the draft's. */
static void run_answer(struct draft_job *d, struct store_reader *r)
{
	const char *const *own = NULL;
	size_t n_own = 0;
	struct body *b = NULL;
	struct compose c = {.subject = NULL};
	struct addr from;
	struct err *e = &d->job.err;

	if (body_load(&b, r, d->args.message, RENDER_AUTO, e))
		return;
	arena_release(&d->arena);
	d->arena = b->arena;
	b->arena = ARENA_INIT;
	if (account_own_addresses(r, &d->arena, d->args.account, &own, &n_own, e) ||
		compose_from_load(&d->draft, &d->arena, r, e)) {
		body_free(b);
		return;
	}
	compose_from_choose(&d->draft, d->args.account, NULL, &b->m);
	from = d->draft.senders[d->draft.sender].who;
	if (d->args.kind == COMPOSE_FORWARD)
		compose_forward(&d->arena, &b->m, &from, &c);
	else
		compose_reply(&d->arena, &b->m, &from, own, n_own,
			d->args.kind == COMPOSE_REPLY_ALL ? REPLY_ALL : 0, &c);
	take_compose(d, &c);
	if (d->args.kind == COMPOSE_FORWARD)
		take_attachments(d, b);
	else
		d->draft.reply_to = d->args.message;
	body_free(b);
}

static const char *const *id_list(struct arena *a, const cJSON *j, const char *pointer, size_t *n)
{
	const cJSON *list = json_at(j, pointer), *item;
	const char **v;
	size_t cap = list ? (size_t)cJSON_GetArraySize(list) : 0;

	*n = 0;
	v = arena_array(a, cap + 1, sizeof(*v));
	cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) && *n < cap) v[(*n)++] =
		arena_strdup(a, item->valuestring);
	return v;
}

static const char *text_at(struct arena *a, const cJSON *j, const char *pointer)
{
	const char *s = json_str(j, pointer);

	return arena_strdup(a, s ? s : "");
}

static void read_files(struct draft_job *d, struct store_reader *r)
{
	struct arena *a = &d->arena;
	struct outbox_file *files = NULL;
	size_t n = 0;

	if (outbox_files(r, a, d->args.draft, &files, &n, &d->job.err))
		return;
	d->draft.attachments = arena_array(a, n + 1, sizeof(*d->draft.attachments));
	d->draft.attachment_ids = arena_array(a, n + 1, sizeof(*d->draft.attachment_ids));
	d->draft.n_attachments = n;
	for (size_t i = 0; i < n; i++) {
		d->draft.attachment_ids[i] = files[i].id;
		d->draft.attachments[i] = (struct compose_attachment){.filename = files[i].name,
			.type = files[i].type,
			.data = files[i].data,
			.len = files[i].len};
	}
}

static void run_draft(struct draft_job *d, struct store_reader *r)
{
	struct arena *a = &d->arena;
	const char *text;
	CLEANUP(json_free) cJSON *j = NULL;
	int64_t account;

	/* z may come before the mail that it takes back is written. */
	if (store_flush(d->store, &d->job.err))
		return;
	text = outbox_draft_json(r, a, d->args.draft);
	if (!text) {
		err_set(&d->job.err, ERR_NOTFOUND, "%s", _("This draft is no longer here."));
		return;
	}
	if (json_parse(text, strlen(text), &j, &d->job.err))
		return;
	d->draft.to = text_at(a, j, "/to");
	d->draft.cc = text_at(a, j, "/cc");
	d->draft.bcc = text_at(a, j, "/bcc");
	d->draft.subject = text_at(a, j, "/subject");
	d->draft.text = text_at(a, j, "/text");
	d->draft.in_reply_to = id_list(a, j, "/in_reply_to", &d->draft.n_in_reply_to);
	d->draft.references = id_list(a, j, "/references", &d->draft.n_references);
	if (!json_i64(j, "/account", &account))
		account = 0;
	if (!json_i64(j, "/reply_to", &d->draft.reply_to))
		d->draft.reply_to = 0;
	read_files(d, r);
	if (d->job.err.code == ERR_NONE && compose_from_load(&d->draft, a, r, &d->job.err) == 0)
		compose_from_choose(&d->draft, account, json_str(j, "/from"), NULL);
}

static void run_new(struct draft_job *d, struct store_reader *r)
{
	if (compose_from_load(&d->draft, &d->arena, r, &d->job.err))
		return;
	compose_from_choose(&d->draft, d->args.account, NULL, NULL);
	d->draft.text = compose_from_start(&d->draft, &d->arena, NULL);
}

/* A draft that another program wrote: its fields and text as they are, HTML as it is read. */
static void run_message(struct draft_job *d, struct store_reader *r)
{
	struct body *b = NULL;

	if (body_load(&b, r, d->args.message, RENDER_AUTO, &d->job.err))
		return;
	arena_release(&d->arena);
	d->arena = b->arena;
	b->arena = ARENA_INIT;
	const struct message *m = &b->m;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	message_text(m, "text/plain", &text, NULL);
	if (span_trim((struct span){text.p, text.len}).len == 0)
		buf_add(&text, b->doc.text.p, b->doc.text.len);
	if (compose_from_load(&d->draft, &d->arena, r, &d->job.err) == 0)
		compose_from_choose(&d->draft, d->args.account,
			m->from.n > 0 ? m->from.v[0].addr : NULL, NULL);
	d->draft.to = list_text(&d->arena, &m->to);
	d->draft.cc = list_text(&d->arena, &m->cc);
	d->draft.bcc = list_text(&d->arena, &m->bcc);
	d->draft.subject = m->subject ? m->subject : "";
	d->draft.text = arena_strndup(&d->arena, text.p, text.len);
	d->draft.in_reply_to = m->in_reply_to;
	d->draft.n_in_reply_to = m->n_in_reply_to;
	d->draft.references = m->references;
	d->draft.n_references = m->n_references;
	take_attachments(d, b);
	body_free(b);
}

static void run(struct job *j, struct store_reader *r)
{
	struct draft_job *d = (struct draft_job *)j;
	struct err none = ERR_INIT; /* what went wrong before is what is told */

	if (d->args.kind == COMPOSE_DRAFT && !d->args.draft)
		run_message(d, r);
	else if (d->args.kind == COMPOSE_DRAFT)
		run_draft(d, r);
	else if (d->args.kind != COMPOSE_NEW)
		run_answer(d, r);
	else
		run_new(d, r);
	if (d->draft.n_senders == 0 && compose_from_load(&d->draft, &d->arena, r, &none) == 0)
		compose_from_choose(&d->draft, d->args.account, NULL, NULL);
}

static void free_job(struct job *j)
{
	struct draft_job *d = (struct draft_job *)j;

	arena_release(&d->arena);
	free(d);
}

struct draft_job *draft_job_new(struct store *s, const struct compose_args *a, int64_t generation)
{
	struct draft_job *d = xcalloc(1, sizeof(*d));

	d->job = (struct job){
		.run = run, .free = free_job, .channel = JOB_KEEP, .generation = generation};
	d->store = s;
	d->args = *a;
	d->args.to = NULL; /* the view's */
	d->arena = ARENA_INIT;
	return d;
}
