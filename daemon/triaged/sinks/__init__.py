"""Where reports go; one a file."""
