"""What holds deliveries until they are settled."""
