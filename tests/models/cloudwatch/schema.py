"""botocore's own description of CloudWatch Logs: whether a request and an answer fit it.

botocore's validator looks at types, names, what is required and at minima; maxima, patterns and enumerations of its description are
looked at here, because the service does.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

COMMON = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InternalFailure",
        "MissingAuthenticationTokenException",
        "ThrottlingException",
        "UnrecognizedClientException",
    }
)
"""Errors that every operation may answer with: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html"""


class WrongModel(AssertionError):
    """The model said something that the service could not have said."""


class WrongRequests(AssertionError):
    """A client asked for what the service does not know, or what the model does not do."""


@cache
def service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("logs", "service-2"), "logs")


def operation(name: str) -> OperationModel | None:
    return service().operation_model(name) if name in service().operation_names else None


def misfit(asked: Mapping[str, Any], model: OperationModel) -> str:
    """What of a request botocore would not even have sent; empty: nothing."""
    report = ParamValidator().validate(dict(asked), model.input_shape)
    return report.generate_report() if report.has_errors() else ""


def constraints(asked: Mapping[str, Any], model: OperationModel) -> list[str]:
    """What the service itself refuses of a request, in its words. Names that it does not know it ignores."""
    return list(_constraints(asked, model.input_shape, ""))


def check_answer(answer: Mapping[str, Any], model: OperationModel) -> None:
    """Raises WrongModel."""
    report = ParamValidator().validate(dict(answer), model.output_shape)
    wrong = [report.generate_report()] if report.has_errors() else list(_constraints(answer, model.output_shape, ""))
    if wrong:
        raise WrongModel(f"{model.name}: {'; '.join(wrong[:5])}")


def check_error(code: str, model: OperationModel) -> None:
    """Raises WrongModel."""
    if code not in COMMON and code not in {shape.name for shape in model.error_shapes}:
        raise WrongModel(f"{model.name} does not answer with {code}")


def _constraints(value: Any, shape: Shape, name: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for member, inner in value.items():
            if member in shape.members:
                yield from _constraints(inner, shape.members[member], member)
    elif shape.type_name == "list":
        yield from _range(len(value), shape, value, name, "length ")
        for inner in value:
            yield from _constraints(inner, shape.member, name)
    elif shape.type_name == "string":
        yield from _string(value, shape, name)
    elif shape.type_name in ("integer", "long"):
        yield from _range(value, shape, value, name, "value ")


def _string(value: str, shape: Shape, name: str) -> Iterator[str]:
    yield from _range(len(value), shape, value, name, "length ")
    pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield f"Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    if allowed and value not in allowed:
        yield f"Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(allowed)}]"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _range(measured: int, shape: Shape, value: Any, name: str, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    fails = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must have {what}"
    if least is not None and measured < least:
        yield f"{fails}greater than or equal to {least}"
    if most is not None and measured > most:
        yield f"{fails}less than or equal to {most}"
