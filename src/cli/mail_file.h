/* mail_file.h - a message file read for the verbs that need no data folder. Main thread. */
#ifndef CRMAIL_CLI_MAIL_FILE_H
#define CRMAIL_CLI_MAIL_FILE_H

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/cli/cli.h"
#include "crmail/mail/message.h"

#define MAIL_FILE_MAX_BYTES ((size_t)1 << 30)

struct mail_file {
	struct buf bytes; /* of the file; the message borrows them */
	struct arena a;
	struct message m;
};

/* Reads and parses; prints why not. CLI_OK or CLI_FAILED. Release in any case. */
int mail_file_open(struct mail_file *f, struct cli *c, const char *path) NODISCARD;
void mail_file_release(struct mail_file *f);

#endif
