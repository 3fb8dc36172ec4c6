/*
 * ui_core.h - what the views share: the stack of views, messages to the user, undo, the reader
 * thread, and one turn of the loop. UI thread only. loop.c feeds it from a terminal, tests feed it
 * keys and look at the grid.
 */
#ifndef CRMAIL_UI_CORE_H
#define CRMAIL_UI_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/store/account.h"
#include "crmail/ui/ui.h"

#include "action.h"
#include "draw.h"
#include "view.h"

struct crm_row;
struct event;
struct job;
struct reader_thread;
struct store_reader;

#define UI_STACK_MAX 16
#define UI_MESSAGE_MAX 512

/* Changes that the server refuses for good. */
struct given_up {
	int64_t n;
	const char *reason; /* of the last; NULL = none */
};

enum message_kind { MESSAGE_NONE, MESSAGE_INFO, MESSAGE_ERROR };

/* What only a terminal can do; NULL slots (tests) do nothing. */
struct ui_terminal {
	void *ctx;
	void (*suspend)(void *ctx);
	void (*redraw)(void *ctx);
	bool (*clipboard)(void *ctx, const char *p, size_t n);
	/* Text of ours for the terminal to show; NULL: its bell. */
	void (*ring)(void *ctx, const char *text);
	/* Opens an http(s) URL or a file of ours with the desktop's program. */
	bool (*open)(void *ctx, const char *what);
	/* Gives the terminal to the user's editor with a file until it ends. ERR_CANCELLED: it was
	 * stopped by a signal, the file may hold what was written; else the file does not count. */
	int (*edit)(void *ctx, const char *path, struct err *e);
};

/* The last thing that can be taken back with `z`. */
struct ui_undo {
	int64_t group;    /* of action_*; 0 = none */
	int64_t outbox;   /* mail held; 0 = none */
	int64_t record;   /* of record_undo(); 0 = none */
	int64_t decision; /* of decide_undo(); 0 = none */
	int64_t until_ms; /* the countdown's end; 0 = no countdown */
	char text[128];   /* "Archived 3 conversations." */
};

struct ui {
	struct ui_options o;
	struct ui_terminal terminal;
	struct store_reader *reader;
	struct reader_thread *jobs;
	struct grid grid;
	struct keymap keymap;
	struct view *stack[UI_STACK_MAX];
	size_t n_stack;
	int64_t next_view_id;
	bool is_quitting, is_hints_hidden, is_newest_first, wants_paint;

	struct key prefix;    /* UKEY_NONE: no prefix key is waiting */
	int64_t prefix_at_ms; /* when its popup is due */
	bool is_prefix_shown;

	enum message_kind message_kind;
	char message[UI_MESSAGE_MAX];
	char problem[UI_MESSAGE_MAX]; /* of an account, as the last events left it; "" = none */
	bool is_looking;              /* the message says that servers are asked */
	struct ui_undo undo;
	char progress[256];

	struct arena accounts_arena;
	struct given_up *given_up; /* per account; in accounts_arena */
	struct account_row *accounts;
	size_t n_accounts;
	bool *is_insecure;  /* of each account: its servers are talked to in the clear */
	const char *notice; /* of the data folder's care; NULL = none; in accounts_arena */
	int64_t kick_at;    /* workers are kicked again when this ticket is committed; 0 = not */
	bool has_crm;
	bool has_crm_server; /* one of them is more than contacts kept here */
	const struct crm_row
		*crm_problem;     /* that needs the user most; in accounts_arena; NULL = none */
	const char *insecure_crm; /* talked to in the clear; in accounts_arena; NULL = none */
	int64_t unseen;           /* notifications nobody looked at; -1 = not read yet */
	int64_t crm_refused;      /* entries and writes that wait for the user's word */
	int64_t status_at_ms;     /* when relative times of the status line change */
	char *clip;               /* text copied inside crmail; NULL = none */
	size_t clip_len;
	char *attach_dir; /* where a file was attached from last; NULL = nowhere yet */
};

/* With `sync_jobs` reader jobs run inside ui_turn(): for tests. */
int ui_init(struct ui *ui, const struct ui_options *o, bool is_ascii, bool sync_jobs,
	struct err *e) NODISCARD;
void ui_release(struct ui *ui);
void ui_resize(struct ui *ui, int rows, int cols);
void ui_key(struct ui *ui, const struct key *k);
void ui_events(struct ui *ui); /* drains the event set */
void ui_turn(struct ui *ui);   /* due timers, recalc, paint once into the grid */
/* Milliseconds until a timer is due; -1 = none. */
int ui_timeout_ms(const struct ui *ui);

int64_t ui_now(const struct ui *ui); /* seconds UTC */
int64_t ui_now_ms(const struct ui *ui);

/* Opens a view on top. Failure is shown in the message line and nothing is opened. */
struct view *ui_push(struct ui *ui, const struct view_ops *ops, const void *args);
void ui_pop(struct ui *ui);         /* the last one popped ends the program */
void ui_pop_to_base(struct ui *ui); /* back to the list */
struct view *ui_top(const struct ui *ui);
struct view *ui_below(const struct view *v);          /* NULL = v is the base */
enum view_result ui_do(struct ui *ui, enum action a); /* dispatch to the top view, then global */

void ui_info(struct ui *ui, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ui_error(struct ui *ui, const struct err *e); /* stays until the next key after it was seen */
void ui_set_undo(struct ui *ui, int64_t group, int64_t outbox, int seconds, const char *text);
/* A record that was written; write 0: it cannot be taken back, the text is shown all the same. */
void ui_set_undo_record(struct ui *ui, int64_t write, const char *text);
void ui_set_undo_decision(struct ui *ui, int64_t decision, const char *text); /* decide() */
void ui_undo(struct ui *ui);
/* Now, and once more when what was written before is committed: who wakes too early sees
 * nothing. */
void ui_kick(struct ui *ui, int64_t account);
void ui_copy(struct ui *ui, const char *p, size_t n); /* clip and, when allowed, the terminal's */
const struct account_row *ui_account(const struct ui *ui, int64_t id); /* NULL = none */
/* Hands a job to the reader thread; see jobs.h. */
void ui_submit(struct view *v, struct job *j);

#endif
