"""What the rulebook says, as pure functions: no file, no database, no clock, no screen."""
