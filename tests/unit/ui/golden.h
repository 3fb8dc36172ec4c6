/* golden.h - compares a screen with its file in tests/golden; with GENERATE=1 in the environment it
 * is written anew instead. */
#ifndef CRMAIL_TEST_GOLDEN_H
#define CRMAIL_TEST_GOLDEN_H

#include <stddef.h>

struct screen;

struct golden_size {
	int rows, cols;
};
extern const struct golden_size golden_sizes[3];

/* Fails the test when a text of `says` (ends with NULL) is not shown, or the file differs. */
void golden_check(const char *name, struct screen *s, const char *const *says);

#endif
