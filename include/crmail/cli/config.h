/*
 * config.h - the person's configuration file ($XDG_CONFIG_HOME/crmail/config, INI, never written
 * by crmail) [R49]. Every option is a row of config_options.def: name, kind, default, help. Main
 * thread; the struct is read-only afterwards.
 */
#ifndef CRMAIL_CONFIG_H
#define CRMAIL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

enum config_key {
#define OPTION(key, name, kind, min, max, words, value, help) CONFIG_##key,
#include "crmail/cli/config_options.def"
#undef OPTION
	CONFIG_COUNT
};

struct config {
	char *text[CONFIG_COUNT];     /* as written, or the default; never NULL */
	int64_t number[CONFIG_COUNT]; /* of the kind "number" */
};

/* Called for each thing that is wrong: line number (0 = the file as a whole) and a sentence. */
typedef void (*config_wrong_fn)(void *ctx, int line, const char *what);

/* Starts from the defaults and reads the file; a missing file is fine. What is wrong is told to
 * `wrong` (may be NULL) and left at its default. -1 only when the file cannot be read. */
int config_read(struct config *c, const char *path, config_wrong_fn wrong, void *ctx,
	struct err *e) NODISCARD;
void config_release(struct config *c);
const char *config_name(enum config_key k); /* "ui.keymap" */

#endif
