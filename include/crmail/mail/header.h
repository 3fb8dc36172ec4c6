/*
 * header.h - the header block of a message: splitting into fields, unfolding, RFC 2047 and raw
 * 8-bit decoding, message ids, dates. Tolerates garbage lines, a leading mbox "From " line, bare
 * CR or LF, missing blank lines. Linear and bounded (HEADER_MAX_*). Pure; any thread.
 */
#ifndef CRMAIL_HEADER_H
#define CRMAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"

struct arena;
struct buf;

#define HEADER_MAX_BYTES ((size_t)16 << 20) /* of a block that is looked at */
#define HEADER_MAX_FIELD ((size_t)64 << 10) /* of one field's value; the rest is cut */
#define HEADER_MAX_ADDRS ((size_t)8 << 20)  /* the same for From, To, Cc, Bcc, Reply-To, Sender */
#define HEADER_MAX_FIELDS 2000 /* past it only the fields crmail reads are kept, once each */

struct header_field {
	struct span name;  /* as written, borrowed from the input */
	struct span value; /* raw, folded, without the final line end; borrowed from the input */
};

struct header_block {
	const struct header_field *v;
	size_t n;
	size_t body_offset; /* where the body begins in the input */
	bool cut;           /* a limit was reached (warning header-too-long) */
};

/* Lines that are no field are skipped where fields follow; where none follow they are the body.
 * Without a blank line the body begins behind the last field. */
void header_split(struct arena *a, const char *p, size_t n, struct header_block *out);
/* First field of that name, ASCII case folded; NULL = none. */
const struct header_field *header_find(const struct header_block *h, const char *name);
size_t header_count(const struct header_block *h, const char *name);

/* Unfolded, outer blanks trimmed, raw bytes. In the arena. */
struct span header_unfold(struct arena *a, struct span value);
/* Unfolded and decoded (RFC 2047; raw 8-bit as UTF-8, else Windows-1252); valid UTF-8, may hold
 * control characters: sanitise before showing. NULL for a missing field. */
const char *header_text(struct arena *a, const struct header_block *h, const char *name);
/* Appends the decoded text: words of one charset standing together are joined before they are
 * converted, broken words stay as they are, NUL and invalid bytes become U+FFFD. False when a
 * charset was unknown or a word's text not valid in it (warning bad-charset). */
bool rfc2047_decode(struct buf *out, const char *p, size_t n);
/* Appends `text` as RFC 2047 words (UTF-8, Q or B whichever is shorter), folded with CRLF at 76
 * columns; plain ASCII is only folded. Control characters become blanks, so that no field can
 * smuggle a line end. `column` is where the field's value starts. */
void rfc2047_encode(struct buf *out, const char *text, size_t column);

/* Ids with an "@" from Message-ID, In-Reply-To, References: brackets and duplicates removed, order
 * kept, junk dropped (*junk set, may be NULL). */
size_t header_ids(struct arena *a, struct span value, const char ***out, bool *junk);

/* RFC 5322 date incl. obsolete forms and named zones. *offset_min is the zone's offset. False when
 * it cannot be read. */
bool date_parse(const char *p, size_t n, int64_t *utc, int *offset_min) NODISCARD;
/* Appends "Sat, 21 Nov 2026 10:00:00 +0000". */
void date_write(struct buf *out, int64_t utc, int offset_min);

/* Charset to UTF-8 by name: aliases, x-, wrong labels; unknown or missing (NULL): UTF-8 when valid,
 * else Windows-1252. Invalid bytes become U+FFFD. Returns false when the name was unknown or the
 * text not valid in it (warning bad-charset); text is appended in any case. */
bool charset_decode(struct buf *out, const char *charset, const char *p, size_t n);

#endif
