/* quote_mark.h - the marks of quoted lines, as blocks and wrapping both read them. Private. */
#ifndef CRMAIL_QUOTE_MARK_H
#define CRMAIL_QUOTE_MARK_H

#include <stddef.h>

/* Bytes that the marks at the start of a line take ("> ", ">> ", "> > ") with one blank behind
 * them; *depth is their number. 0 = the line is not quoted: ">=" and "->" are no marks. */
size_t quote_marks(const char *p, size_t n, unsigned *depth);

#endif
