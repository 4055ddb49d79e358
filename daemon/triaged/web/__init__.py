"""The listener for webhooks, and what people and Prometheus look at."""
