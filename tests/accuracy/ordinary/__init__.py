"""Log lines in which nothing went wrong, made at run time: real programs talk (programs.py), applications write (applications.py)."""
