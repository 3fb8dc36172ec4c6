/* body.c - reading, parsing and rendering on the reader thread; saving attachments. */
#include "config.h"

#include "body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/contact.h"

#define ATTACHMENT_MAX ((size_t)512 << 20)
#define HTML_MAX ((size_t)64 << 20) /* decoded; it is only asked whether there is any */

/* Decoded bytes without decoding: base64 by the length of its lines (looking at each character of a
 * large file would take longer than all else of opening it), quoted-printable nearly. */
static size_t decoded_size(const struct mime_part *p)
{
	struct span rest = p->body, line;
	size_t n = 0;

	if (p->encoding != ENC_BASE64)
		return p->body.len;
	while (span_next(&rest, '\n', &line)) {
		line = span_trim(line);
		while (line.len > 0 && line.p[line.len - 1] == '=')
			line.len--;
		n += line.len;
	}
	return n / 4 * 3 + (n % 4 > 1 ? n % 4 - 1 : 0);
}

/* The doc of headers that came without a body: nothing to render. */
static void render(struct body *b)
{
	if (b->state == BODY_NONE || b->state == BODY_PARKED) {
		render_plain(&b->arena, "", 0, &b->doc);
		return;
	}
	render_message(&b->arena, &b->m, b->prefer, &b->doc);
	b->n_attachments = message_attachments(&b->arena, &b->m, &b->attachments);
	b->sizes = arena_array(&b->arena, b->n_attachments + 1, sizeof(*b->sizes));
	for (size_t i = 0; i < b->n_attachments; i++)
		b->sizes[i] = decoded_size(b->attachments[i].part);
}

static const char *log_word(struct store_reader *r, struct arena *a, int64_t message)
{
	enum log_state state = LOG_NOT;
	const char *reason = NULL;
	struct err e = ERR_INIT;

	if (log_state_of(r, a, message, &state, &reason, &e))
		return NULL; /* a detail of the top line; the mail itself can be read */
	switch (state) {
	case LOG_LOGGED:
		return N_("logged ✓");
	case LOG_QUEUED:
		return N_("will be logged");
	case LOG_PARKED:
		return N_("not logged: failed");
	case LOG_LOCAL:
		return N_("in the timeline");
	case LOG_NOT:
		return N_("not logged (W says why)");
	}
	return NULL;
}

int body_load(struct body **out, struct store_reader *r, int64_t message, enum render_prefer prefer,
	struct err *e)
{
	struct body *b = xcalloc(1, sizeof(*b));

	b->arena = ARENA_INIT;
	b->message = message;
	b->prefer = prefer;
	if (message_raw(r, &b->arena, message, &b->raw, &b->raw_len, &b->state, e)) {
		body_free(b);
		return -1;
	}
	if (!b->raw)
		b->raw = "";
	message_parse(&b->arena, b->raw, b->raw_len, &b->m);
	render(b);
	b->log_word = log_word(r, &b->arena, message);
	*out = b;
	return 0;
}

void body_free(struct body *b)
{
	if (!b)
		return;
	arena_release(&b->arena);
	free(b);
}

bool body_has_html(const struct body *b)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(HTML_MAX);
	unsigned warnings = 0;

	message_text(&b->m, "text/html", &html, &warnings);
	return html.len > 0 || html.failed;
}

static int load_one(struct open_job *o, struct store_reader *r, int64_t message)
{
	if (o->n_bodies == OPEN_MAX_BODIES)
		return 0;
	for (size_t i = 0; i < o->n_bodies; i++)
		if (o->bodies[i]->message == message)
			return 0;
	if (body_load(&o->bodies[o->n_bodies], r, message, o->prefer, &o->job.err))
		return -1;
	o->n_bodies++;
	return 0;
}

static void open_run(struct job *j, struct store_reader *r)
{
	struct open_job *o = (struct open_job *)j;

	if (o->thread &&
		(thread_messages(r, &o->arena, o->thread, &o->messages, &o->n_messages, &j->err) ||
			thread_get(r, &o->arena, o->thread, &o->row, &j->err)))
		return;
	if (o->only_rows)
		return;
	if (o->want && load_one(o, r, o->want))
		return;
	if (o->n_messages > 0 && load_one(o, r, o->messages[o->n_messages - 1].id))
		return;
	for (size_t i = 0; i < o->n_messages; i++)
		if (!(o->messages[i].flags & MSG_SEEN) && load_one(o, r, o->messages[i].id))
			return;
}

static void open_free(struct job *j)
{
	struct open_job *o = (struct open_job *)j;

	for (size_t i = 0; i < o->n_bodies; i++)
		body_free(o->bodies[i]);
	arena_release(&o->arena);
	free(o);
}

struct open_job *open_job_new(enum job_channel channel, int64_t thread, int64_t want,
	int64_t generation)
{
	struct open_job *o = xcalloc(1, sizeof(*o));

	o->job = (struct job){
		.run = open_run, .free = open_free, .channel = channel, .generation = generation};
	o->thread = thread;
	o->want = want;
	o->arena = ARENA_INIT;
	return o;
}

void attachment_data(const struct message_attachment *a, struct buf *out)
{
	/* formats.md: a message as attachment is taken as a whole, raw. */
	if (strncmp(a->part->type, "message/", 8) == 0)
		buf_add(out, a->part->body.p, a->part->body.len);
	else
		mime_part_decode(a->part, out, NULL);
}

int attachment_save(const struct message_attachment *a, const char *dir, char **path, struct err *e)
{
	CLEANUP(buf_release) struct buf data = BUF_INIT(ATTACHMENT_MAX);
	char *made = NULL;
	int fd, rc;

	attachment_data(a, &data);
	if (data.failed)
		return err_set(e, ERR_TOOBIG, "%s", _("The attachment is too large to save."));
	if (fsx_mkdir_p(dir, e))
		return -1;
	fd = fsx_create_new(dir, a->save_as, &made, e);
	if (fd < 0)
		return -1;
	rc = fsx_write_all(fd, data.p, data.len)
		     ? err_sys(e, ERR_IO, errno, "%s", _("Cannot write the attachment"))
		     : 0;
	if (close(fd) != 0 && rc == 0)
		rc = err_sys(e, ERR_IO, errno, "%s", _("Cannot write the attachment"));
	if (rc) {
		unlink(made);
		free(made);
		return -1;
	}
	*path = made;
	return 0;
}

static void save_run(struct job *j, struct store_reader *r)
{
	struct save_job *s = (struct save_job *)j;
	struct body *b = NULL;

	if (body_load(&b, r, s->message, RENDER_AUTO, &j->err))
		return;
	if (b->state != BODY_WHOLE)
		err_set(&j->err, ERR_NOTFOUND, "%s",
			_("The message is not wholly here yet: its attachments come with it."));
	for (size_t i = 0; i < b->n_attachments && j->err.code == ERR_NONE; i++) {
		char *path = NULL;

		if (s->index >= 0 && (size_t)s->index != i)
			continue;
		if (attachment_save(&b->attachments[i], s->dir, &path, &j->err))
			break;
		free(s->last_path);
		s->last_path = path;
		s->n_saved++;
	}
	body_free(b);
}

static void save_free(struct job *j)
{
	struct save_job *s = (struct save_job *)j;

	free(s->dir);
	free(s->last_path);
	free(s);
}

struct save_job *save_job_new(int64_t message, int index, const char *dir, bool open_after,
	int64_t generation)
{
	struct save_job *s = xcalloc(1, sizeof(*s));

	s->job = (struct job){.run = save_run,
		.free = save_free,
		.channel = JOB_KEEP,
		.kind = JOB_KIND_SAVE,
		.generation = generation};
	s->message = message;
	s->index = index;
	s->dir = xstrdup(dir);
	s->open_after = open_after;
	return s;
}

void body_add_size(struct buf *out, size_t bytes)
{
	if (bytes < 1024)
		buf_addf(out, ngettext("%d byte", "%d bytes", (unsigned long)bytes), (int)bytes);
	else if (bytes < 1024 * 1024)
		buf_addf(out, "%d KB", (int)(bytes / 1024));
	else
		buf_addf(out, "%.1f MB", (double)bytes / (1024 * 1024));
}
