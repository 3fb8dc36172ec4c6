# Unit tests of src/provider.
