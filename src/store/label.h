/*
 * label.h - a message in further folders: what `l` does where a folder is all a label can be. The
 * copy is a row of its own (copy_of says of what), because a server keeps flags for each. Writer
 * thread only.
 */
#ifndef CRMAIL_STORE_LABEL_H
#define CRMAIL_STORE_LABEL_H

#include "thread_private.h"

/* A row of table op, as opqueue.c read it. */
struct label_op {
	int64_t account, message, folder, to_folder;
};

/* Shows the message, which lies in `from`, in `to` as well and queues OP_COPY. Nothing when it or
 * an equal copy lies there already, or when `to` belongs to another account. */
int label_put(struct write *w, int64_t message, int64_t from, int64_t to, int64_t grp,
	struct thread_set *touched, struct err *e) NODISCARD;
/* Takes it and its equal copies out of the folder and queues OP_EXPUNGE. Nothing for what lies
 * nowhere else: that would be deleting. */
int label_take(struct write *w, int64_t message, int64_t folder, int64_t grp,
	struct thread_set *touched, struct err *e) NODISCARD;
/* Undoes label_take() for that row. */
int label_restore(struct write *w, int64_t message, int64_t folder, struct thread_set *touched,
	struct err *e) NODISCARD;

/* What became of the ops. new_id NULL: the next listing tells it. */
int label_copied(struct write *w, const struct label_op *o, const char *new_id,
	struct thread_set *touched, struct err *e) NODISCARD;
int label_copy_refused(struct write *w, const struct label_op *o, struct thread_set *touched,
	struct err *e) NODISCARD;
int label_expunged(struct write *w, const struct label_op *o, bool is_withdrawn,
	struct thread_set *touched, struct err *e) NODISCARD;
int label_expunge_refused(struct write *w, const struct label_op *o, struct thread_set *touched,
	struct err *e) NODISCARD;

/* The row that was made for a copy, its place in the folder and its ops. */
int label_drop_row(struct write *w, int64_t message, int64_t folder, struct err *e) NODISCARD;

#endif
