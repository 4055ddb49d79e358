"""Every metric we keep, with its labels. No label ever holds event data: each value comes from a closed set or from configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

STAGES = ("accept", "complete", "triage", "record", "publish")
"""A delivery from its verified body to its commit; a batch of them triaged, completed by what its source's API knows, and stored; one piece of publishing."""

_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Ticks(Protocol):
    def monotonic(self) -> float:
        """Seconds."""


class Metrics:
    """One registry of its own, so that two daemons in one test process do not share numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.deliveries = self._counter("deliveries", "Deliveries by what became of them at the door", "source", "result")
        self.events = self._counter("events", "Events understood, repeats included", "source", "category")
        self.groups = self._counter("groups", "Different errors seen", "repository")
        self.issues = self._counter("issues_created", "Issues filed", "repository")
        self.pull_requests = self._counter("pull_requests_created", "Pull requests opened", "repository")
        self.dropped = self._counter("dropped", "Events that no ticket was made of, by reason", "reason")
        self.splits = self._counter(
            "splits_proposed", "Groups that hold so many different stacks or messages that they may be several errors"
        )
        self.dead_letters = self._gauge("dead_letters", "What could not be processed or filed and waits for a person")
        self.pending = self._gauge("journal_pending", "Deliveries accepted and not yet settled")
        self.balance = self._gauge(
            "deliveries_balance", "Accepted deliveries by where they are; accepted is the sum of the others", "state"
        )
        self.withheld = self._gauge("withheld", "Tickets of a storm that wait for their turn")
        self.rules_reloads = self._counter("rules_reloads", "Sets of rules and templates that were read while running", "result")
        self.rules_refused = self._gauge("rules_refused", "1 while the rules and templates that lie there are refused and older ones hold")
        self.processing = Histogram("triaged_processing_seconds", "From accepted to filed", buckets=_SECONDS, registry=self.registry)
        self.stage = Histogram("triaged_stage_seconds", "By step of the pipeline", ["stage"], buckets=_SECONDS, registry=self.registry)
        self._stages = {stage: self.stage.labels(stage) for stage in STAGES}  # looked up once: that costs more than counting
        self.github_requests = self._counter("github_requests", "Requests to GitHub", "route", "status")
        self.github_remaining = self._gauge("github_rate_limit_remaining", "As GitHub last said", "resource")
        self.cloudwatch_lag = self._gauge("cloudwatch_lag_seconds", "How far behind a log group's reading is", "log_group")
        self.missed = self._counter("source_missed", "What a push had missed and the source's API gave", "source")
        self.last_delivery = self._gauge("source_last_delivery_timestamp_seconds", "When a source last delivered", "source")

    @contextmanager
    def taking(self, stage: str, clock: Ticks) -> Iterator[None]:
        """Observes how long what stands in here takes, unless it raises. ``stage`` is one of ``STAGES``."""
        began = clock.monotonic()
        yield
        self._stages[stage].observe(clock.monotonic() - began)

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"triaged_{name}", documentation, labels, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(f"triaged_{name}", documentation, labels, registry=self.registry)
