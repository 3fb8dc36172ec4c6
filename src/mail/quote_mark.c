/* quote_mark.c - reading quote marks at the start of a line. */
#include "config.h"

#include "quote_mark.h"

#define MAX_LEAD 1 /* blanks before the first mark */

size_t quote_marks(const char *p, size_t n, unsigned *depth)
{
	size_t i = 0, end = 0;
	unsigned d = 0;

	while (i < n && i < MAX_LEAD && p[i] == ' ')
		i++;
	while (i < n && p[i] == '>') {
		i++;
		d++;
		end = i;
		if (i < n && p[i] == ' ') {
			end = i + 1;
			if (i + 1 < n && p[i + 1] == '>')
				i++;
		}
	}
	if (d && end == i && i < n && p[i] == '=')
		d = 0;
	*depth = d;
	return d ? end : 0;
}
