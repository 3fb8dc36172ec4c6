/*
 * compose.h - private to the compose view's files: compose_view.c (keys and actions),
 * compose_draft.c (what a reply, forward or saved draft begins with; reader thread),
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
#include "crmail/store/contact.h"

#include "ui/editor.h"
#include "ui/jobs.h"
#include "ui/key.h"
#include "ui/view.h"
#include "views.h"

enum field { FIELD_FROM, FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_SUBJECT, FIELD_BODY, FIELD_COUNT };

#define SUGGEST_MAX 6

struct draft {            /* strings in an arena */
	int64_t account;  /* 0 = the first */
	int64_t reply_to; /* message row answered; 0 = none */
	const char *to, *cc, *bcc, *subject, *text;
	const char *const *in_reply_to;
	size_t n_in_reply_to;
	const char *const *references;
	size_t n_references;
	int64_t attach_from; /* message whose attachments go along; 0 = none */
	struct compose_attachment *attachments;
	size_t n_attachments;
};

struct draft_job {
	struct job job;
	struct compose_args args;
	struct arena arena; /* taken by the view */
	struct draft draft;
};
struct draft_job *draft_job_new(const struct compose_args *a, int64_t generation);
/* Name <addr>, quoted where needed, for people to read and addr_parse to take. */
void draft_add_addr(struct buf *out, const struct addr *a);

#define COMPOSE_HELD_MAX 256

struct compose_data {
	enum compose_kind kind;
	int64_t generation;
	struct arena arena; /* of the draft */
	struct draft draft;
	bool is_loading;
	size_t account;                    /* index in ui->accounts */
	struct editor fields[FIELD_COUNT]; /* FIELD_FROM unused */
	enum field focus;
	bool has_cc_shown, has_sheet, is_changed, is_sent;
	int64_t outbox; /* draft's row; 0 = not saved yet */
	int64_t saved_at;
	struct arena suggest_arena;
	struct contact_row *suggest;
	size_t n_suggest, suggest_sel;
	/* The sheet's lines. */
	char problem[256]; /* blocks; "" = none */
	char warning[256];
	size_t n_recipients;
	struct key held[COMPOSE_HELD_MAX]; /* typed before the draft was there */
	size_t n_held;
};

static inline struct compose_data *compose_data_of(const struct view *v)
{
	return v->data;
}

/* compose_send.c: all read the fields. */
void compose_check(struct view *v); /* fills problem, warning, n_recipients */
bool compose_send(struct view *v);  /* false: the message line says why */
void compose_save(struct view *v);  /* as a draft */
bool compose_is_empty(const struct compose_data *d);
/* compose_paint.c */
void compose_paint(const struct view *v, const struct draw *d);
bool compose_cursor(const struct view *v, int *row, int *col);
int compose_body_rows(const struct view *v);
int compose_field_row(const struct view *v, enum field f); /* -1 = hidden */

#endif
