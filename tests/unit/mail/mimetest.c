/* mimetest.c - see mimetest.h. */
#include "config.h"

#include "mimetest.h"

void mimetest_tree(const struct message *m, struct buf *out)
{
	const struct mime_part *p = m->root;
	while (p) {
		buf_addstr(out, p->type);
		if (p->child) {
			buf_addch(out, '(');
			p = p->child;
			continue;
		}
		while (p && !p->next) {
			p = p->parent;
			if (p)
				buf_addch(out, ')');
		}
		if (p)
			p = p->next;
		if (p)
			buf_addch(out, ' ');
	}
}

void mimetest_warnings(unsigned warnings, struct buf *out)
{
	for (unsigned bit = 1; bit && bit <= warnings; bit <<= 1) {
		if (!(warnings & bit))
			continue;
		if (out->len > 0)
			buf_addch(out, ' ');
		buf_addstr(out, message_warning_name((enum message_warning)bit));
	}
}
