# Measuring beside other programs; see bench/run.
EXTRA_DIST += bench/run bench/corpus.py bench/screen.py
