/*
 * mail_template_private.h - what the files of mail templates share: values on their way through
 * filters, and dates and amounts in the languages that templates are written in. Pure; any thread.
 */
#ifndef CRMAIL_SRC_MAIL_MAIL_TEMPLATE_PRIVATE_H
#define CRMAIL_SRC_MAIL_MAIL_TEMPLATE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/buf.h"
#include "crmail/base/err.h"
#include "crmail/base/str.h"
#include "crmail/mail/mail_template.h"

/* A value on its way; `text` is of the kind. */
struct template_value {
	bool is_absent;
	enum mail_template_kind kind;
	struct buf *text;
};

/* mail_template_filter.c */
/* Whether there is such a filter and whether its argument can be; says why not. */
int template_filter_check(struct span name, const struct span *arg, struct err *e) NODISCARD;
/* A filter that was checked. */
void template_filter_apply(struct span name, struct span arg, const char *lang,
	struct template_value *v);
/* A date or an amount becomes the text it is written as. */
void template_value_settle(struct template_value *v, const char *lang);

/* mail_template_date.c: days since 1970-01-01 */
enum template_date_form { DATE_LONG, DATE_SHORT, DATE_ISO, DATE_WEEKDAY, DATE_MONTH };
int64_t template_date_today(int64_t now, int utc_offset_min);
bool template_date_parse(struct span text, int64_t *day); /* YYYY-MM-DD */
/* unit: d, b (Monday to Friday), w, m (the month's last day where it is shorter). */
int64_t template_date_add(int64_t day, int64_t n, char unit);
void template_date_write(struct buf *out, int64_t day, const char *lang,
	enum template_date_form form);
/* "12000.5 EUR" as 12,000.50 EUR; what is no amount stays as it is. */
void template_money_write(struct buf *out, struct span text, const char *lang);

#endif
