"""What it costs: ``make bench``. Every figure is a ratio or a median of several rounds in one run; how much they differ stands beside it."""
