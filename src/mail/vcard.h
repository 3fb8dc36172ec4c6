/*
 * vcard.h - cards of a vCard text (2.1, RFC 2426, RFC 6350), which comes in pieces as UTF-8.
 * Private to src/mail. One thread.
 *
 * What is taken: FN, N, ORG, TITLE, EMAIL, TEL, URL, NOTE, KIND. Everything else (ADR, BDAY, PHOTO
 * and so on) is passed over without a word. Cards inside a card (AGENT of 2.1) are passed over too.
 */
#ifndef CRMAIL_MAIL_VCARD_H
#define CRMAIL_MAIL_VCARD_H

#include "crmail/base/buf.h"

#include "crmail/mail/person.h"

struct vcard {
	const struct people_handler *h;
	struct person_maker maker;
	struct buf line; /* unfolded so far; past PEOPLE_MAX_FIELD it is cut */
	int64_t at;      /* line of the next byte, from 1 */
	int64_t line_at; /* line that `line` began at */
	unsigned depth;  /* cards open: 0 outside, 1 in one, more in an AGENT's */
	bool is_fresh;   /* the next byte is the first of a line of the file */
	bool is_soft;    /* quoted-printable goes on in the next line */
	bool was_cr;
	bool is_agent; /* the last line was AGENT: a card may follow that is none of ours */
	enum {
		VCARD_UNKNOWN,
		VCARD_PLAIN,
		VCARD_QP
	} quoting; /* of `line`, once it was asked for */
	bool is_group;
	size_t kept; /* bytes of the card so far */
	int64_t card_at;
};
void vcard_init(struct vcard *c, const struct people_handler *h);
void vcard_release(struct vcard *c);
int vcard_add(struct vcard *c, const char *p, size_t n, struct err *e) NODISCARD;
int vcard_end(struct vcard *c, struct err *e) NODISCARD;

#endif
