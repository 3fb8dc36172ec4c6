"""What the system tests stand on: servers, terminals, mail generators.  See tests/README.md."""
