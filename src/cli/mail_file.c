/* mail_file.c - see mail_file.h. */
#include "config.h"

#include "mail_file.h"

#include "crmail/base/fsx.h"

int mail_file_open(struct mail_file *f, struct cli *c, const char *path)
{
	struct err e = ERR_INIT;
	f->bytes = BUF_INIT(MAIL_FILE_MAX_BYTES);
	f->a = ARENA_INIT;
	if (fsx_read_file(path, &f->bytes, &e)) {
		fprintf(c->err, "crmail: %s\n", e.msg);
		return CLI_FAILED;
	}
	message_parse(&f->a, f->bytes.p, f->bytes.len, &f->m);
	return CLI_OK;
}

void mail_file_release(struct mail_file *f)
{
	arena_release(&f->a);
	buf_release(&f->bytes);
}
