/*
 * report.h - what a delivery status notification says (multipart/report, RFC 3462 and 3464): which
 * mail it is about, and what became of each recipient. Everything in it is a stranger's word. Pure;
 * any thread; linear and bounded.
 */
#ifndef CRMAIL_MAIL_REPORT_H
#define CRMAIL_MAIL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct message;

#define REPORT_MAX_RECIPIENTS 500
#define REPORT_MAX_BYTES ((size_t)1 << 20) /* of the machine's part that are looked at */

enum report_action {
	REPORT_FAILED,
	REPORT_DELAYED,
	REPORT_DELIVERED, /* to a mailbox */
	REPORT_RELAYED,   /* to a server that says no more */
	REPORT_EXPANDED,  /* to the members of a list */
};

struct report_recipient {
	const char *addr; /* as the sender named it where that is told, else the final one */
	enum report_action action;
	const char *why; /* one line: the diagnostic or the status; NULL = none */
};

struct report {
	const char *message_id;  /* of the mail it is about, without brackets; NULL = not told */
	const char *envelope_id; /* given by the sender with the envelope; NULL = not told */
	struct report_recipient *v;
	size_t n;
};

/* False when the message is no such notification or names no recipient. In the arena; strings are
 * valid UTF-8 and may hold control characters: sanitise before showing. */
bool report_parse(struct arena *a, const struct message *m, struct report *out);

#endif
