/*
 * progress.h - the line about the first download of an account's mail: how much is done, how fast,
 * how long it takes. Pure; one thread at a time.
 */
#ifndef CRMAIL_SYNC_PROGRESS_H
#define CRMAIL_SYNC_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_SAMPLES 16

struct progress { /* zeroed = nothing seen yet */
	struct {
		int64_t at_ms, done;
	} seen[PROGRESS_SAMPLES]; /* oldest first, at least a second apart */
	size_t n;
	int64_t done, total, now_ms;
};

/* What is fetched and wanted at this moment (monotonic); total 0 = nothing runs. */
void progress_note(struct progress *p, int64_t now_ms, int64_t done, int64_t total);
/* "Fetching mail: 1,200 of 20,000 · 85 a second · 4 min left"; false = nothing runs. Speed and time
 * are left out until they are known. */
bool progress_line(const struct progress *p, char *out, size_t size);

#endif
