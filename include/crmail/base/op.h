/*
 * op.h - one change waiting to reach a server (table `op`): shared by store, provider and sync.
 * Targets are local ids in the table; the store resolves them to server ids when a worker takes
 * the op, because server ids change. Any thread.
 */
#ifndef CRMAIL_OP_H
#define CRMAIL_OP_H

#include <stdint.h>

enum op_kind { /* stored as these numbers: never renumber */
	OP_NONE = 0,
	OP_FLAGS = 1,         /* idempotent: add/remove flags */
	OP_MOVE = 2,          /* looks first: from folder to folder */
	OP_COPY = 3,          /* looks first (label on IMAP) */
	OP_EXPUNGE = 4,       /* idempotent; destructive */
	OP_APPEND = 5,        /* looks first: by Message-ID */
	OP_FOLDER_CREATE = 6, /* looks first */
	OP_KIND_COUNT
};

enum msg_flag { /* stored as these bits: never renumber */
	MSG_SEEN = 1 << 0,
	MSG_FLAGGED = 1 << 1, /* star */
	MSG_ANSWERED = 1 << 2,
	MSG_DRAFT = 1 << 3,
	MSG_DELETED = 1 << 4,
	MSG_FORWARDED = 1 << 5,
	MSG_JUNK = 1 << 6,
};

enum folder_role { /* stored as these numbers: never renumber */
	FOLDER_OTHER = 0,
	FOLDER_INBOX = 1,
	FOLDER_SENT = 2,
	FOLDER_DRAFTS = 3,
	FOLDER_TRASH = 4,
	FOLDER_ARCHIVE = 5,
	FOLDER_JUNK = 6,
	FOLDER_ALL = 7,
	FOLDER_FLAGGED = 8,
	FOLDER_ROLE_COUNT
};

struct op {
	int64_t id; /* row id */
	enum op_kind kind;
	int64_t account;
	int64_t message;        /* local message id; 0 when the op has none */
	const char *folder;     /* server name of the source folder; NULL = none */
	const char *cursor;     /* of `folder`: which numbering server_id belongs to; NULL = none */
	const char *server_id;  /* server's id of the message in `folder`; NULL = none */
	const char *to_folder;  /* server name of the destination; NULL = none */
	const char *message_id; /* RFC 5322 Message-ID, for looking first; NULL = none */
	uint32_t flags_add;     /* enum msg_flag */
	uint32_t flags_remove;
	const char *data; /* OP_APPEND: the message, CRLF */
	uint64_t data_len;
	uint32_t attempts;
	int64_t not_before; /* seconds UTC, 0 = now */
};

#endif
