/* main.c - the process: locale, options, wiring. No behaviour of its own. */
#include "config.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>

int main(void)
{
	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
	puts(PACKAGE_STRING);
	return 0;
}
