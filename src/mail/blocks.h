/* blocks.h - what render_blocks() does, with its measure of work. Private to src/mail and tests. */
#ifndef CRMAIL_BLOCKS_H
#define CRMAIL_BLOCKS_H

#include <stdint.h>

#include "crmail/mail/render.h"

/* As render_blocks(); adds to *reads the bytes that were looked at, looking ahead included. */
void blocks_split(struct arena *a, struct span text, const struct render_block **out, size_t *n,
	uint64_t *reads);

#endif
