"""Ways to find a fix."""
