/*
 * html_attr.h - the attributes and inline styles of a tag that change what is read: one pass over
 * the attributes, the first of each name counts. Private to src/mail. Pure; any thread.
 */
#ifndef CRMAIL_HTML_ATTR_H
#define CRMAIL_HTML_ATTR_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/str.h"

enum html_attr_bits {
	ATTR_HIDDEN = 1 << 0, /* hidden attribute, display none, opacity 0, squeezed to nothing */
	ATTR_TINY = 1 << 1,   /* font-size 0 */
	ATTR_SIZED = 1 << 2,  /* another font-size */
	ATTR_INVISIBLE = 1 << 3, /* visibility hidden or collapse */
	ATTR_VISIBLE = 1 << 4,   /* visibility visible */
	ATTR_BOLD = 1 << 5,
	ATTR_LIGHT = 1 << 6, /* font-weight normal */
	ATTR_ITALIC = 1 << 7,
	ATTR_PRE = 1 << 8,   /* white-space pre, pre-wrap, break-spaces */
	ATTR_TIGHT = 1 << 9, /* no margin above and below */
	ATTR_NO_BORDER = 1 << 10,
	ATTR_BACKGROUND = 1 << 11, /* loads a remote background image */
	ATTR_DOT = 1 << 12,        /* an image of at most 1x1, or hidden by its style */
};

struct html_attrs {
	unsigned bits;
	struct span href, src, alt, role, type, cite, klass, value, start, background;
	unsigned colspan, rowspan; /* 1 when absent or wrong */
	int64_t width, height;     /* -1 when absent */
};

void html_attrs_read(struct span raw, struct html_attrs *out);

#endif
