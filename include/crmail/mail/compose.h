/*
 * compose.h - outgoing messages: drafts of replies and forwards, and the writer that makes RFC
 * 5322 bytes of them. No field can smuggle a line end. Pure; any thread.
 */
#ifndef CRMAIL_COMPOSE_H
#define CRMAIL_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/mail/addr.h"
#include "crmail/mail/message.h"

struct arena;
struct buf;

struct compose_attachment {
	const char *filename;   /* safe */
	const char *type;       /* "application/pdf"; NULL = application/octet-stream */
	const char *content_id; /* inline image; NULL = plain attachment */
	const void *data;
	size_t len;
};

struct compose { /* everything borrowed for the call */
	struct addr from;
	struct addr_list to, cc, bcc;
	const char *subject;
	int64_t date; /* seconds UTC */
	int date_offset_min;
	const char *message_id; /* without brackets; fixed when queued */
	const char *const *in_reply_to;
	size_t n_in_reply_to;
	const char *const *references;
	size_t n_references;
	const char *text; /* LF line ends */
	const char *html; /* NULL = text/plain only */
	const struct compose_attachment *attachments;
	size_t n_attachments;
	const char *boundary_seed; /* makes boundaries; hex */
	bool is_draft;             /* Bcc is written too, and nobody may be named yet */
};

/* The media type that a file of this name has; never NULL. */
const char *compose_type_of(const char *filename);
/* The own words of a text (LF; no quotation, signature, forwarded message) speak of an
 * attachment. */
bool compose_promises_attachment(const char *text);
/* Appends the message, CRLF: UTF-8, quoted-printable or 7bit, format=flowed; no Bcc header
 * but in a draft. */
int compose_write(const struct compose *c, struct buf *out, struct err *e) NODISCARD;

enum reply_flags { REPLY_ALL = 1 << 0 };
/* A reply's draft by the rules of formats.md "reply": recipients, subject, ids, quoted text with
 * attribution line, signature left out. `own` are the account's addresses. In the arena. */
void compose_reply(struct arena *a, const struct message *m, const struct addr *from,
	const char *const *own, size_t n_own, unsigned flags, struct compose *out);
void compose_forward(struct arena *a, const struct message *m, const struct addr *from,
	struct compose *out);

#endif
