"""The daemon as a real process, killed, stopped and starved on purpose: ``make chaos``.

- ``storm``    under load, killed again and again, filing to the model of GitHub
- ``steps``    killed at each system call on the way of a delivery to its ticket; each call for the disk failing (strace)
- ``power``    the power failing at each moment: what was not flushed is lost or torn (strace)
- ``disk``     a disk without room, and with room again; a slow one (strace)
- ``start``    ready again with a million rows
- ``speed``    from a delivery to the creation of its issue, and what an error costs in requests
- ``load``     Sentry in a process of its own: sends signed webhooks and writes down each 2xx
- ``checker``  what was acknowledged against the issues there are

``load`` and ``checker`` share no code with the daemon.
"""
