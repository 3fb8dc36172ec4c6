/* log_read.c - the log as entries, for `crmail log`. */
#include "config.h"

#include "crmail/base/log.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"

#include "log_private.h"

#define FILE_MOST ((size_t)16 << 20) /* several processes may have written past the limit */

static const char *const level_names[] = {
	[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_NOTE] = "note", [LOG_DEBUG] = "debug"};

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

bool log_level_of(const char *word, size_t len, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
		if (strlen(level_names[i]) != len || memcmp(level_names[i], word, len) != 0)
			continue;
		*out = (enum log_level)i;
		return true;
	}
	return false;
}

/* "TIME LEVEL AREA: TEXT", cut in place. */
static bool parse(char *line, struct log_entry *out)
{
	char *level = strchr(line, ' ');
	char *area = level ? strchr(level + 1, ' ') : NULL;
	char *text = area ? strstr(area + 1, ": ") : NULL;
	if (!text || !log_level_of(level + 1, (size_t)(area - level - 1), &out->level))
		return false;
	*level = *area = *text = '\0';
	out->area = area + 1;
	out->text = text + 2;
	return clock_parse_rfc3339(line, &out->at);
}

static int read_one(const char *path, int64_t since, log_entry_fn fn, void *ctx, struct err *e)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FILE_MOST);
	struct err absent = ERR_INIT;
	if (fsx_read_file(path, &b, &absent)) {
		if (absent.code == ERR_NOTFOUND)
			return 0;
		*e = absent;
		return -1;
	}
	char *end;
	for (char *line = b.p; (end = strchr(line, '\n')); line = end + 1) {
		struct log_entry x;
		*end = '\0';
		if (parse(line, &x) && x.at >= since && fn(ctx, &x))
			return 1;
	}
	return 0;
}

int log_read(const char *path, int64_t since, log_entry_fn fn, void *ctx, struct err *e)
{
	int rc = 0;
	for (int i = LOG_FILES_KEPT; i >= 0 && rc == 0; i--) {
		CLEANUP(free_str)
		char *name = i ? xasprintf("%s.%d", path, i) : xstrdup(path);
		rc = read_one(name, since, fn, ctx, e);
	}
	return rc < 0 ? -1 : 0;
}
