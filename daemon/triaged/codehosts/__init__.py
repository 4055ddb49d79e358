"""Where the code is."""
