/*
 * imap_script.h - an IMAP server as a list of steps, over memory: each line of the client has to
 * be the next step's, without its tag, and gets the step's answer.
 */
#ifndef CRMAIL_TEST_IMAP_SCRIPT_H
#define CRMAIL_TEST_IMAP_SCRIPT_H

#include "../unit.h"

#include "crmail/base/buf.h"

#include "src/provider/imap/session.h"

struct imap_step {
	const char *want;   /* the whole line behind the tag; of a literal's rest the whole line */
	const char *answer; /* "%T" stands for the tag */
};

#define IMAP_SCRIPT_NOW "1795262400" /* 2026-11-21 12:00 UTC */

struct clock_src;
struct imap_script {
	const struct imap_step *steps;
	size_t n, at, read_at;
	struct buf line, answers;
	char tag[16], clock_file[32];
	struct clock_src *clock;
	struct account_conf conf;
	struct imap_session *s;
};

/* Opens a session: greeting, LOGIN and CAPABILITY with `caps` are answered before the steps. */
void imap_script_open(struct imap_script *sc, const char *caps, const struct imap_step *steps,
	size_t n);
/* Opens a session with a token: the steps begin behind the greeting. As imap_open_over(), whose
 * failed session is gone; the script is closed either way. */
int imap_script_sign_in(struct imap_script *sc, const struct imap_step *steps, size_t n,
	int (*token)(void *ctx, const char *refused, struct buf *out, struct err *e), void *ctx,
	struct err *e);
/* Every step was taken. */
void imap_script_close(struct imap_script *sc);

#endif
