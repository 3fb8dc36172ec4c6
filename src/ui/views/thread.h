/*
 * thread.h - private to the thread view's files: its data, the lines it lays out, and who does
 * what: thread_view.c (state and actions), thread_layout.c (lines), thread_paint.c (cells).
 */
#ifndef CRMAIL_UI_THREAD_H
#define CRMAIL_UI_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/store/message.h"

#include "ui/ahead.h"
#include "ui/key.h"
#include "ui/view.h"
#include "body.h"
#include "card.h"
#include "views.h"

#define PANEL_MIN_COLS 110
#define PANEL_COLS 38

enum line_kind {
	LINE_BLANK,
	LINE_HEAD,
	LINE_FIELD,
	LINE_TEXT,
	LINE_QUOTES,
	LINE_ATTACHMENT,
	LINE_REMOTE,
	LINE_LINK,
	LINE_NOTE,
};

struct thread_line {
	enum line_kind kind;
	size_t message; /* index */
	const char *p;  /* text, borrowed from a body or the layout's arena */
	size_t len;
	int indent; /* cells */
	int quote;  /* marks drawn before the text */
	unsigned style;
	size_t index; /* attachment or link */
	int count;    /* LINE_QUOTES: lines folded */
};

enum body_format { FORMAT_AUTO, FORMAT_PLAIN, FORMAT_HTML, FORMAT_SOURCE, FORMAT_COUNT };

struct thread_message {
	const struct message_row *row;
	struct body *body; /* NULL = not loaded */
	bool is_folded, has_quotes_shown, has_headers_shown, was_unread, is_asked, is_known;
	bool is_wanted; /* its body, because its place is on the screen */
	enum body_format format;
};

struct thread_data {
	struct thread_args args;
	int64_t thread, generation;
	struct arena arena; /* rows, from the job */
	struct thread_row *row;
	struct thread_message *v;
	size_t n;
	bool is_loaded, is_gone, wants_reload, is_newest_first;
	struct arena layout_arena;
	struct thread_line *lines;
	size_t n_lines, cap_lines;
	size_t top, cur;      /* first line on screen; message in focus */
	bool wants_cur_shown; /* scroll so that the focused message's head is on screen */
	int64_t number;       /* of a link, being typed; 0 = none */
	struct card card;
	bool has_panel_shown; /* below PANEL_MIN_COLS: asked for by Tab */
	bool has_panel_focus; /* the panel has the keyboard */
	size_t panel_sel;     /* of the card's entries */
	struct ahead ahead;   /* typed before the messages were there */
};

static inline struct thread_data *thread_data_of(const struct view *v)
{
	return v->data;
}

bool thread_has_panel(const struct view *v);
int thread_text_cols(const struct view *v); /* width of the conversation's column */
int thread_height(const struct view *v);    /* lines of the conversation on screen */
void thread_layout(struct view *v);
size_t thread_head_line(const struct thread_data *d, size_t message);
void thread_paint(const struct view *v, const struct draw *d);
const struct render_link *thread_link(const struct thread_data *d, int64_t number);

/* thread_people.c: names before addresses; the user's own address is "you". */
void thread_add_party(const struct view *v, const struct message_row *row, const struct party *p,
	struct buf *out);
void thread_add_parties(const struct view *v, const struct message_row *row, const struct party *p,
	size_t n, struct buf *out);
void thread_add_sender(const struct view *v, const struct message_row *row, struct buf *out);
/* How many messages, and everybody once: writers, then recipients, then those only in Cc; the rest
 * counted when `cells` are used up. */
void thread_add_people(const struct view *v, int cells, struct buf *out);

/* thread_keys.c */
enum view_result thread_action(struct view *v, enum action act);
enum view_result thread_key(struct view *v, const struct key *k);
void thread_show_message(struct view *v, size_t i); /* unfolded, in focus */
/* thread_panel.c */
bool thread_panel_focus(struct view *v); /* false: there is nothing to walk in it */
enum view_result thread_panel_action(struct view *v, enum action act);
/* thread_view.c */
void thread_want_body(struct view *v, size_t i);
void thread_open(struct view *v, int64_t thread, int64_t message);
void thread_reverse(struct view *v); /* newest first, or oldest first again */

#endif
