/*
 * escape.h - the only maker of escape sequences that curses does not know: bracketed paste the
 * clipboard (OSC 52), links (OSC 8). Content is encoded here, so that no text can end or begin a
 * sequence. Pure; any thread.
 */
#ifndef CRMAIL_UI_ESCAPE_H
#define CRMAIL_UI_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define ESCAPE_CLIPBOARD_MAX ((size_t)64 << 10) /* terminals drop longer ones */

void escape_paste_mode(struct buf *out, bool is_on);
/* The bell, or with a text (of ours: control characters end it) a message by OSC 9. */
void escape_ring(struct buf *out, const char *text);
/* False when the text is too long for terminals; then nothing is appended. */
bool escape_clipboard(struct buf *out, const char *p, size_t n);
/* What follows leads to `url`, as hyperlink_encode() made it; NULL ends it. Stretches with the same
 * number are one link to the terminal. */
void escape_link(struct buf *out, const char *url, uint32_t number);

#endif
