"""What several sources, stores and sinks share."""
