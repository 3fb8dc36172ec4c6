/* lines.c - the line walker of lines.h. Knows nothing of headers or MIME. */
#include "config.h"

#include "lines.h"

#include <string.h>

struct line_scan line_scan_of(const char *p, size_t n)
{
	const char *start = n > 0 ? p : "";
	return (struct line_scan){.p = start, .end = start + n};
}

static const char *find_next(const char *known, char c, const char *p, const char *end)
{
	if (known && known >= p)
		return known;
	const char *hit = memchr(p, c, (size_t)(end - p));
	return hit ? hit : end;
}

bool line_next(struct line_scan *s, struct span *line)
{
	if (s->p == s->end)
		return false;
	s->lf = find_next(s->lf, '\n', s->p, s->end);
	s->cr = find_next(s->cr, '\r', s->p, s->end);
	const char *stop = s->lf < s->cr ? s->lf : s->cr;
	*line = (struct span){s->p, (size_t)(stop - s->p)};
	s->p = stop;
	if (s->p < s->end && *s->p == '\r')
		s->p++;
	if (s->p < s->end && s->p == s->lf)
		s->p++;
	return true;
}
