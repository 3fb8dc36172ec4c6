/* match_list.h (private) - words that decide who is a person and what is a company. */
#ifndef CRMAIL_SRC_CRM_MATCH_LIST_H
#define CRMAIL_SRC_CRM_MATCH_LIST_H

#include <stddef.h>

extern const char *const match_freemail[]; /* domains, sorted for bsearch */
extern const size_t match_freemail_count;
extern const char *const match_roles[]; /* local parts, sorted for bsearch */
extern const size_t match_roles_count;

#endif
