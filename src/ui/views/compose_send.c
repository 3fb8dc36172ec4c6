/*
 * compose_send.c - from fields to a mail in the outbox: checks of R25, bytes by compose_write,
 * drafts as JSON. Sends nothing itself: the outbox row and a kick are all.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/rng.h"
#include "crmail/mail/compose.h"
#include "crmail/store/outbox.h"
#include "crmail/store/store.h"
#include "ui/ui_core.h"
#include "compose.h"

#define MESSAGE_MAX ((size_t)64 << 20)
#define ID_HEX 32

static const enum field address_fields[] = {FIELD_TO, FIELD_CC, FIELD_BCC};

struct recipients {
	struct addr_list list[FIELD_COUNT];
	const char **all; /* each once */
	size_t n;
	const char *bad; /* first that is no address; NULL = none */
	enum field bad_field;
};

static bool is_listed(const struct recipients *r, const char *addr)
{
	for (size_t i = 0; i < r->n; i++)
		if (addr_same(r->all[i], addr))
			return true;
	return false;
}

/* The first token of a field that is no address; NULL = none. */
static const char *find_bad(struct arena *a, const struct buf *text)
{
	struct people_token t[PEOPLE_TOKENS_MAX];
	size_t n = people_split(text->p, text->len, t, PEOPLE_TOKENS_MAX);
	struct addr who;

	for (size_t i = 0; i < n; i++)
		if (!people_parse(a, text->p + t[i].start, t[i].len, &who))
			return arena_strndup(a, text->p + t[i].start, t[i].len);
	return NULL;
}

static void gather(const struct compose_data *d, struct arena *a, struct recipients *r)
{
	size_t cap = 0;

	*r = (struct recipients){.n = 0};
	for (size_t f = 0; f < ARRAY_SIZE(address_fields); f++) {
		const struct buf *t = &d->fields[address_fields[f]].text;
		struct addr_list *l = &r->list[address_fields[f]];

		addr_parse(a, t->p, t->len, l);
		if (!r->bad && (r->bad = find_bad(a, t)))
			r->bad_field = address_fields[f];
		/* Behind the tokens that are looked at one by one. */
		if (!r->bad && l->bad) {
			r->bad = arena_strndup(a, t->p, t->len);
			r->bad_field = address_fields[f];
		}
		r->all = arena_grow(a, r->all, &cap, r->n + l->n + 1, sizeof(*r->all));
		for (size_t i = 0; i < l->n; i++)
			if (!is_listed(r, l->v[i].addr))
				r->all[r->n++] = l->v[i].addr;
	}
}

static void set_text(char *out, size_t size, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(size - 1);

	text_add(&b, text);
	memcpy(out, b.p, b.len + 1);
}

static void add_warning(struct buf *b, const char *text)
{
	if (b->len > 0)
		text_add(b, " ");
	text_add(b, text);
}

static void check_recipients(struct view *v, struct arena *a)
{
	struct compose_data *d = compose_data_of(v);
	struct recipients r;

	gather(d, a, &r);
	d->n_recipients = r.n;
	d->problem_field = r.bad ? r.bad_field : FIELD_TO;
	if (!compose_sender(d) || !ui_account(v->ui, compose_sender(d)->account)) {
		d->problem_field = FIELD_FROM;
		set_text(d->problem, sizeof(d->problem),
			_("The account to send from is gone: choose another in From."));
	} else if (compose_files_bytes(d) > FILES_BYTES_MAX) {
		d->problem_field = FIELD_FILES;
		set_text(d->problem, sizeof(d->problem),
			_("The attachments of one mail hold 45 MB at most: take one out."));
	} else if (r.bad)
		set_text(d->problem, sizeof(d->problem),
			/* TRANSLATORS: the placeholder is what stands in To, Cc or Bcc */
			arena_printf(a, _("Not an address: %s"), r.bad));
	else if (r.n == 0)
		set_text(d->problem, sizeof(d->problem), _("There is no recipient yet."));
}

void compose_check(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->warning) - 1);
	struct arena a = ARENA_INIT;

	d->problem[0] = '\0';
	check_recipients(v, &a);
	if (!d->problem[0])
		compose_check_gaps(d);
	if (span_trim(span_of(d->fields[FIELD_SUBJECT].text.p)).len == 0)
		add_warning(&b, _("The subject is empty."));
	if (d->n_files == 0 && compose_promises_attachment(d->fields[FIELD_BODY].text.p))
		add_warning(&b, _("The text speaks of an attachment and there is none."));
	if (compose_files_bytes(d) > FILES_BYTES_WARN)
		add_warning(&b, _("The mail is larger than 25 MB: many servers refuse that."));
	memcpy(d->warning, b.p, b.len + 1);
	arena_release(&a);
}

/* The signature alone is nothing that was written. */
bool compose_is_empty(const struct compose_data *d)
{
	const char *start = d->kind == COMPOSE_NEW && d->draft.text ? d->draft.text : "";

	for (int f = FIELD_TO; f < FIELD_BODY; f++)
		if (span_trim(span_of(d->fields[f].text.p)).len > 0)
			return false;
	return d->n_files == 0 && (span_trim(span_of(d->fields[FIELD_BODY].text.p)).len == 0 ||
					  strcmp(d->fields[FIELD_BODY].text.p, start) == 0);
}

static void add_ids(cJSON *j, const char *key, const char *const *v, size_t n)
{
	cJSON *list = cJSON_AddArrayToObject(j, key);

	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i]));
}

static char *draft_json(const struct compose_data *d)
{
	CLEANUP(json_free) cJSON *j = cJSON_CreateObject();

	json_add_str(j, "to", d->fields[FIELD_TO].text.p);
	json_add_str(j, "cc", d->fields[FIELD_CC].text.p);
	json_add_str(j, "bcc", d->fields[FIELD_BCC].text.p);
	json_add_str(j, "subject", d->fields[FIELD_SUBJECT].text.p);
	json_add_str(j, "text", d->fields[FIELD_BODY].text.p);
	add_ids(j, "in_reply_to", d->draft.in_reply_to, d->draft.n_in_reply_to);
	add_ids(j, "references", d->draft.references, d->draft.n_references);
	json_add_i64(j, "account", compose_sender(d)->account);
	json_add_str(j, "from", compose_sender(d)->who.addr);
	json_add_i64(j, "reply_to", d->draft.reply_to);
	return json_print(j);
}

static const struct compose_attachment *attachments(struct arena *a, const struct compose_data *d)
{
	struct compose_attachment *v = arena_array(a, d->n_files + 1, sizeof(*v));

	for (size_t i = 0; i < d->n_files; i++)
		v[i] = (struct compose_attachment){.filename = d->files[i].name,
			.type = d->files[i].type,
			.data = d->files[i].data,
			.len = d->files[i].len};
	return v;
}

static int local_offset_min(int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

static int put(struct view *v, enum outbox_state state, int64_t not_before, struct err *e)
{
	struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;
	const struct sender *from = compose_sender(d);
	CLEANUP(buf_release) struct buf raw = BUF_INIT(MESSAGE_MAX);
	char seed[ID_HEX + 1], *json;
	struct arena a = ARENA_INIT;
	struct recipients r;
	struct outbox_new o = {.account = from->account,
		.id = d->outbox,
		.from = from->who.addr,
		.state = state,
		.not_before = not_before,
		.reply_to = d->draft.reply_to,
		.adopts = d->adopts,
		.subject = d->fields[FIELD_SUBJECT].text.p};
	struct compose c = {.from = from->who,
		.date = ui_now(ui),
		.subject = o.subject,
		.text = d->fields[FIELD_BODY].text.p,
		.in_reply_to = d->draft.in_reply_to,
		.n_in_reply_to = d->draft.n_in_reply_to,
		.references = d->draft.references,
		.n_references = d->draft.n_references};
	int rc;

	rng_hex(ui->o.rng, seed, ID_HEX);
	gather(d, &a, &r);
	c.to = r.list[FIELD_TO];
	c.cc = r.list[FIELD_CC];
	c.bcc = r.list[FIELD_BCC];
	c.date_offset_min = local_offset_min(c.date);
	c.message_id = arena_printf(&a, "%s@%s", seed, addr_domain(from->who.addr));
	c.boundary_seed = seed;
	c.is_draft = state == OUTBOX_DRAFT;
	/* Those of a draft are kept beside it; other programs find them once it was left. */
	if (state != OUTBOX_DRAFT || d->is_leaving) {
		c.attachments = attachments(&a, d);
		c.n_attachments = d->n_files;
	}
	rc = compose_write(&c, &raw, e);
	if (rc == 0) {
		json = draft_json(d);
		o.message_id = c.message_id;
		o.recipients = r.all;
		o.n_recipients = r.n;
		o.raw = raw.p;
		o.raw_len = raw.len;
		o.draft_json = json;
		d->ticket = outbox_put(ui->o.store, &o, &d->outbox);
		compose_files_store(v);
		free(json);
	}
	arena_release(&a);
	return rc;
}

void compose_save(struct view *v)
{
	const struct compose_data *d = compose_data_of(v);

	if (!compose_is_empty(d) || d->outbox)
		compose_keep(v);
}

void compose_keep(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct err e = ERR_INIT;

	if (!compose_sender(d))
		return;
	if (put(v, OUTBOX_DRAFT, d->is_leaving ? OUTBOX_LEFT : 0, &e)) {
		ui_error(v->ui, &e);
		return;
	}
	d->is_changed = false;
	d->is_open_at_server = !d->is_leaving;
	d->saved_at = ui_now(v->ui);
	ui_kick(v->ui, compose_sender(d)->account);
}

bool compose_is_safe(struct view *v)
{
	struct err e = ERR_INIT;

	if (!store_trouble(v->ui->o.store, &e))
		return true;
	compose_save(v);
	ui_error(v->ui, &e);
	return false;
}

bool compose_send(struct view *v)
{
	struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;
	int window = ui->o.undo_window_s;
	struct err e = ERR_INIT;

	compose_check(v);
	if (d->problem[0] || !compose_is_safe(v))
		return false;
	if (put(v, window > 0 ? OUTBOX_HELD : OUTBOX_QUEUED, window > 0 ? ui_now(ui) + window : 0,
		    &e)) {
		ui_error(ui, &e);
		return false;
	}
	d->is_sent = true;
	return true;
}

void compose_tell_sent(struct view *v)
{
	const struct compose_data *d = compose_data_of(v);
	struct ui *ui = v->ui;
	int window = ui->o.undo_window_s;
	CLEANUP(buf_release) struct buf b = BUF_INIT(120);

	buf_addf(&b,
		ngettext("Sending to %d person.", "Sending to %d people.",
			(unsigned long)d->n_recipients),
		(int)d->n_recipients);
	if (window > 0)
		ui_set_undo(ui, 0, d->outbox, window, b.p);
	else
		ui_info(ui, "%s", b.p);
	ui_kick(ui, compose_sender(d)->account);
}
