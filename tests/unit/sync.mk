# Unit tests of src/sync.
