/* list_folders.h - which folders a list is made of. Any thread, with its own connection. */
#ifndef CRMAIL_STORE_LIST_FOLDERS_H
#define CRMAIL_STORE_LIST_FOLDERS_H

#include "crmail/store/message.h"

#include "thread_private.h"

struct folder_set { /* of thread_list.folder */
	int64_t *v;
	size_t n, cap;
};
int folder_set_read(struct db *d, struct arena *a, const struct list_spec *spec,
	struct folder_set *out, struct err *e) NODISCARD;
bool folder_set_has(const struct folder_set *s, int64_t folder);

#endif
