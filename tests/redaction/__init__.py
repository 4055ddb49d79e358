"""A labelled truth for what must leave a text before it is published, and for what must stay. README.md tells how it is made."""
