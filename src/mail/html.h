/* html.h - HTML into a flow. Private to src/mail; render_html() is the public way. */
#ifndef CRMAIL_HTML_H
#define CRMAIL_HTML_H

#include <stddef.h>
#include <stdint.h>

struct flow;

struct html_result {
	uint32_t remote_images, trackers;
	const char
		*remote_host; /* in the flow's arena; of the first tracker, else image; or NULL */
	uint32_t images;      /* that are no trackers, remote or not */
	uint64_t steps;       /* bytes looked at and moved: the measure of linearity */
};

enum html_flags { HTML_NAME_IMAGES = 1 << 0 }; /* images without alt text show their file's name */

void html_render(const char *p, size_t n, unsigned flags, struct flow *f, struct html_result *out);

#endif
