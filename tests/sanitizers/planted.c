/* planted.c - shows that this build's sanitizers are awake: each child does one thing that must
 * end it, and the test fails for every child that lives. Built only with a sanitizer. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct planted {
	const char *name;
	void (*run)(void);
};

#ifdef __SANITIZE_THREAD__
static int shared_count;

static void *count_up(void *arg)
{
	for (int i = 0; i < 100000; i++)
		shared_count++;
	return arg;
}

static void plant_race(void)
{
	pthread_t other;

	if (pthread_create(&other, NULL, count_up, NULL) != 0)
		return;
	count_up(NULL);
	pthread_join(other, NULL);
}
#endif

#ifdef __SANITIZE_ADDRESS__
static void plant_overflow(void)
{
	volatile char *p = malloc(8);
	volatile size_t past = 8;

	p[past] = 1;
	free((void *)p);
}
#endif

#ifdef PLANT_UNDEFINED
static void plant_shift(void)
{
	volatile int bits = 40;
	volatile int value = 1;

	value <<= bits;
}
#endif

static const struct planted table[] = {
#ifdef __SANITIZE_THREAD__
	{"race", plant_race},
#endif
#ifdef __SANITIZE_ADDRESS__
	{"overflow", plant_overflow},
#endif
#ifdef PLANT_UNDEFINED
	{"shift", plant_shift},
#endif
	{NULL, NULL},
};

/* 1 if the child ended well, which no sanitizer may allow. */
static int lives(const struct planted *p)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		/* What the sanitizer prints is expected, and would only alarm. */
		if (!freopen("/dev/null", "w", stderr))
			_exit(0);
		p->run();
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
	int number = 0, failed = 0;

	for (const struct planted *p = table; p->name; p++) {
		int living = lives(p);

		printf("%s %d - planted__is_caught__%s\n", living ? "not ok" : "ok", ++number,
			p->name);
		fflush(stdout);
		failed |= living;
	}
	printf("1..%d\n", number);
	return failed;
}
