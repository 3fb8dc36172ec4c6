/*
 * message.h - one message taken apart: the bounded MIME splitter and what every layer asks of it.
 *
 * message_parse() never fails on a message, however broken: limits (depth, parts, sizes) leave
 * things out and say so in `warnings`. Linear time, iterative, bounded memory. Parts borrow the
 * input bytes; decoded text lives in the arena. Pure; any thread.
 */
#ifndef CRMAIL_MESSAGE_H
#define CRMAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"
#include "crmail/mail/header.h"

struct arena;
struct buf;

#define MESSAGE_MAX_DEPTH 100
#define MESSAGE_MAX_PARTS 2000

enum message_warning { /* the closed list of crmail(1); names by message_warning_name() */
	WARN_BAD_DATE = 1 << 0,
	WARN_BAD_CHARSET = 1 << 1,
	WARN_BAD_BASE64 = 1 << 2,
	WARN_NO_CLOSING_BOUNDARY = 1 << 3,
	WARN_HEADER_TOO_LONG = 1 << 4,
	WARN_TOO_DEEP = 1 << 5,
	WARN_TOO_MANY_PARTS = 1 << 6,
	WARN_DUPLICATE_HEADER = 1 << 7,
	WARN_BAD_ADDRESS = 1 << 8,
	WARN_BAD_REFERENCES = 1 << 9,
};

enum message_encoding { ENC_IDENTITY, ENC_BASE64, ENC_QP };
enum part_disposition { DISP_NONE, DISP_INLINE, DISP_ATTACHMENT };

struct mime_part {
	const char *type;       /* "text/plain": lower case, no parameters; never NULL */
	const char *charset;    /* as written; NULL = none */
	const char *filename;   /* RFC 2231/2047 decoded, as sent, unsanitised; NULL = none */
	const char *content_id; /* without brackets; NULL = none */
	const char *method;     /* text/calendar's method; NULL = none */
	bool flowed, delsp;     /* format=flowed, delsp=yes */
	enum part_disposition disposition;
	enum message_encoding encoding;
	struct span body;        /* still encoded */
	struct span raw;         /* headers and body */
	struct mime_part *child; /* first; NULL = leaf. message/rfc822 has its root as only child */
	struct mime_part *next;  /* sibling */
	struct mime_part *parent;
};

struct message_attachment {
	const struct mime_part *part;
	const char *filename; /* as sent; NULL = none */
	const char *save_as;  /* safe and unique in the message; never NULL */
	bool is_inline;       /* Content-ID used by the html, or disposition inline */
};

struct message {
	struct header_block headers;
	const char *subject;            /* decoded, trimmed; NULL = no such field */
	const char *message_id;         /* without brackets; NULL = none */
	const char *const *in_reply_to; /* ids, n_in_reply_to */
	size_t n_in_reply_to;
	const char *const *references;
	size_t n_references;
	bool has_date;
	int64_t date;        /* seconds UTC */
	int date_offset_min; /* zone as sent */
	int64_t received;    /* last (topmost) Received header's date, else date; 0 = neither */
	struct addr_list from, to, cc, bcc, reply_to, sender;
	const struct mime_part *root; /* never NULL */
	unsigned warnings;            /* enum message_warning */
	bool is_auto; /* Auto-Submitted other than no, List-Id, Precedence bulk/list/junk,
	                           empty Return-Path: never logged to the CRM (formats.md) */
	bool is_list; /* of these nothing but List-Id and Precedence list: a person may have
	                           written it */
};

/* Parses header block and structure. `p` must stay valid as long as the result. */
void message_parse(struct arena *a, const char *p, size_t n, struct message *out);
/* Header fields only (root is an empty text/plain part): for lists and headers-only pages. */
void message_parse_headers(struct arena *a, const char *p, size_t n, struct message *out);

/* Of a message whose end is missing: whether what is there ends within a part that is read. */
bool message_ends_in_text(const struct message *m);
/* Appends the decoded bytes of a leaf (transfer encoding only). */
void mime_part_decode(const struct mime_part *p, struct buf *out, unsigned *warnings);
/* Appends the text of a leaf of type text: charset to UTF-8, LF line ends, flowed text unflowed. */
void mime_part_text(const struct mime_part *p, struct buf *out, unsigned *warnings);

/* Displayed leaf parts of type text/plain or text/html, joined by LF (formats.md "parse"). */
void message_text(const struct message *m, const char *type, struct buf *out, unsigned *warnings);
size_t message_attachments(struct arena *a, const struct message *m,
	struct message_attachment **out);

/* The https URL of a List-Unsubscribe header, only where RFC 8058's headers are both there. */
const char *message_one_click(struct arena *a, const struct message *m);
const char *message_warning_name(enum message_warning w);
/* `sha256:HEX` over raw From, Date, Subject for messages without Message-ID (formats.md). */
void message_fallback_id(const struct message *m, char out[72]);
/* Key of "equal messages" (formats.md "Shared rules"): 64 hex digits. */
void message_equal_key(const struct message *m, const char *raw, size_t n, char out[65]);

#endif
