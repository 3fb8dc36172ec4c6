/* status.h - what the top line says about the accounts, and the line of long work. The only place
 * that reads accounts for the screen. UI thread. */
#ifndef CRMAIL_UI_STATUS_H
#define CRMAIL_UI_STATUS_H

#include <stdbool.h>

struct buf;
struct ui;

/* A URL whose way is not encrypted and leaves this computer. */
bool status_is_clear(const char *url);
void status_refresh(struct ui *ui);  /* re-reads the accounts; sets when to do it again */
void status_progress(struct ui *ui); /* asks main for the line of long work */
/* "⟳ work 2 min ago · gmail offline" */
void status_add_line(const struct ui *ui, struct buf *out);
const char *status_problem(const struct ui *ui,
	struct buf *out); /* damage, sign-in, error; NULL = none */

#endif
