# Measuring beside other programs; see bench/README.md.
EXTRA_DIST += bench/run bench/report bench/README.md bench/figures bench/measure.py bench/table.py bench/corpus.py bench/screen.py \
	bench/starting.py bench/importing.py bench/searching.py bench/screens.py bench/peers.py bench/timelines.py bench/syncing.py bench/dovecot.py
EXTRA_DIST += bench/million.py bench/big.py bench/older.py
