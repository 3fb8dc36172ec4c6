/* day.c - see day.h. */
#include "config.h"

#include "day.h"

#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

int cli_day_start(int64_t now, const char *date, int64_t *out, struct err *e)
{
	struct tm tm;
	time_t t = (time_t)now;
	if (date && !strcmp(date, "all")) {
		*out = 0;
		return 0;
	}
	localtime_r(&t, &tm);
	if (date) {
		int64_t v[3];
		struct span rest = span_of(date);
		struct span part;
		for (int i = 0; i < 3; i++)
			if (!span_next(&rest, '-', &part) || !span_to_i64(part, 1, 9999, &v[i]))
				return err_set(e, ERR_USAGE, "%s",
					_("A date is YYYY-MM-DD, or all."));
		if (rest.len || v[1] > 12 || v[2] > 31)
			return err_set(e, ERR_USAGE, "%s", _("A date is YYYY-MM-DD, or all."));
		tm.tm_year = (int)v[0] - 1900;
		tm.tm_mon = (int)v[1] - 1;
		tm.tm_mday = (int)v[2];
	}
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*out = (int64_t)mktime(&tm);
	return 0;
}
