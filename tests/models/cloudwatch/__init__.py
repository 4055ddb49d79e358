"""A model of CloudWatch Logs: ``model.CloudWatch`` is the service without sockets, ``server.served`` puts it on one."""

from .model import CloudWatch
from .server import served

__all__ = ["CloudWatch", "served"]
