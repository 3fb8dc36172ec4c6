/* i18n.h - gettext's short names. Full sentences only; ngettext for counts. Any thread. */
#ifndef CRMAIL_I18N_H
#define CRMAIL_I18N_H

#include <libintl.h>

#define _(s) gettext(s)
#define N_(s) (s)

#endif
