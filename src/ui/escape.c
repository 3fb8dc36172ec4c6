/* escape.c - own escape sequences. Writes to no terminal itself (term.c does). */
#include "config.h"

#include "escape.h"

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"

void escape_paste_mode(struct buf *out, bool is_on)
{
	buf_addstr(out, is_on ? "\033[?2004h" : "\033[?2004l");
}

bool escape_clipboard(struct buf *out, const char *p, size_t n)
{
	if (n > ESCAPE_CLIPBOARD_MAX)
		return false;
	buf_addstr(out, "\033]52;c;");
	base64_add(out, p, n); /* letters, digits, + / =: nothing that a terminal acts on */
	buf_addstr(out, "\033\\");
	return true;
}

void escape_link(struct buf *out, const char *url, uint32_t number)
{
	if (url)
		buf_addf(out, "\033]8;id=%u;%s\033\\", (unsigned)number, url);
	else
		buf_addstr(out, "\033]8;;\033\\");
}

void escape_ring(struct buf *out, const char *text)
{
	size_t n = 0;

	if (!text) {
		buf_addch(out, '\a');
		return;
	}
	while ((unsigned char)text[n] >= ' ' && text[n] != '\177')
		n++;
	buf_addstr(out, "\033]9;");
	buf_add(out, text, n);
	buf_addch(out, '\a');
}
