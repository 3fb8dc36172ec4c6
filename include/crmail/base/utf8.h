/*
 * utf8.h - UTF-8: decoding, clusters, widths, and the one sanitiser for foreign text [R19].
 *
 * Widths: cell_width() agrees with wcwidth() of the running UTF-8 locale, so that ncurses and we
 * count alike; what wcwidth does not know counts as U+FFFD, one cell. Before drawing, text goes
 * through utf8_sanitise(), which also drops what terminals draw differently from what wcwidth
 * says (ZWJ, variation selectors, skin tones: the base emoji stays). Any thread after setlocale().
 */
#ifndef CRMAIL_UTF8_H
#define CRMAIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"

struct buf;

#define UTF8_REPLACEMENT 0xFFFDu

/* Decodes one code point at p (n > 0 bytes left); returns its length in bytes (>= 1). Invalid,
 * overlong, surrogate or truncated input gives U+FFFD and the length of the maximal bad prefix. */
size_t utf8_decode(const char *p, size_t n, uint32_t *cp);
size_t utf8_encode(uint32_t cp, char out[4]); /* invalid code points encode U+FFFD */
bool utf8_is_valid(const char *p, size_t n);
/* Appends the bytes with every invalid sequence and NUL replaced by U+FFFD. */
void utf8_add_valid(struct buf *out, const char *p, size_t n);

/* Length in bytes of the first grapheme cluster (utf8proc rules), 0 only for n == 0. */
size_t utf8_cluster(const char *p, size_t n);
/* Length in bytes of the last cluster before p + n: for moving left. */
size_t utf8_cluster_back(const char *p, size_t n);

int cell_width_cp(uint32_t cp);                  /* 0, 1 or 2; never negative */
int cell_width_cluster(const char *p, size_t n); /* of one cluster: at most 2 */
/* The bytes of the first cluster, as utf8_cluster() says, and its cells. */
size_t utf8_cluster_cells(const char *p, size_t n, int *cells);
size_t cell_width(const char *p, size_t n); /* cells of a run of clusters, one line */
/* Length in bytes of the longest prefix of whole clusters that takes at most `cells` cells;
 * *used (may be NULL) gets the cells taken. */
size_t utf8_cut(const char *p, size_t n, size_t cells, size_t *used);
/* Appends text cut to `cells`; where something is cut the last cell is the ellipsis. */
void utf8_add_cut(struct buf *out, const char *p, size_t n, size_t cells);

enum sanitise_flags {
	SANITISE_LINE = 1 << 0, /* one line: LF, CR, tab become a blank; else LF stays, tab stays */
	SANITISE_KEEP_ZW = 1 << 1, /* keep ZWJ, VS and skin tones (text to be copied or edited) */
};
/* Appends foreign text made harmless: C0 (but LF, tab), DEL, C1, bidi overrides, isolates and
 * marks, zero-width and invisible characters, U+2028/9, interlinear and tag characters, private
 * escape carriers, non-characters and invalid bytes are dropped or become U+FFFD; CRLF becomes LF.
 * The result holds no byte below 0x20 but LF and tab, no 0x7F and no U+0080-U+009F. */
void utf8_sanitise(struct buf *out, const char *p, size_t n, unsigned flags);
char *utf8_sanitise_dup(const char *s, unsigned flags) NODISCARD; /* caller frees with free() */

/* RTL text: whether the run holds strong right-to-left characters (isolated when drawn). */
bool utf8_has_rtl(const char *p, size_t n);

#endif
