/* replay.c - main() of a fuzz target without libFuzzer: runs every seed of its corpus once and
 * prints TAP. Knows nothing of the target but LLVMFuzzerTestOneInput. */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_MAX_BYTES = 16 << 20 };

static int is_seed(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Reads the whole file; caller frees with free(). NULL if it cannot be read or is too long. */
static uint8_t *seed_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SEED_MAX_BYTES);

	if (f && data) {
		*size = fread(data, 1, SEED_MAX_BYTES, f);
		if (!ferror(f) && feof(f)) {
			fclose(f);
			return data;
		}
	}
	if (f)
		fclose(f);
	free(data);
	return NULL;
}

static int seed_run(const char *folder, const char *name, int number)
{
	char path[4400];
	size_t size = 0;
	uint8_t *data;

	int length = snprintf(path, sizeof(path), "%s/%s", folder, name);

	data = length > 0 && (size_t)length < sizeof(path) ? seed_read(path, &size) : NULL;
	if (data) {
		/* An exact copy, so that the sanitizer sees a read past the end. */
		uint8_t *exact = malloc(size ? size : 1);

		if (!exact)
			abort();
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	printf("%s %d - %s\n", data ? "ok" : "not ok", number, name);
	fflush(stdout);
	free(data);
	return data ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *source = getenv("CRMAIL_SRCDIR");
	const char *slash = strrchr(argv[0], '/');
	char folder[4000];
	struct dirent **seeds = NULL;
	int n, failed = 0;

	if (argc > 1)
		snprintf(folder, sizeof(folder), "%s", argv[1]);
	else
		snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", source ? source : ".",
			slash ? slash + 1 : argv[0]);
	n = scandir(folder, &seeds, is_seed, alphasort);
	if (n <= 0) {
		printf("1..1\nnot ok 1 - %s has no seeds\n", folder);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		failed |= seed_run(folder, seeds[i]->d_name, i + 1);
		free(seeds[i]);
	}
	free(seeds);
	return failed;
}
