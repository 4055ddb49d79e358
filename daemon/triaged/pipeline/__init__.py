"""From a delivery to a ticket."""
