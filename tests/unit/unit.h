/* unit.h - what every unit test includes: cmocka with the headers it wants before it. */
#ifndef CRMAIL_TEST_UNIT_H
#define CRMAIL_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
