/* log_private.h - how many older logs there are beside the one that is written. */
#ifndef CRMAIL_BASE_LOG_PRIVATE_H
#define CRMAIL_BASE_LOG_PRIVATE_H

enum { LOG_FILES_KEPT = 3 }; /* path.1, the newest of them, to path.3 */

#endif
