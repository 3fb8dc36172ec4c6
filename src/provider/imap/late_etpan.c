/* late_etpan.c - the functions of libetpan that the program uses; bound on first use (late.h). */
#include "config.h"

#include "crmail/base/late.h"

#include <libetpan/libetpan.h>

/* clang-format off */
#define FUNCTIONS(F, P, V) \
	F(mailstream_low *, mailstream_low_new, (void *p, mailstream_low_driver *d), (p, d)) \
	F(mailstream *, mailstream_new, (mailstream_low *low, size_t n), (low, n)) \
	F(int, mailstream_close, (mailstream *s), (s)) \
	F(mailimap *, mailimap_new, (size_t rate, progress_function *progress), (rate, progress)) \
	P(mailimap_free, (mailimap *m), (m)) \
	F(int, mailimap_connect, (mailimap *m, mailstream *s), (m, s)) \
	F(int, mailimap_create, (mailimap *m, const char *name), (m, name)) \
	F(int, mailimap_subscribe, (mailimap *m, const char *name), (m, name)) \
	F(int, mailimap_append, (mailimap *m, const char *name, struct mailimap_flag_list *flags, \
		struct mailimap_date_time *at, const char *text, size_t n), \
		(m, name, flags, at, text, n)) \
	F(int, mailimap_uid_copy, (mailimap *m, struct mailimap_set *set, const char *name), \
		(m, set, name)) \
	F(int, mailimap_uid_move, (mailimap *m, struct mailimap_set *set, const char *name), \
		(m, set, name)) \
	F(int, mailimap_uid_expunge, (mailimap *m, struct mailimap_set *set), (m, set)) \
	F(int, mailimap_uid_store, (mailimap *m, struct mailimap_set *set, \
		struct mailimap_store_att_flags *flags), (m, set, flags)) \
	F(struct mailimap_set *, mailimap_set_new_single, (uint32_t uid), (uid)) \
	P(mailimap_set_free, (struct mailimap_set *set), (set)) \
	F(struct mailimap_flag *, mailimap_flag_new_seen, (void), ()) \
	F(struct mailimap_flag *, mailimap_flag_new_flagged, (void), ()) \
	F(struct mailimap_flag *, mailimap_flag_new_answered, (void), ()) \
	F(struct mailimap_flag *, mailimap_flag_new_draft, (void), ()) \
	F(struct mailimap_flag *, mailimap_flag_new_deleted, (void), ()) \
	F(struct mailimap_flag *, mailimap_flag_new_flag_keyword, (char *word), (word)) \
	F(struct mailimap_flag_list *, mailimap_flag_list_new_empty, (void), ()) \
	F(int, mailimap_flag_list_add, (struct mailimap_flag_list *l, struct mailimap_flag *f), (l, f)) \
	P(mailimap_flag_list_free, (struct mailimap_flag_list *l), (l)) \
	F(struct mailimap_store_att_flags *, mailimap_store_att_flags_new_add_flags_silent, \
		(struct mailimap_flag_list *l), (l)) \
	F(struct mailimap_store_att_flags *, mailimap_store_att_flags_new_remove_flags_silent, \
		(struct mailimap_flag_list *l), (l)) \
	P(mailimap_store_att_flags_free, (struct mailimap_store_att_flags *f), (f))
/* clang-format on */

LATE_LIBRARY(etpan, LIBETPAN_SONAME, FUNCTIONS)
