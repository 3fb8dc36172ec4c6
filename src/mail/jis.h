/* jis.h - ISO-2022-JP as Japanese senders write it. Private to src/mail. Any thread. */
#ifndef CRMAIL_MAIL_JIS_H
#define CRMAIL_MAIL_JIS_H

#include <stddef.h>

struct buf;

/* Appends the same text in EUC-JP, which has a converter that knows what the strict one for
 * ISO-2022-JP refuses: circled numbers, abbreviations like U+3231, katakana of half width. */
void jis_to_euc(struct buf *out, const char *p, size_t n);

#endif
