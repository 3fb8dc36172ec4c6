/* match_inbox.h - private to the match inbox: its data, and who paints it. UI thread. */
#ifndef CRMAIL_UI_MATCH_INBOX_H
#define CRMAIL_UI_MATCH_INBOX_H

#include "crmail/base/arena.h"
#include "crmail/store/decide.h"

#include "match.h"
#include "ui/draw.h"
#include "ui/motion.h"
#include "ui/view.h"

#define MATCH_ROWS_MAX 200 /* what was decided makes room for the next */
#define MATCH_COUNT_MAX 999
#define MATCH_CANDIDATES_MAX 9 /* one key each */

struct match_inbox {
	struct match_asking asking; /* about the selected address; first (match.h) */
	struct arena arena;
	struct stranger_row *v;
	size_t n;
	struct candidate_row *candidates; /* of the selected one */
	size_t n_candidates;
	int64_t ambiguous, unknown;
	struct motion rows;
	bool is_moved;           /* the cursor was moved since `at` */
	char at[MATCH_ADDR_MAX]; /* address under the cursor */
};

int match_list_rows(int rows); /* of the list, of a body of so many rows */
void match_paint(const struct view *v, const struct draw *d);

#endif
