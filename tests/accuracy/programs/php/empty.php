//: type: LogicException
//: message: ""
//: frames: main refund
<?php

$refund = static function (int $order): never {
    throw new LogicException(); //@ refund {closure}
};

$refund(17); //@ main
