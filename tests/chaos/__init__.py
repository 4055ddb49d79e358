"""The daemon as a real process, killed, stopped and starved on purpose: ``make chaos``.

- ``load``     Sentry in a process of its own: sends signed webhooks and writes down each 2xx
- ``checker``  what was acknowledged against the issues there are; shares no code with the daemon
- ``storm``    the daemon under that load, killed again and again, filing to the model of GitHub
"""
