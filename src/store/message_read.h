/* message_read.h - rows of messages for those who have their ids. Any thread, own reader. */
#ifndef CRMAIL_STORE_MESSAGE_READ_H
#define CRMAIL_STORE_MESSAGE_READ_H

#include "crmail/store/message.h"

#include "ingest_private.h"
#include "store_private.h"

/* What a row is made of, for a query FROM message m; message_fill() takes the columns. */
#define MESSAGE_COLUMNS                                                                            \
	"m.thread, m.account, a.name, m.mid, m.date, m.received, m.date_offset, m.flags,"          \
	" m.size, m.facts, m.subject, c.snippet, c.files, c.body, c.parked, a.crm, m.refs,"        \
	" p.folder, f.name, p.server_id"
#define MESSAGE_JOINS                                                                              \
	" JOIN message c ON c.id = m.copy_of JOIN account a ON a.id = m.account"                   \
	" LEFT JOIN placement p ON p.id = (SELECT min(id) FROM placement WHERE message = m.id"     \
	"  AND is_shown) LEFT JOIN folder f ON f.id = p.folder"
enum { MESSAGE_COLUMN_COUNT = 20 };

/* *is_there false: no such row. */
int message_read(struct store_reader *r, struct arena *a, int64_t id, struct message_row *out,
	bool *is_there, struct err *e) NODISCARD;
/* All but id, people and parent; the row id of the account's CRM. */
int64_t message_fill(struct arena *a, sqlite3_stmt *q, struct message_row *m);
/* Hashes of the ids it answers, nearest first. */
const int64_t *message_refs(struct arena *a, sqlite3_stmt *q, size_t *n);

/* The people of a row while they are added one by one. */
struct message_people {
	struct message_row *row;
	size_t cap[PARTY_SENDER + 1];
};
void message_people_add(struct arena *a, struct message_people *p, enum party_role role,
	const struct party *who);
/* Name, address and contact in that CRM of a row of `party`. */
int message_party_read(struct store_reader *r, struct arena *a, int64_t party, int64_t crm,
	struct party *out, struct err *e) NODISCARD;

#endif
