/*
 * body.h - one message read, taken apart and rendered, in an arena of its own: made on the reader
 * thread, owned by the view afterwards. And the jobs that make them.
 */
#ifndef CRMAIL_UI_BODY_H
#define CRMAIL_UI_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/mail/message.h"
#include "crmail/mail/render.h"
#include "crmail/store/message.h"

#include "ui/jobs.h"

struct buf;

struct body {
	struct arena arena;
	int64_t message;
	enum body_state state;
	struct message m;
	struct render_doc doc;
	enum render_prefer prefer;
	struct message_attachment *attachments;
	size_t n_attachments;
	size_t *sizes; /* decoded bytes of each */
	const char *raw;
	size_t raw_len;
	const char *log_word; /* how it stands with the CRM, not translated; NULL = no CRM */
};

/* Reader thread, or wherever the reader belongs. Caller frees with body_free. */
int body_load(struct body **out, struct store_reader *r, int64_t message, enum render_prefer prefer,
	struct err *e) NODISCARD;
void body_free(struct body *b);
void body_add_size(struct buf *out, size_t bytes); /* "112 KB" */
bool body_has_html(const struct body *b);

enum job_kind { JOB_KIND_OPEN, JOB_KIND_SAVE, JOB_KIND_SHOW, JOB_KIND_COUNT, JOB_KIND_FOUND };

#define OPEN_MAX_BODIES 24

/* Reads a conversation (thread not 0) and the bodies that will be shown: the wanted one, the
 * unread and the last; or, with thread 0, only the wanted body. */
struct open_job {
	struct job job;
	bool only_rows; /* no bodies: what is shown is there already */
	int64_t thread, want;
	enum render_prefer prefer;
	struct arena arena; /* of messages and row; taken by the view */
	struct message_row *messages;
	size_t n_messages;
	struct thread_row *row;               /* NULL = the conversation is gone */
	struct body *bodies[OPEN_MAX_BODIES]; /* taken by the view: set to NULL */
	size_t n_bodies;
};
struct open_job *open_job_new(enum job_channel channel, int64_t thread, int64_t want,
	int64_t generation);

/* Saves attachments (index, or all with -1) of a message into a folder. */
struct save_job {
	struct job job;
	int64_t message;
	int index;
	char *dir;
	bool open_after; /* the user wants to see it, not to keep it */
	size_t n_saved;
	char *last_path; /* NULL = nothing saved */
};
struct save_job *save_job_new(int64_t message, int index, const char *dir, bool open_after,
	int64_t generation);
/* Its bytes: decoded, a message as attachment as it is. */
void attachment_data(const struct message_attachment *a, struct buf *out);
/* Writes one attachment as a new file. *path: caller frees. */
int attachment_save(const struct message_attachment *a, const char *dir, char **path,
	struct err *e) NODISCARD;

#endif
