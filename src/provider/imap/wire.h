/*
 * wire.h - what an IMAP server says, cut into answers and tokens. Worker thread.
 *
 * The reader is our own, because a client has to live with everything that servers say: it knows
 * the shape of an answer (lines, quoted strings, literals, parentheses) and nothing of what is in
 * it. What the callers do not know they skip, so an unknown line, an odd item or a deep nesting
 * costs nothing. Only what cannot be skipped ends the connection: a line or a literal beyond all
 * limits, or a peer that does not speak IMAP at all. Nothing here recurses.
 */
#ifndef CRMAIL_IMAP_WIRE_H
#define CRMAIL_IMAP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/err.h"
#include "crmail/base/str.h"

#define IMAP_MAX_LINE ((size_t)32 << 20)       /* SEARCH answers of a million UIDs fit */
#define IMAP_MAX_COMMAND ((uint64_t)512 << 20) /* all answers to one command together */
#define IMAP_MAX_PIECES 4096                   /* lines and literals of one answer */
#define IMAP_MAX_NESTING 200

/* Where bytes come from: our stream, or in tests memory. -1 on error and at the end. */
struct imap_io {
	int (*read)(void *ctx, void *p, size_t max, size_t *got, struct err *e);
	int (*write)(void *ctx, const void *p, size_t n, struct err *e);
	void *ctx;
};

struct imap_wire {
	struct imap_io io;
	const char *host; /* for messages; borrowed */
	int line_ms;      /* a whole line within this time, so that a server cannot drip; 0 = any */
	uint64_t budget;  /* bytes that the running command's answers may still have */
	size_t keep;      /* bytes of a literal that are kept; the rest is read and dropped */
	struct buf line;  /* being read */
	uint64_t bytes_in; /* of all answers */
	size_t at, end;
	char in[16384];
};

enum imap_answer_kind { ANSWER_UNTAGGED, ANSWER_CONTINUE, ANSWER_TAGGED };

struct imap_piece { /* in turns: text, literal, text */
	struct span text;
	uint64_t size; /* of a literal as the server named it; text.len may be less */
};

/* One answer: a line, and the literals and lines that it goes on with. */
struct imap_answer {
	struct arena mem;
	enum imap_answer_kind kind;
	struct span tag; /* ANSWER_TAGGED */
	struct imap_piece *v;
	size_t n, cap;
};

void imap_wire_init(struct imap_wire *w, struct imap_io io, const char *host, int line_ms);
void imap_wire_release(struct imap_wire *w);
static inline bool imap_wire_has_buffered(const struct imap_wire *w)
{
	return w->at < w->end;
}
/* The next answer; what the last one held is gone. ERR_TOOBIG, or what the stream says. */
int imap_wire_read(struct imap_wire *w, struct imap_answer *a, struct err *e) NODISCARD;
void imap_answer_release(struct imap_answer *a);

/* ---- tokens ---------------------------------------------------------------------------------- */
enum imap_token { TOKEN_END, TOKEN_ATOM, TOKEN_STRING, TOKEN_OPEN, TOKEN_CLOSE };

struct imap_lex {
	const struct imap_answer *a;
	size_t piece, at;
	unsigned depth;
	/* The last token. Of a quoted string text is what stands between the quotes. */
	enum imap_token kind;
	struct span text;
	bool is_quoted;
	uint64_t size; /* of a literal as named, else text.len */
};

/* From the first byte after "* " or the tag. */
struct imap_lex imap_lex_start(const struct imap_answer *a);
/* False at the end, which is also where nesting is too deep to be anything sensible. */
bool imap_lex_next(struct imap_lex *l);
/* Past the value that the last token begins: a whole list, or nothing more. */
void imap_lex_skip(struct imap_lex *l);
bool imap_lex_number(const struct imap_lex *l, uint64_t max, uint64_t *out);
bool imap_lex_is(const struct imap_lex *l, const char *atom); /* an atom, any case */
/* What is left of the line, for the words of OK and NO. */
struct span imap_lex_rest(const struct imap_lex *l);
/* The token as text ended by 0, escapes undone. */
char *imap_lex_string(const struct imap_lex *l, struct arena *a);

#endif
