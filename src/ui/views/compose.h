/*
 * compose.h - private to the compose view's files: compose_view.c (keys and actions),
 * compose_draft.c (what a reply, forward or saved draft begins with; reader thread),
 * compose_people.c (address fields), compose_files.c (attachments), compose_template.c (templates),
 * compose_send.c (checks, bytes, outbox), compose_paint.c (cells).
 */
#ifndef CRMAIL_UI_COMPOSE_H
#define CRMAIL_UI_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/mail/addr.h"
#include "crmail/mail/compose.h"
#include "crmail/store/correspondent.h"

#include "ui/editor.h"
#include "ui/jobs.h"
#include "ui/key.h"
#include "ui/view.h"
#include "files.h"
#include "people.h"
#include "views.h"

enum field {
	FIELD_FROM,
	FIELD_TO,
	FIELD_CC,
	FIELD_BCC,
	FIELD_SUBJECT,
	FIELD_BODY,
	FIELD_FILES,
	FIELD_COUNT
};

#define SUGGEST_MAX 6
#define SEEN_MAX 600 /* addresses asked about; more are not marked */

struct sender { /* an address that mail can be sent from */
	int64_t account;
	const char *account_name;
	struct addr who;
	const char *signature; /* without the mark; "" = none */
};
struct draft {            /* strings in an arena */
	int64_t reply_to; /* message row answered; 0 = none */
	const char *to, *cc, *bcc, *subject, *text;
	const char *const *in_reply_to;
	size_t n_in_reply_to;
	const char *const *references;
	size_t n_references;
	struct compose_attachment *attachments;
	int64_t *attachment_ids; /* rows of outbox_file; NULL = not stored yet */
	size_t n_attachments;
	struct sender *senders; /* of all accounts; at least one, once loaded */
	size_t n_senders, cap_senders;
	size_t sender; /* the one that was chosen */
};

struct draft_job {
	struct job job;
	struct compose_args args;
	struct store *store; /* what was just written is waited for there */
	struct arena arena;  /* taken by the view */
	struct draft draft;
};
struct draft_job *draft_job_new(struct store *s, const struct compose_args *a, int64_t generation);

#define COMPOSE_HELD_MAX 256

struct compose_file {
	int64_t id; /* row of outbox_file; 0 = not stored yet */
	char *name, *type, *data;
	size_t len;
};
struct seen_addr { /* an address that stood in a field */
	char *addr;
	bool is_told; /* whether it is a contact's is known */
	bool is_known;
};
struct people_tokens {
	struct people_token v[PEOPLE_TOKENS_MAX];
	size_t n;
};

struct compose_data {
	enum compose_kind kind;
	int64_t generation;
	struct arena arena; /* of the draft */
	struct draft draft;
	bool is_loading;
	bool has_template;                 /* once it is loaded, one is chosen */
	struct editor fields[FIELD_COUNT]; /* FIELD_FROM and FIELD_FILES stay empty */
	enum field focus;
	bool has_cc_shown, has_sheet, is_changed, is_sent;
	bool is_holding; /* Enter or Tab waits for the completion it accepts */
	int64_t outbox;  /* draft's row; 0 = not saved yet */
	int64_t adopts;  /* draft of the server that this goes on with; 0 = none */
	bool is_leaving, is_open_at_server; /* saved while writing: the server waits for more */
	bool was_kept_back; /* leaving would have lost the text: asked again, it is left */
	int64_t saved_at;
	int64_t ticket;  /* of the last write of this text */
	bool is_closing; /* as soon as that write is through; keys wait meanwhile */
	bool is_through; /* that write is, while another screen stands above */
	/* Attachments. */
	int64_t files_generation;
	bool is_reading; /* a file is being attached */
	struct compose_file files[FILES_MAX];
	size_t n_files, file_sel;
	struct compose_file gone; /* removed last; name NULL = none */
	size_t gone_at;
	struct files_job *offer; /* files that a paste names: shall they be attached? */
	char *pasted;
	/* Completion of addresses. */
	int64_t people_generation;
	bool is_completing; /* the last key was one that looks for somebody */
	bool is_asking;
	char *asked; /* the text looked for; NULL = none */
	struct arena suggest_arena;
	struct correspondent_row suggest[SUGGEST_MAX];
	size_t n_suggest, suggest_sel;
	struct people_tokens tokens[FIELD_COUNT]; /* of the address fields, at the last recalc */
	struct seen_addr *seen;
	size_t n_seen;
	bool has_new_addr;
	/* The sheet's lines. */
	char problem[256]; /* blocks; "" = none */
	enum field problem_field;
	char warning[256];
	size_t n_recipients;
	struct key held[COMPOSE_HELD_MAX]; /* typed before the draft was there */
	size_t n_held;
};

static inline struct compose_data *compose_data_of(const struct view *v)
{
	return v->data;
}

/* compose_view.c */
/* Undo, redo, copy, cut, paste, all; false: the action is none of them. */
bool compose_edit_do(struct ui *ui, struct editor *e, enum action act);
void compose_edited(struct view *v);
/* compose_files.c */
void compose_files_take(struct compose_data *d); /* those that the draft begins with */
void compose_files_release(struct compose_data *d);
void compose_files_store(struct view *v); /* beside the draft, once it has a row */
size_t compose_files_bytes(const struct compose_data *d);
void compose_files_attach(struct view *v, const char *path);
void compose_files_reply(struct view *v, struct job *j);
bool compose_files_paste(struct view *v, const struct key *k); /* true: it may name files */
bool compose_files_offer_key(struct view *v, const struct key *k);
bool compose_files_key(struct view *v, const struct key *k); /* the list has the focus */
bool compose_files_undo(struct view *v);                     /* false: nothing was removed */
int compose_files_rows(const struct view *v);
void compose_files_paint(const struct view *v, const struct draw *d);
void compose_files_paint_offer(const struct view *v, const struct draw *d, int row);
/* compose_from.c: load, choose and start on the reader thread */
int compose_from_load(struct draft *d, struct arena *a, struct store_reader *r,
	struct err *e) NODISCARD;
/* The account's own address, or that one; for an answer the one that the mail came to. */
void compose_from_choose(struct draft *d, int64_t account, const char *addr,
	const struct message *answered);
/* What stands in the text at the beginning: room to write, the signature, the quotation. */
const char *compose_from_start(const struct draft *d, struct arena *a, const char *quote);
const struct sender *compose_sender(const struct compose_data *d); /* NULL: not loaded yet */
bool compose_from_key(struct view *v, const struct key *k);
void compose_from_pick(struct view *v);
/* With the account's name where there are several. */
void compose_from_add_label(const struct compose_data *d, const struct sender *s, struct buf *out);
/* compose_template.c */
void compose_template(struct view *v); /* lets one be chosen for the text */
/* A variable that is not filled in is a problem. */
void compose_check_gaps(struct compose_data *d);
void compose_go_to_gap(struct view *v); /* selects it, where it is the problem */
/* compose_outside.c */
void compose_outside(struct view *v);        /* the text in the user's own editor */
void compose_outside_resume(struct view *v); /* what an editor left when we were killed */
/* compose_people.c */
bool compose_is_people(enum field f);
void compose_people_release(struct compose_data *d);
void compose_people_refresh(struct view *v); /* asks what the fields need to be told */
void compose_people_reply(struct view *v, struct job *j);
bool compose_people_key(struct view *v, const struct key *k); /* false: the field's own */
/* The key accepts a completion that is still being looked for. */
bool compose_people_waits(const struct compose_data *d, const struct key *k);
void compose_people_add(struct view *v, const struct addr *who); /* to the field with the focus */
/* Makes the list the one that is meant: each once, over all fields. One that holds what is no
 * address stays as it is. */
void compose_people_tidy(struct view *v, enum field f);
void compose_people_paint(const struct view *v, const struct draw *d, int row, int col,
	enum field f);
void compose_people_paint_popup(const struct view *v, const struct draw *d, int first, int col);
int compose_people_cursor(const struct view *v, enum field f, int width);
/* compose_leave.c: the screen closes once the text is on the disk. */
void compose_leave(struct view *v);              /* saves what was not saved */
void compose_close_when_written(struct view *v); /* d->ticket */
void compose_event(struct view *v, const struct event *ev);
void compose_resume(struct view *v);
/* compose_view.c */
void compose_hold_key(struct compose_data *d, const struct key *k);
void compose_drop_held(struct compose_data *d);
/* Moves what was typed before it could be taken to `out`; returns how many. */
size_t compose_take_held(struct compose_data *d, struct key out[COMPOSE_HELD_MAX]);
/* It happens now, here or where that leads. */
void compose_do_keys(struct ui *ui, struct key *v, size_t n);
bool compose_has_unsaved(const struct compose_data *d);
/* compose_send.c: all read the fields. */
void compose_check(struct view *v); /* fills problem, warning, n_recipients */
bool compose_send(struct view *v);  /* false: the message line says why */
void compose_tell_sent(struct view *v);
void compose_save(struct view *v); /* as a draft, if there is anything */
void compose_keep(struct view *v); /* as a draft, also an empty one */
/* False: the store wrote nothing last, so that whoever leaves now loses the text. That is said, and
 * saving is tried once more. */
bool compose_is_safe(struct view *v);
bool compose_is_empty(const struct compose_data *d);
/* compose_paint.c */
void compose_paint(const struct view *v, const struct draw *d);
bool compose_cursor(const struct view *v, int *row, int *col);
int compose_body_rows(const struct view *v);
int compose_field_row(const struct view *v, enum field f); /* -1 = hidden */

#endif
