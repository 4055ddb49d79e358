"""A deterministic simulator of the whole daemon: one seed is one history, the same each time.

The daemon is the real one: door, journal, workers, publisher, sink, code host, limiter and client, over real SQLite files. Around it
everything is simulated, and drawn from the seed:

- ``loop``      an asyncio loop on virtual time, in which what is ready runs in a seeded order
- ``process``   one process of the daemon, until it is stopped or killed
- ``network``   the model of GitHub behind a network that loses, repeats, delays and comes late
- ``disk``      commits that take time, fail, are torn, or are lost with the power
- ``senders``   Sentry and Slack, with repeats and retries; a log of every answer
- ``scenario``  what a seed stands for
- ``world``     one history, process after process
- ``history``   judges it; shares no code with the daemon
- ``manners``   what the daemon had heard when it came to GitHub although told to wait
- ``blind``     the same with blind retry, for comparison
- ``index``     every fault at every I/O call of one small history
- ``many``      many of all that, over all cores
- ``mutants``   the protocol undone line by line, to see whether all this would notice
"""
