/* day.h - dates on the command line. Any thread. */
#ifndef CRMAIL_CLI_DAY_H
#define CRMAIL_CLI_DAY_H

#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

/* Start, in local time, of the day YYYY-MM-DD; of the day of `now` for NULL; 0 for "all". ERR_USAGE
 * names the form. */
int cli_day_start(int64_t now, const char *date, int64_t *out, struct err *e) NODISCARD;

#endif
