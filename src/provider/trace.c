/* trace.c - protocol lines as lines of the log. */
#include "config.h"

#include "trace.h"

#include "crmail/base/log.h"

#define TRACE_MAX 200 /* a set of two hundred UIDs says nothing more to the end */

struct line {
	char text[TRACE_MAX + 4];
};

static struct line shortened(const char *line)
{
	struct line out = {""};
	size_t n = 0;
	while (line[n] && n < TRACE_MAX) {
		out.text[n] = line[n] >= ' ' && line[n] < 0x7f ? line[n] : '?';
		n++;
	}
	for (size_t i = 0; line[n] && i < 3; i++)
		out.text[n + i] = '.';
	return out;
}

void trace_sent(const char *protocol, int64_t account, const char *line)
{
	struct line l = shortened(line);
	log_line(LOG_DEBUG, protocol, "%lld > %s", (long long)account, l.text);
}

void trace_answer(const char *protocol, int64_t account, const char *word, const char *code,
	size_t lines)
{
	struct line w = shortened(word), c = shortened(code);
	log_line(LOG_DEBUG, protocol, "%lld < %s%s%s, %zu lines", (long long)account, w.text,
		c.text[0] ? " " : "", c.text, lines);
}
