"""A deterministic simulator of the whole daemon: one seed is one history, the same each time."""
