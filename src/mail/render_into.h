/* render_into.h - the parts of one body into one flow, then a document of it. Private to
 * src/mail. */
#ifndef CRMAIL_RENDER_INTO_H
#define CRMAIL_RENDER_INTO_H

#include <stddef.h>

struct flow;
struct render_doc;

/* Appends a part as further lines; links are numbered on. *out counts the remote images. */
void render_plain_into(struct flow *f, const char *p, size_t n);
void render_html_into(struct flow *f, const char *p, size_t n, struct render_doc *out);
/* The document made of the flow; everything it points to is in the flow's arena. */
void render_finish(struct flow *f, struct render_doc *out);

#endif
