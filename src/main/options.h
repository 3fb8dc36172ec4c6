/* options.h - the words before the verb, and CRMAIL_TEST. Main thread. */
#ifndef CRMAIL_OPTIONS_H
#define CRMAIL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

enum options_mode { MODE_TUI, MODE_VERB, MODE_HELP, MODE_VERSION, MODE_AUTH_HELPER };

struct options {
	enum options_mode mode;
	const char *home;          /* --home; NULL = XDG */
	const char *passphrase_fd; /* --passphrase-fd; NULL = asked for */
	bool is_demo;
	int verb_at; /* index in argv of the verb, with MODE_VERB */
};

int options_parse(int argc, char **argv, struct options *out, struct err *e) NODISCARD;

struct test_hooks {             /* formats.md "Test hooks"; zero = none */
	const char *clock_file; /* borrowed from the copy in `text` */
	uint64_t seed;
	int64_t crash_at;
	int deadline_ms;
	char text[1024];
};

/* Reads CRMAIL_TEST once; a build without --enable-test-hooks leaves *out zero. */
void test_hooks_read(struct test_hooks *out);

#endif
