/* trust.h - what the system keeps of authorities, in a folder and in a file. Private to src/net. */
#ifndef CRMAIL_NET_TRUST_H
#define CRMAIL_NET_TRUST_H

#include <stdbool.h>

/* Whether the folder has at least as many certificates under their hashes (c_rehash) as the file
 * holds: then it can stand for it. A few of an administrator's own beside the file are not enough.
 * A file that is not there holds none; one that cannot be read is never stood for. */
bool trust_folder_is_whole(const char *folder, const char *file);

#endif
