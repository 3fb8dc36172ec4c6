/*
 * fold.h - the one folding for search index and query (architecture.md "Search"): NFKC casefold,
 * marks stripped, đ->d ł->l ß->ss ø->o æ->ae and the like, full width to ASCII, each CJK character
 * its own token (blanks around it). Pure; any thread. FOLD_VERSION is stored beside indexed text;
 * raise it when the result for any input changes.
 */
#ifndef CRMAIL_FOLD_H
#define CRMAIL_FOLD_H

#include <stddef.h>

#define FOLD_VERSION 1

struct buf;

/* Appends the folded form of UTF-8 text (invalid bytes become blanks). Control characters and
 * runs of blanks become one blank. Linear in n. */
void fold_text(struct buf *out, const char *p, size_t n);
/* The same without the blanks around CJK characters: for subjects, names and comparing. */
void fold_plain(struct buf *out, const char *p, size_t n);

#endif
