/* oauth_head.c - reading the head of a request that anybody on this machine may have sent. */
#include "config.h"

#include "oauth_head.h"

#include <string.h>

#include "crmail/base/mem.h"

/* Host must be ours: a page elsewhere whose name was bent to 127.0.0.1 says another one. */
static bool is_our_host(struct span head, int port)
{
	CLEANUP(free_str) char *a = xasprintf("127.0.0.1:%d", port);
	CLEANUP(free_str) char *b = xasprintf("localhost:%d", port);
	CLEANUP(free_str) char *c = xasprintf("[::1]:%d", port);
	struct span line;
	bool is_ours = false;
	unsigned n = 0;
	while (span_next(&head, '\n', &line)) {
		if (line.len < 5 || str_ncasecmp(line.p, "host:", 5))
			continue;
		struct span host = span_trim((struct span){line.p + 5, line.len - 5});
		is_ours = span_caseeq(host, a) || span_caseeq(host, b) || span_eq(host, c);
		n++;
	}
	return n == 1 && is_ours;
}

int oauth_head_read(struct span head, const char *path, int port, struct span *query)
{
	struct span rest = head, line, method, target;
	if (!span_next(&rest, '\n', &line) || !span_next(&line, ' ', &method) ||
		!span_next(&line, ' ', &target) || line.len < 7 ||
		memcmp(line.p, "HTTP/1.", 7) != 0)
		return 400;
	if (memchr(head.p, '\0', head.len) || !is_our_host(rest, port))
		return 400;
	const char *mark = memchr(target.p, '?', target.len);
	struct span at = {target.p, mark ? (size_t)(mark - target.p) : target.len};
	if (!span_eq(at, path))
		return 404;
	if (!span_eq(method, "GET"))
		return 405;
	*query = mark ? (struct span){mark, target.len - at.len} : (struct span){"", 0};
	return 0;
}
