"""Where records come from; one a file."""
