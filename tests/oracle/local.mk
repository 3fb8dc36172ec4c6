# What others read in the same mail: Python's email package beside `crmail parse`.
TESTS += tests/oracle/run
EXTRA_DIST += tests/oracle/run tests/oracle/generate.py tests/oracle/reader.py tests/oracle/differences.py
