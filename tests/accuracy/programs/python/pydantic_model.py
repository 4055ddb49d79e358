#: run: {"3.11": "{work}/venv/bin/python {dir}/{file}"}
#: type: pydantic_core._pydantic_core.ValidationError
#: message: |-
#:   2 validation errors for Order
#:   quantity
#:     Input should be greater than 0 [type=greater_than, input_value=-1, input_type=int]
#: frames: main read ...
from pydantic import BaseModel, Field


class Order(BaseModel):
    sku: str
    quantity: int = Field(gt=0)


def read(body):
    return Order.model_validate(body)  #@ read read


read({"quantity": -1})  #@ main <module>
